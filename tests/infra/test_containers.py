"""The container files hold together: structure, references, no secrets. No container engine runs here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
COMPOSE = INFRA / "compose" / "compose.yaml"
KUBERNETES = INFRA / "kubernetes"
DOCKERFILE = INFRA / "Dockerfile"
SECRET_NAMES = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|CONNECTION_URL|MINIO_ROOT|MC_HOST")


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text("utf-8")))


def manifests() -> list[dict[str, Any]]:
    names = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))["resources"]
    return [one for name in names for one in yaml.safe_load_all((KUBERNETES / name).read_text("utf-8"))]


def pods() -> list[tuple[str, dict[str, Any]]]:
    kinds = ("Deployment", "StatefulSet", "Job")
    return [(one["metadata"]["name"], one["spec"]["template"]["spec"]) for one in manifests() if one["kind"] in kinds]


def environment(container: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in container.get("env", [])}


def test_prefect_and_the_warehouse_have_a_database_each() -> None:
    services = compose()["services"]
    assert services["prefect-db"]["volumes"] != services["warehouse-db"]["volumes"]
    assert "@prefect-db/" in services["prefect"]["environment"]["PREFECT_SERVER_DATABASE_CONNECTION_URL"]
    assert "@warehouse-db/" in services["worker"]["environment"]["NIANBAO_WAREHOUSE"]
    stateful = {one["metadata"]["name"] for one in manifests() if one["kind"] == "StatefulSet"}
    assert stateful == {"prefect-db", "warehouse-db"}


def test_every_service_that_is_waited_for_exists_and_says_when_it_is_well() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for other, wait in service.get("depends_on", {}).items():
            assert other in services, name
            if wait["condition"] == "service_healthy":
                assert services[other]["healthcheck"]["test"], other
            else:
                assert services[other]["restart"] == "no", f"{other} has to end"


def test_every_volume_is_declared() -> None:
    found = compose()
    for service in found["services"].values():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in found["volumes"]


def test_workers_can_be_scaled() -> None:
    worker = compose()["services"]["worker"]
    assert "container_name" not in worker
    assert "ports" not in worker
    assert next(one for one in manifests() if one["metadata"]["name"] == "worker")["spec"]["replicas"] >= 2


def test_images_have_a_version_and_our_own_is_built_from_the_dockerfile() -> None:
    images = {service["image"] for service in compose()["services"].values()}
    images |= {container["image"] for _, pod in pods() for container in pod["containers"]}
    assert {image for image in images if image.endswith(":latest") or ":" not in image} == {"nianbao:latest"}
    build = compose()["services"]["worker"]["build"]
    assert (COMPOSE.parent / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE


def test_selectors_find_their_pods_and_services_their_names() -> None:
    labels = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"]
        for one in manifests()
        if one["kind"] in ("Deployment", "StatefulSet")
    }
    for one in manifests():
        if one["kind"] in ("Deployment", "StatefulSet"):
            assert one["spec"]["selector"]["matchLabels"] == labels[one["metadata"]["name"]]
        if one["kind"] == "Service":
            assert one["spec"]["selector"] in labels.values()
    services = {one["metadata"]["name"] for one in manifests() if one["kind"] == "Service"}
    (settings,) = [one["data"] for one in manifests() if one["kind"] == "ConfigMap"]
    assert "prefect" in services
    assert "//prefect:4200/" in settings["PREFECT_API_URL"]
    assert settings["NIANBAO_WAREHOUSE"].split("@")[1].split("/")[0] in services


def test_pods_ask_for_resources_and_are_not_root() -> None:
    for name, pod in pods():
        for container in pod["containers"]:
            assert container["resources"]["requests"], name
            assert container["resources"]["limits"]["memory"], name
            if container["image"].startswith("nianbao"):
                assert pod["securityContext"]["runAsNonRoot"], name


def test_the_volumes_that_pods_mount_are_there() -> None:
    claims = {one["metadata"]["name"] for one in manifests() if one["kind"] == "PersistentVolumeClaim"}
    for name, pod in pods():
        declared = {volume["name"]: volume for volume in pod.get("volumes", [])}
        for volume in declared.values():
            assert volume["persistentVolumeClaim"]["claimName"] in claims
        if name == "worker":
            assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == set(declared)


def test_secrets_come_from_the_environment_alone() -> None:
    for name, service in compose()["services"].items():
        for key, value in service.get("environment", {}).items():
            if SECRET_NAMES.search(key):
                assert re.search(r"\$\{[A-Z_]+(:\?[^}]*)?\}", value), f"{name}: {key}"
    for name, pod in pods():
        for container in pod["containers"]:
            for key, one in environment(container).items():
                if SECRET_NAMES.search(key):
                    assert one["valueFrom"]["secretKeyRef"]["name"] == "nianbao-secrets", f"{name}: {key}"
    example = (INFRA / "compose" / ".env.example").read_text("utf-8")
    assert re.findall(r"^\w*(?:PASSWORD|KEY)\w*=(.+)$", example, flags=re.MULTILINE) == []


@pytest.mark.parametrize("kind", ["Secret"])
def test_no_secret_is_kept_with_the_manifests(kind: str) -> None:
    assert [one for one in manifests() if one["kind"] == kind] == []


def instructions() -> list[str]:
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text("utf-8"))
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def test_the_dockerfile_follows_the_usual_rules() -> None:
    lines = instructions()
    froms = [line for line in lines if line.startswith("FROM")]
    assert all(":" in line and ":latest" not in line for line in froms), "DL3006, DL3007: images have a version"
    assert [line for line in lines if line.startswith("USER")] == ["USER nianbao"], "DL3002: not root"
    assert not [line for line in lines if line.startswith("ADD")], "DL3020: COPY"
    assert not [line for line in lines if "sudo" in line], "DL3004"
    for line in lines:
        if "apt-get install" in line:
            assert "--no-install-recommends" in line, "DL3015"
            assert "rm -rf /var/lib/apt/lists" in line, "DL3009"
            assert "-y" in line, "DL3014"
        if line.startswith(("CMD", "ENTRYPOINT")):
            assert "[" in line, "DL3025: the form of a list"
        if line.startswith("WORKDIR"):
            assert line.split()[1].startswith("/"), "DL3000"
        if "pip install" in line:
            assert "--no-deps" in line, "nothing is resolved while the image is built"


def test_what_the_dockerfile_copies_is_there_and_not_ignored() -> None:
    ignored = set((ROOT / ".dockerignore").read_text("utf-8").split())
    copied = [
        word
        for line in instructions()
        if line.startswith("COPY") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert "requirements.lock" in copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert name.strip("./") not in ignored
    assert {".git", ".venv", "data", "**/.env"} <= ignored


def test_what_was_not_tried_is_said() -> None:
    for file in (DOCKERFILE, COMPOSE, KUBERNETES / "README.md"):
        text = file.read_text("utf-8")
        assert re.search(r"no image has been built|nobody has (started|applied)", text), file.name

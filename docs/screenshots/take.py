"""The pictures of the handbook, taken anew: `make screenshots`. A harvest of the replica sites on a server of its own,
looked at in headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from PIL import Image

from flows import server, system
from infra.replica.registry import write_registry
from infra.replica.server import running

HERE = Path(__file__).resolve().parent
LIMIT = 150_000  # bytes of a picture
_WAIT = "60000"  # milliseconds of virtual time for a page's scripts


def main() -> int:
    """Take all pictures. Gives 1 when there is no Chromium or a picture is too large."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="nianbao-pictures-") as folder:
        data = Path(folder) / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "NIANBAO_"))}
        standing = server.start(data, port=port, environ=plain, tell=print)
        try:
            pages = _prepared(data, standing, plain)
            return max(_picture(chromium, Path(folder), name, url, size) for name, (url, size) in pages.items())
        finally:
            server.stop(data)


def _prepared(data: Path, standing: server.Server, plain: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Harvest and look around; the pages to take, with the sizes of their windows."""
    with running() as replicas:
        registry = data.parent / "registry"
        write_registry(registry, replicas.port)
        environ = {
            **plain,
            "PREFECT_API_URL": standing.api_url,
            "NIANBAO_REGISTRY": str(registry),
            "NIANBAO_DATA": str(data),
        }
        _run(environ, "harvest", "--year", "2020-2021")
        replicas.set("replica-zhongwei", "captcha")
        _run(environ, "harvest", "--year", "2017", "--year", "2020-2021")
        _run(environ, "watch", "--year", "2021")
    system.apply(data, standing, schedules=False, environ=plain)
    ui = standing.ui_url
    harvest = _newest(standing, "harvest")
    forms = _ask(standing, "deployments/filter", {})
    backfill = next(one["id"] for one in forms if one["entrypoint"].endswith("backfill"))
    return {
        "runs": (f"{ui}/runs", "1500,900"),
        "run": (f"{ui}/runs/flow-run/{harvest}?tab=Artifacts", "1500,900"),
        "summary": (f"{ui}/artifacts/artifact/{_artifact(standing, harvest, 'harvest-summary')}", "1500,900"),
        "attention": (f"{ui}/artifacts/artifact/{_artifact(standing, harvest, 'harvest-attention')}", "1500,640"),
        "coverage": (f"{ui}/artifacts/artifact/{_artifact(standing, harvest, 'coverage')}", "1500,640"),
        "form": (f"{ui}/deployments/deployment/{backfill}/run", "1300,1400"),
    }


def _run(environ: dict[str, str], *words: str) -> None:
    # A harvest with a refusal in it ends with 1, which is what the pictures are to show.
    command = [sys.executable, "-m", "flows.cli", *words]
    subprocess.run(command, env=environ, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def _picture(chromium: str, folder: Path, name: str, url: str, size: str) -> int:
    raw, kept = folder / f"{name}.png", HERE / f"{name}.png"
    command = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--hide-scrollbars"]
    # Pages fade in: without all stages the picture is taken before they are there.
    command += ["--force-prefers-reduced-motion", "--run-all-compositor-stages-before-draw"]
    options = [f"--user-data-dir={folder / 'profile'}", f"--window-size={size}", f"--virtual-time-budget={_WAIT}"]
    command += [*options, f"--screenshot={raw}", url]
    subprocess.run(command, check=True, capture_output=True, timeout=300)  # noqa: S603 - fixed arguments
    Image.open(raw).convert("RGB").quantize(128).save(kept, optimize=True)
    print(f"{kept.name}: {kept.stat().st_size} bytes")
    return int(kept.stat().st_size > LIMIT)


def _newest(standing: server.Server, flow: str) -> str:
    wanted = {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_DESC", "limit": 1}
    return str(_ask(standing, "flow_runs/filter", wanted)[0]["id"])


def _artifact(standing: server.Server, run: str, key: str) -> str:
    wanted = {"flow_runs": {"id": {"any_": [run]}}, "artifacts": {"key": {"any_": [key]}}}
    return str(_ask(standing, "artifacts/filter", wanted)[0]["id"])


def _ask(standing: server.Server, path: str, body: dict[str, Any]) -> Any:
    headers = {"content-type": "application/json"}
    request = Request(f"{standing.api_url}/{path}", json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - our own server
    with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())

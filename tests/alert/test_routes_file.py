"""The routes file: what is right is taken, what is wrong is told with its line and without its value."""

from __future__ import annotations

from pathlib import Path

import pytest

import deployments
from schemas.alert_routes import AlertRoutes, Route
from schemas.errors import SettingsError
from schemas.report import Severity
from tasks.alert import load_routes
from tests.conftest import CHECKOUT

EXAMPLE = CHECKOUT / "deployments" / "alerts.yaml"
SECRET = "hunter2-Zq9x"


def write(folder: Path, text: str) -> Path:
    path = folder / "alerts.yaml"
    path.write_text(text, "utf-8")
    return path


def fault(folder: Path, text: str) -> str:
    """What is said of a file with this text."""
    with pytest.raises(SettingsError) as refusal:
        load_routes(write(folder, text))
    assert refusal.value.code == "settings.alerts"
    assert refusal.value.where == str(folder / "alerts.yaml")
    return refusal.value.message


def test_the_example_is_right_and_shows_every_key_with_its_default() -> None:
    routes = load_routes(EXAMPLE)
    assert {receiver.service for receiver in routes.receivers.values()} == {
        "email", "slack", "wecom", "dingtalk", "feishu", "webhook",
    }  # fmt: skip
    text = EXAMPLE.read_text("utf-8")
    for model in (AlertRoutes, *(type(one) for one in (*routes.receivers.values(), *routes.routes))):
        for key in model.model_fields:
            assert f"{key}:" in text, key
    plain = AlertRoutes()
    assert (routes.immediate, routes.quarantined_above) == (plain.immediate, plain.quarantined_above)
    assert (routes.absence, routes.delivery) == (plain.absence, plain.delivery)


def test_an_empty_file_tells_nobody(tmp_path: Path) -> None:
    assert load_routes(write(tmp_path, "# nothing yet\n")) == AlertRoutes()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load_routes(tmp_path / "none.yaml")


GOOD = """\
receivers:
  ops:
    service: feishu
    address_env: OPS_FEISHU
routes:
  - to: [ops]
"""

WRONG = [
    (GOOD.replace("OPS_FEISHU", f"https://open.feishu.cn/{SECRET}"), 4, "must be the name of an environment variable"),
    (GOOD.replace("    address_env", f"    password: {SECRET}\n    address_env"), 4, "belong into the environment"),
    (GOOD.replace("service: feishu", f"service: {SECRET}"), 3, "service must be email, slack, wecom"),
    (GOOD.replace("    service: feishu\n", ""), 2, "say which service it is"),
    (GOOD.replace("feishu", "wecom") + "    regions: [620000]\n", 7, "valid string"),
    (GOOD + "    regions: ['6200']\n", 1, "must be without regions"),
    (GOOD + "    regions: ['62x']\n", 7, "GB/T 2260"),
    (GOOD + "    severity: fatal\n", 7, "'error', 'warning' or 'info'"),
    (GOOD + "    digest: daily\n", 7, "'always', 'problems', 'changes' or 'never'"),
    (GOOD + "  - to: [boss]\n", 1, "not listed: boss"),
    (GOOD.replace("[ops]", "[]"), 6, "at least 1 item"),
    (GOOD + f"    imediate: {SECRET}\n", 7, "unknown key"),
    (GOOD + "immediate: [fetch.challenge, fetch.nothing]\n", 7, "not a reason code"),
    (GOOD + f"quarantined_above: {SECRET}\n", 7, "valid integer"),
    (GOOD + "delivery:\n  timeout: 0\n", 8, "greater than 0"),
    (GOOD + "routes: []\n", 7, "routes is there twice"),
    (GOOD.replace("    address", "    sign_env: A\n    sign_env: B\n    address"), 5, "sign_env is there twice"),
    (GOOD.replace("feishu\n", "slack\n    sign_env: A\n"), 2, "only robots of dingtalk and feishu sign"),
    (GOOD.replace("to: [ops]", f"to: [ops, '{SECRET}"), 7, "not valid YAML"),
    (GOOD + f"token: *{SECRET}\n", 7, "not valid YAML"),
    (GOOD + f"? [{SECRET}]\n: 1\n", 7, "not valid YAML"),
    (f"- {SECRET}\n", 1, "valid dictionary"),
    (SECRET, 1, "valid dictionary"),
    (GOOD.replace("routes:\n  - to: [ops]\n", ""), 1, "no route leads to: ops"),
    (GOOD.replace("  ops:", "  Ops:"), 2, "small letters, digits and dashes"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_a_fault_is_told_with_its_line_and_without_its_value(tmp_path: Path, text: str, line: int, words: str) -> None:
    said = fault(tmp_path, text)
    assert f"line {line}: " in said
    assert words in said
    assert SECRET not in said
    assert "hunter2" not in said


MAIL = """\
receivers:
  office:
    service: email
    host: smtp.example.org
    sender: nianbao@example.org
    to: [ops@example.org]
routes:
  - to: [office]
"""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("ops@example.org", "ops"), "mail addresses"),
        (("sender: nianbao@example.org", "sender: nianbao"), "must be a mail address"),
        (("    to:", "    security: none\n    to:"), "add allow_private: true"),
        (("    to:", "    user_env: SMTP_USER\n    to:"), "user_env and password_env go together"),
        (("smtp.example.org", "smtp://smtp.example.org"), "bare host name"),
    ],
)
def test_faults_of_a_mail_receiver_are_told(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    assert words in fault(tmp_path, MAIL.replace(*change))


def test_several_faults_are_told_at_once_and_counted(tmp_path: Path) -> None:
    text = GOOD + "".join(f"    key{number}: 1\n" for number in range(7))
    said = fault(tmp_path, text)
    assert said.count("line ") == 5
    assert said.endswith("(and 2 more)")


def test_no_traceback_shows_what_stands_in_the_file(tmp_path: Path) -> None:
    """Errors of YAML and pydantic quote what they read; they are not chained to ours."""
    for text in (GOOD.replace("to: [ops]", f"to: [ops, '{SECRET}"), GOOD + f"quarantined_above: {SECRET}\n"):
        with pytest.raises(SettingsError) as refusal:
            load_routes(write(tmp_path, text))
        assert refusal.value.__cause__ is None
        assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    ("regions", "region", "taken"),
    [
        ((), None, True),
        (("62",), "620100", True),
        (("620000",), "620100", True),
        (("6201",), "620102", True),
        (("620100",), "620102", True),
        (("620102",), "620100", False),
        (("620000",), "630000", False),
        (("620000",), None, False),
        (("100000",), "110000", False),
    ],
)
def test_a_region_takes_what_lies_in_it(regions: tuple[str, ...], region: str | None, taken: bool) -> None:
    assert Route(to=("ops",), regions=regions).takes(Severity.ERROR, region) is taken


def test_the_example_travels_with_the_package() -> None:
    assert Path(next(iter(deployments.__path__))) == EXAMPLE.parent

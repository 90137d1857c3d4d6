"""The routes file: read, checked, and its faults told with line and remedy, but never with a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from schemas.alert_routes import AlertRoutes
from schemas.errors import SettingsError
from schemas.reasons import reason_codes
from schemas.yaml_lines import line_at, repeated_keys

_SERVICES = frozenset({"email", "slack", "wecom", "dingtalk", "feishu", "webhook"})
_REMEDIES = {
    "extra_forbidden": "unknown key: remove it or correct its spelling; secrets belong into the environment",
    "missing": "this key is missing",
    "union_tag_not_found": "say which service it is: email, slack, wecom, dingtalk, feishu or webhook",
    "union_tag_invalid": "service must be email, slack, wecom, dingtalk, feishu or webhook",
}
_FORMS = {
    "_env": "must be the name of an environment variable (capital letters, digits, _), not the secret itself",
    "[key]": "a name has small letters, digits and dashes",
    "to": "must be names of receivers, or mail addresses",
    "sender": "must be a mail address",
    "host": "must be a bare host name",
}
_MOST = 5


def load_routes(place: Path | str) -> AlertRoutes:
    """The routes file. Raises SettingsError `settings.alerts` that names each fault with its line."""
    path = Path(place)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError("settings.alerts", f"the routes file cannot be read: {said}", where=str(path)) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _wrong(path, [_syntax(error)]) from None  # the error quotes the line
    if node is None:
        return AlertRoutes()
    faults = [(line, f"{key} is there twice") for key, line in repeated_keys(node)]
    try:
        routes = AlertRoutes.model_validate(data)
    except ValidationError as error:
        faults += [_fault(node, fault) for fault in error.errors(include_url=False, include_input=False)]
        raise _wrong(path, faults) from None  # pydantic's error may hold values
    unknown = [code for code in routes.immediate if code not in reason_codes()]
    for code in unknown:
        place_in_list = routes.immediate.index(code)
        line = line_at(node, ("immediate", place_in_list))
        faults.append((line, "immediate: not a reason code; `nianbao reasons` lists them"))
    if faults:
        raise _wrong(path, faults)
    return routes


def _wrong(path: Path, faults: Sequence[tuple[int, str]]) -> SettingsError:
    told = "; ".join(f"line {line}: {said}" for line, said in sorted(faults)[:_MOST])
    more = f" (and {len(faults) - _MOST} more)" if len(faults) > _MOST else ""
    return SettingsError("settings.alerts", f"{told}{more}", where=str(path))


def _syntax(error: yaml.YAMLError) -> tuple[int, str]:
    mark = getattr(error, "problem_mark", None)
    problem = re.sub(r"'[^']*'|\"[^\"]*\"", "…", str(getattr(error, "problem", None) or "not readable"))
    return (mark.line + 1 if mark else 1), f"not valid YAML: {problem}"


def _fault(root: yaml.Node, fault: Any) -> tuple[int, str]:
    place = tuple(part for part in fault["loc"] if part not in _SERVICES)  # the tag of the union is no key
    kind = str(fault["type"])
    where = ".".join(str(part) for part in place if part != "[key]") or "the file"
    if kind == "union_tag_invalid":
        place = (*place, "service")
    if kind in _REMEDIES:
        return line_at(root, place), f"{where}: {_REMEDIES[kind]}"
    if kind == "string_pattern_mismatch":
        return line_at(root, place), f"{where}: {_form(place)}"
    return line_at(root, place), f"{where}: {str(fault['msg']).removeprefix('Value error, ')}"


def _form(place: Sequence[Any]) -> str:
    names = [str(part) for part in place if isinstance(part, str)]
    return next((said for end, said in _FORMS.items() if names and names[-1].endswith(end)), "not of the right form")

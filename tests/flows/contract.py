"""The contract of `nianbao parse --json` as a JSON schema. What it names must be there; more may be."""

from __future__ import annotations

from typing import Any

DECIMAL = {"type": ["string", "null"], "pattern": r"^[+-]?\d+(\.\d+)?$"}
TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}
EDITIONS = ["form-2021", "form-2019", "stat-2014", "stat-local", "narrative", "mixed"]
FACT_CODE = r"^(t2\.\w+\.\w+|t3\.\w+\.\w+|t4\.\w+|stat\.\w+|local\.\w+\.\w+)$"


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


LINE = {
    **_object(
        source=TEXT,
        sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
        media_type=TEXT,
        outcome={"enum": ["loaded", "flagged", "quarantined"]},
        reason={
            "anyOf": [{"type": "null"}, _object(code={"type": "string", "pattern": r"^\w+(\.\w+)+$"}, message=TEXT)]
        },
        report=_object(
            publisher=MAYBE,
            year={"type": ["integer", "null"]},
            title=MAYBE,
            edition={"enum": [*EDITIONS, None]},
            table_editions={"type": "object", "additionalProperties": {"enum": EDITIONS}},
            published_on={"type": ["string", "null"], "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"},
            period={
                "type": ["array", "null"],
                "items": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        facts=_list(
            _object(
                code={"type": "string", "pattern": FACT_CODE},
                value=DECIMAL,
                unit=MAYBE,
                state={"enum": ["number", "blank", "remark"]},
                raw=TEXT,
                place={"type": "object"},
            )
        ),
        statistics=_list(
            _object(
                metric=TEXT,
                value=DECIMAL,
                unit=MAYBE,
                qualifier=MAYBE,
                parent=MAYBE,
                quote=TEXT,
                start={"type": "integer"},
                end={"type": "integer"},
            )
        ),
        sections=_list(_object(heading=TEXT, text=TEXT)),
        findings=_list(
            _object(
                check=TEXT,
                severity={"enum": ["error", "warning", "info"]},
                verdict={"enum": ["publisher", "reading"]},
                message=TEXT,
                left=MAYBE,
                right=MAYBE,
                cells=_list({"type": "string", "pattern": FACT_CODE}),
            )
        ),
    ),
}

"""How right the engine is: every statutory cell read against every truth at hand, by source, format and edition.

Truths are cells that a person read in real documents (a folder with `real/expected.json` and `seeds/`), the figures of
the five seed reports, and generated reports whose figures are known because they were printed from them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

from flows.pipeline import understand
from schemas.report import Edition, Judgement, Outcome

Format = Literal["html", "pdf", "docx", "text", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class Case:
    """A document and its true cells (fact code → value; None for a blank cell)."""

    source: str  # real, seed, generated
    format: str
    edition: str
    name: str
    data: bytes
    cells: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of cells. `quarantined` are those of documents of which nothing would be current; `wrong` are silent."""

    documents: int = 0
    cells: int = 0
    right: int = 0
    missing: int = 0
    wrong: int = 0
    quarantined: int = 0


def measure(cases: Iterable[Case]) -> dict[tuple[str, str, str], Tally]:
    """The tally of each (source, format, edition), in the order in which they first occur."""
    found: dict[tuple[str, str, str], Tally] = {}
    for case in cases:
        key = (case.source, case.format, case.edition)
        found[key] = add(found.get(key, Tally()), case, understand(case.data, name=case.name))
    return found


def add(tally: Tally, case: Case, judgement: Judgement) -> Tally:
    """The tally with one more document. A blank cell that is absent is right: neither says a number."""
    total = len(case.cells)
    tally = replace(tally, documents=tally.documents + 1, cells=tally.cells + total)
    if judgement.report is None or judgement.outcome is Outcome.QUARANTINED:
        return replace(tally, quarantined=tally.quarantined + total)
    read = {fact.code: fact.value for fact in judgement.report.facts}
    missing = sum(value is not None and code not in read for code, value in case.cells.items())
    wrong = sum(code in read and read[code] != value for code, value in case.cells.items())
    return replace(
        tally,
        right=tally.right + total - missing - wrong,
        missing=tally.missing + missing,
        wrong=tally.wrong + wrong,
    )


def real_cases(folder: Path) -> Iterator[Case]:
    """Documents of which a person read the cells: those in `real/expected.json` of the folder."""
    expected = json.loads((folder / "real" / "expected.json").read_text("utf-8"))
    for name, truth in expected.items():
        cells = {code: None if value is None else Decimal(value) for code, value in truth["cells"].items()}
        edition = " + ".join(dict.fromkeys(truth["table_editions"].values()))
        path = folder / "real" / name
        yield Case("real", path.suffix.lstrip("."), edition, name, path.read_bytes(), cells)


def seed_cases(folder: Path) -> Iterator[Case]:
    """The five seed reports; each is told by the publisher and year that its first lines name."""
    from infra.replica.truth import seed_truths

    for path in sorted((folder / "seeds").glob("*.txt")):
        head = "".join(path.read_text("utf-8")[:300].split())
        for truth in seed_truths().values():
            if truth.publisher.name in head and f"{truth.year}年" in head and truth.cells:
                edition = " + ".join(dict.fromkeys(truth.editions.values()))
                yield Case("seed", "txt", edition, path.name, path.read_bytes(), truth.cells)


def generated_cases(count: int, *, seed: int = 0) -> Iterator[Case]:
    """`count` random reports in random layouts for each format; the same seed gives the same documents."""
    from infra.replica.documents import printed_cells, render
    from infra.replica.documents.random_quirks import random_quirks
    from infra.replica.random_reports import random_truth

    for format in FORMATS:  # noqa: A001 - the natural word
        for number in range(seed, seed + count):
            rng = random.Random(f"{format}-{number}")
            quirks = random_quirks(rng, format)
            truth = random_truth(rng, blanks=rng.random() < 0.2, remarks=rng.random() < 0.2)
            cells = printed_cells(truth, quirks)
            if not cells:
                continue
            edition = " + ".join(dict.fromkeys(truth.editions.values())) or "narrative"
            suffix = "txt" if format == "text" else format
            yield Case("generated", suffix, edition, f"{number}.{suffix}", render(truth, format, quirks), cells)


def annex_cases(count: int, *, seed: int = 0) -> Iterator[Case]:
    """`count` reports of 2015 to 2018 with a statistical annex, in random layouts, for each format."""
    from infra.replica.documents import printed_cells, render
    from infra.replica.documents.random_quirks import random_quirks
    from infra.replica.publishers import publishers
    from infra.replica.sample import sample_truth

    for format in FORMATS:  # noqa: A001 - the natural word
        for number in range(seed, seed + count):
            rng = random.Random(f"{format}-annex-{number}")
            annex = rng.choice((Edition.STAT_2014, Edition.STAT_LOCAL))
            truth = sample_truth(rng.choice(list(publishers().values())), rng.randint(2015, 2018), annex=annex)
            quirks = random_quirks(rng, format)
            cells = printed_cells(truth, quirks)
            if cells:  # the report of a seed year is the seed's, which may have no annex
                suffix = "txt" if format == "text" else format
                name = f"annex-{number}.{suffix}"
                yield Case("generated", suffix, annex.value, name, render(truth, format, quirks), cells)

"""Documents of the archive read again on two workers: guarded processes, as a harvest uses them, and Dask."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterable, Sequence

from benchmarks.documents import Sample, samples
from benchmarks.row import Row, Size, pick
from flows.pipeline import understand
from flows.readers import Job, Readers
from schemas.report import Judgement

_BATCH = 10  # documents of one Dask task


def two_workers(size: Size) -> Iterable[Row]:
    """Wall time on one worker over wall time on two; and what two bare processes gain on this machine meanwhile."""
    found = (*samples("pdf", pick(size, 1, 12, 40)), *samples("html", pick(size, 1, 12, 40)))
    documents = [found[number % len(found)] for number in range(pick(size, 4, 300, 3000))]
    rounds = pick(size, 1, 2, 2)
    limit = _machine(pick(size, 200_000, 6_000_000, 10_000_000), rounds)
    for name, how in (("guarded processes", _with_readers), ("Dask", _with_dask)):
        one, two = float("inf"), float("inf")
        wrong = None
        for _ in range(rounds):
            seconds, judgements = how(documents, 1)
            one = min(one, seconds)
            wrong = wrong or _wrong(documents, judgements)
            seconds, judgements = how(documents, 2)
            two = min(two, seconds)
            wrong = wrong or _wrong(documents, judgements)
        yield Row(
            f"reparse {name}",
            f"{len(documents):,} documents read again on two workers ({name})",
            "one worker",
            one / two,
            "every statutory cell of every document is right, on one and on two",
            wrong,
            at_least=1.8,
            figures={
                "two_bare_processes_gain": round(limit, 2),
                "of_what_the_machine_gives": round(one / two / limit, 2),
                "documents_per_s_one": round(len(documents) / one, 1),
                "documents_per_s_two": round(len(documents) / two, 1),
            },
        )


def _with_readers(documents: Sequence[Sample], workers: int) -> tuple[float, list[Judgement]]:
    with Readers(workers) as readers:
        list(readers.examine(Job(sample.data, name=sample.name) for sample in documents[: 2 * workers]))  # started
        begun = time.perf_counter()
        found = [one.judgement for one in readers.examine(Job(each.data, name=each.name) for each in documents)]
        return time.perf_counter() - begun, found


def _with_dask(documents: Sequence[Sample], workers: int) -> tuple[float, list[Judgement]]:
    from distributed import Client, LocalCluster

    batches = [documents[start : start + _BATCH] for start in range(0, len(documents), _BATCH)]
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)  # type: ignore[no-untyped-call]
    with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
        client.gather(client.map(batch, [batches[0]] * workers, pure=False))  # every worker has its libraries
        begun = time.perf_counter()
        found = client.gather(client.map(batch, batches, pure=False))
        return time.perf_counter() - begun, [judgement for part in found for judgement in part]


def batch(documents: Sequence[Sample]) -> list[Judgement]:
    """The verdicts on a few documents."""
    return [understand(sample.data, name=sample.name) for sample in documents]


def _wrong(documents: Sequence[Sample], judgements: Sequence[Judgement]) -> str | None:
    if len(documents) != len(judgements):
        return f"{len(judgements)} verdicts on {len(documents)} documents"
    for sample, judgement in zip(documents, judgements, strict=True):
        if judgement.report is None or sample.wrong_cells(judgement.report):
            return f"{sample.name} was not read right"
    return None


def spin(rounds: int) -> int:
    """Work that nothing but the processor bounds."""
    total = 0
    for number in range(rounds):
        total += number & 7
    return total


def _machine(rounds: int, repeats: int) -> float:
    """What two processes gain over one for work that shares nothing: the most that anything can gain here and now."""
    context = multiprocessing.get_context("spawn")

    def timed(processes: int) -> float:
        with context.Pool(processes) as pool:
            pool.map(spin, [10] * processes, 1)
            begun = time.perf_counter()
            pool.map(spin, [rounds] * 8, 1)
            return time.perf_counter() - begun

    return min(timed(1) for _ in range(repeats)) / min(timed(2) for _ in range(repeats))

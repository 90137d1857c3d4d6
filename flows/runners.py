"""Where the tasks of a CPU-heavy flow run: threads of the flow's process, or a Dask cluster. By configuration only.

NIANBAO_TASK_RUNNER=dask takes Dask (the extra `dask`): the cluster at NIANBAO_DASK_ADDRESS, or a local one with
NIANBAO_DASK_WORKERS processes. The results are the same; a batch of documents is read in bounded processes either way.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from schemas.errors import SettingsError

LANES = 4
"""Batches that are read or wait to be read at the same time in one process."""


def on_dask() -> bool:
    """Whether this process is configured for Dask. Raises SettingsError `settings.task_runner` for another word."""
    named = os.environ.get("NIANBAO_TASK_RUNNER") or "threads"
    if named not in ("threads", "dask"):
        raise SettingsError("settings.task_runner", f"There is no task runner {named!r}.", where="NIANBAO_TASK_RUNNER")
    return named == "dask"


def heavy() -> TaskRunner[Any]:
    """The task runner for reading documents. Raises SettingsError `settings.task_runner` when it cannot be had."""
    if not on_dask():
        return ThreadPoolTaskRunner(max_workers=LANES)
    try:
        dask, prefect_dask = import_module("dask"), import_module("prefect_dask")
    except ImportError as error:
        message = f"Dask is not installed ({error}); it comes with the extra `dask`."
        raise SettingsError("settings.task_runner", message, where="NIANBAO_TASK_RUNNER") from error
    # Documents are read in child processes with limits, which a daemonic worker may not have.
    dask.config.set({"distributed.worker.daemon": False})
    address = os.environ.get("NIANBAO_DASK_ADDRESS")
    cluster = {"n_workers": _workers(), "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    runner: TaskRunner[Any] = prefect_dask.DaskTaskRunner(
        **({"address": address} if address else {"cluster_kwargs": cluster})
    )
    return runner


def lanes() -> int:
    """Batches in flight: enough for all workers to have one and find the next."""
    return 2 * _workers() if on_dask() else LANES


def _workers() -> int:
    return int(os.environ.get("NIANBAO_DASK_WORKERS") or max(1, (os.cpu_count() or 2) // 2))

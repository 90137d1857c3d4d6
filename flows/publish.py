"""The `publish` flow: what is current in the warehouse as files, and on request frozen as a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows import artifacts
from flows.again import run_again
from flows.conduct import years_in_words
from flows.export import export_options, folder_of
from flows.heralds import Tell, announced
from flows.parameters import PublishParameters
from tasks.load import Warehouse


def _named() -> str:
    parameters = PublishParameters.model_validate(flow_run.parameters["parameters"])
    years = years_in_words(parameters.years) if parameters.years else "all years"
    return f"publish {years}" + (f" · release {parameters.release}" if parameters.release else "")


@flow(
    name="publish",
    description="Write what is current into files (Parquet, CSV, XLSX, DuckDB); freeze a release on request.",
    flow_run_name=_named,
    persist_result=False,
    validate_parameters=True,
    on_crashed=[run_again],
)
def publish(parameters: PublishParameters) -> State[Any]:
    """One export, after the release if one is asked for; gives the folder. Raises LoadError when either cannot be."""
    folder = folder_of(parameters)
    with announced("publish", parameters) as finish:
        return _published(parameters, folder, finish)


def _published(parameters: PublishParameters, folder: Path, finish: Tell) -> State[Any]:
    with Warehouse(parameters.warehouse_url) as warehouse:
        frozen = warehouse.release(parameters.release, parameters.note) if parameters.release else None
        made = warehouse.export(folder, export_options(parameters))
    files = [{"file": file.name, "bytes": file.stat().st_size} for file in sorted(made.folder.iterdir())]
    rows = sum(made.rows.values())
    sentence = f"{rows} rows of {len(made.rows)} views written to {made.folder} (digest {made.digest[:12]})."
    if frozen is not None:
        sentence = f"Release {frozen.id} holds {frozen.reports} reports. {sentence}"
    sentence = finish(True, sentence)
    artifacts.table("publish-files", files, sentence)
    artifacts.table("publish-rows", [{"view": name, "rows": number} for name, number in made.rows.items()], sentence)
    get_run_logger().info(sentence)
    return Completed(message=sentence, data=str(made.folder))

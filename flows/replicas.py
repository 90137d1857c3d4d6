"""Replica sites in a process of their own, for as long as a harvest of them takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import NianbaoError

_START = 60.0  # seconds; the documents are generated first
_STOP = 10.0


@contextmanager
def replicas_in_a_process(data: Path) -> Iterator[Path]:
    """Start the five replica sites, and end them with the body. Gives the folder of their registry.

    They keep their port from one run to the next (in the data folder), so that addresses stay the same. They end by
    themselves when this process is killed: their standard input closes then. Raises NianbaoError `replica.not_started`.
    """
    folder = data / "replica"
    folder.mkdir(parents=True, exist_ok=True)
    memory = folder / "port"
    port = _remembered(memory)
    command = [sys.executable, "-m", "flows.cli", "replica", "--until-eof", "--any-port", "--port", str(port)]
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [*command, "--registry", str(folder / "sites")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,  # Ctrl-C is for the harvest, which then ends them
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        told = child.stdout.readline().strip()  # the port, once every address answers
        if not told.isdigit():
            raise NianbaoError("replica.not_started", "The replica sites did not start; see the message above.")
        memory.write_text(told, "utf-8")
        yield folder / "sites"
    finally:
        with suppress(OSError):
            child.stdin.close()
        try:
            child.wait(_STOP)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def _remembered(memory: Path) -> int:
    from infra.replica.server import DEFAULT_PORT

    try:
        return int(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return DEFAULT_PORT

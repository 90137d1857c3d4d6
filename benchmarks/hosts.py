"""Many hosts that answer at once: bodies made before the start, so that the client is the limit and not the server.

    python -m benchmarks.hosts HOSTS DOCUMENTS     # prints {"port": …}; a line on stdin prints the log; ends with stdin

Host n is 127.0.3.1 + n (200 to a block). `/robots.txt` allows all; `/doc/K.html` is a page of some 30 kB, another one
for every host and K.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

_ROBOTS = b"User-agent: *\nAllow: /\n"
_LETTERS = "政府信息公开工作年度报告本机关依申请主动条例规定受理答复予以部分存量结转人民群众全年发布"


def address(host: int) -> str:
    """The address of a host by its number."""
    return f"127.0.{3 + host // 200}.{1 + host % 200}"


def body(host: int, number: int) -> bytes:
    """A page of running text, the same at every call."""
    draw = random.Random(host * 10_000 + number)
    words = "".join(f"<p>{''.join(draw.choices(_LETTERS, k=90))}{draw.randint(0, 9999)}件。</p>\n" for _ in range(100))
    head = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>报告{number}</title></head>"
    return f"{head}<body>{words}</body></html>".encode()


class _Host(asyncio.Protocol):
    """HTTP/1.1 without a body in the request, one answer after another on a kept connection."""

    def __init__(self, answers: dict[bytes, bytes], log: list[float]) -> None:
        self._answers = answers
        self._log = log
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while b"\r\n\r\n" in self._held:
            head, _, self._held = self._held.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            if path != b"/robots.txt":
                self._log.append(time.monotonic())
            answer = self._answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            self._transport.write(answer)  # type: ignore[attr-defined]


async def _serve(hosts: int, documents: int) -> None:
    loop = asyncio.get_running_loop()
    logs: list[list[float]] = []
    port = 0
    for host in range(hosts):
        answers = {b"/robots.txt": _answer(_ROBOTS, b"text/plain")}
        for number in range(documents):
            answers[f"/doc/{number}.html".encode()] = _answer(body(host, number), b"text/html; charset=utf-8")
        log: list[float] = []
        logs.append(log)
        server = await loop.create_server(lambda a=answers, g=log: _Host(a, g), address(host), port)  # type: ignore[misc]
        port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port}), flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(logs), flush=True)
        for log in logs:
            log.clear()


def _answer(content: bytes, media_type: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (media_type, len(content)) + content


@dataclass(frozen=True, slots=True)
class Hosts:
    """Running hosts."""

    child: subprocess.Popen[str]
    port: int
    hosts: int
    documents: int

    def urls(self) -> list[str]:
        """Every document of every host, the hosts in turn."""
        return [
            f"http://{address(host)}:{self.port}/doc/{number}.html"
            for number in range(self.documents)
            for host in range(self.hosts)
        ]

    def hashes(self) -> set[str]:
        """SHA-256 of every document."""
        return {
            sha256(body(host, number)).hexdigest() for host in range(self.hosts) for number in range(self.documents)
        }

    def log(self) -> list[list[float]]:
        """By host, when each request since the last look came (monotonic seconds), robots.txt left out."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write("log\n")
        self.child.stdin.flush()
        found: list[list[float]] = json.loads(self.child.stdout.readline())
        return found


@contextmanager
def hosts(count: int, documents: int) -> Iterator[Hosts]:
    """Hosts in a process of their own, until the body ends."""
    words = [sys.executable, "-m", "benchmarks.hosts", str(count), str(documents)]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield Hosts(child, json.loads(child.stdout.readline())["port"], count, documents)
    finally:
        child.stdin.close()
        child.wait(30)
        child.stdout.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))

"""Bodies come whole, unpacked and within limits, or with the name of what is wrong."""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
import zlib

import pytest

from schemas.discovery import PageRequest
from schemas.errors import FetchTrouble
from tasks.fetch.body import _unpack
from tests.fetch.servers import Raw, Reply, article, serve

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 200 + b"\n%%EOF"
BARE = zlib.compressobj(wbits=-15)
DEFLATED = BARE.compress(PDF) + BARE.flush()


def packed(body: bytes, encoding: str | None, content_type="application/pdf") -> Reply:
    return Reply(body, headers=(("Content-Encoding", encoding),) if encoding else (), content_type=content_type)


def trouble_of(client, server, path="/a.pdf"):
    with pytest.raises(FetchTrouble) as trouble:
        client.fetch(server.url(path), site=server.site())
    return trouble.value


@pytest.mark.parametrize(
    "reply",
    [
        packed(gzip.compress(PDF), "gzip"),
        packed(gzip.compress(PDF), "x-gzip"),
        packed(gzip.compress(PDF), "GZIP"),
        packed(zlib.compress(PDF), "deflate"),
        packed(DEFLATED, "deflate"),
        packed(gzip.compress(gzip.compress(PDF)), "gzip, gzip"),
        packed(gzip.compress(PDF[:5000]) + gzip.compress(PDF[5000:]), "gzip"),
        packed(gzip.compress(PDF) + b"\0" * 100, "gzip"),
        packed(PDF, "identity"),
    ],
    ids=["gzip", "x-gzip", "upper case", "zlib", "bare deflate", "twice", "two members", "padded", "identity"],
)
def test_a_packed_body_is_unpacked(client, reply):
    with serve({"/a.pdf": reply}) as server:
        fetched = client.fetch(server.url("/a.pdf"), site=server.site())
    assert fetched.content == PDF
    assert fetched.evidence.bytes_received == len(reply.body)


@pytest.mark.parametrize("content_type", ["application/pdf", "text/html", None])
def test_gzip_that_was_not_declared_is_unpacked_and_noted(client, content_type):
    with serve({"/a.pdf": packed(gzip.compress(PDF), None, content_type)}) as server:
        fetched = client.fetch(server.url("/a.pdf"), site=server.site())
    assert fetched.content == PDF
    assert "undeclared gzip" in fetched.evidence.notes


def test_gzip_that_was_declared_but_is_none_is_taken_as_it_is(client):
    with serve({"/a.pdf": packed(PDF, "gzip")}) as server:
        fetched = client.fetch(server.url("/a.pdf"), site=server.site())
    assert fetched.content == PDF
    assert "declared gzip, is not" in fetched.evidence.notes


def test_a_gzip_file_stays_one(client):
    data = gzip.compress(PDF)
    routes = {"/a.tar.gz": packed(data, None, "application/octet-stream"), "/b": packed(data, None, "application/gzip")}
    with serve(routes) as server:
        assert client.fetch(server.url("/a.tar.gz"), site=server.site()).content == data
        assert client.fetch(server.url("/b"), site=server.site()).content == data


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (packed(gzip.compress(PDF)[:-20], "gzip"), "fetch.truncated"),
        (packed(gzip.compress(PDF)[:40] + b"\xff" * 200, "gzip"), "fetch.undecodable"),
        (packed(PDF, "br"), "fetch.undecodable"),
        (packed(gzip.compress(PDF), "gzip,gzip,gzip,gzip"), "fetch.undecodable"),
        (Reply(PDF, length=len(PDF) + 100), "fetch.truncated"),
    ],
    ids=["cut gzip", "damaged gzip", "brotli unasked", "packed too often", "cut body"],
)
def test_a_damaged_body_is_never_taken_for_a_document(make_client, reply, code):
    with serve({"/a.pdf": reply}) as server:
        assert trouble_of(make_client(retries=0), server).code == code


def chunked(*chunks: bytes, end: bool = True) -> Raw:
    def write(_seen, handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in chunks:
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if end:
            handler.wfile.write(b"0\r\n\r\n")

    return Raw(write)


def test_a_chunked_body_is_put_together(client):
    with serve({"/a.pdf": chunked(PDF[:100], PDF[100:])}) as server:
        assert client.fetch(server.url("/a.pdf"), site=server.site()).content == PDF


def test_a_chunked_body_without_its_end_is_truncated(make_client):
    with serve({"/a.pdf": chunked(PDF[:100], PDF[100:], end=False)}) as server:
        assert trouble_of(make_client(retries=0), server).code == "fetch.truncated"


def test_a_body_that_only_the_hang_up_ends_is_taken_with_a_note(client):
    with serve({"/a.pdf": Reply(PDF, announce=False)}) as server:
        fetched = client.fetch(server.url("/a.pdf"), site=server.site())
    assert fetched.content == PDF
    assert "length not announced" in fetched.evidence.notes


@pytest.mark.parametrize("announce", [True, False])
def test_what_is_too_large_is_not_read_to_its_end(make_client, announce):
    sent: list[int] = []

    def write(_seen, handler):
        handler.send_response(200)
        handler.send_header("Content-Length" if announce else "Connection", str(10**9) if announce else "close")
        handler.end_headers()
        try:
            sent.extend(handler.wfile.write(b"%PDF" * 16_384) for _ in range(16_000))
        except OSError:
            return

    with serve({"/a.pdf": Raw(write)}) as server:
        trouble = trouble_of(make_client(max_document_bytes=1_000_000), server)
    assert trouble.code == "fetch.too_large"
    assert trouble.evidence.status == 200, "the head of the answer is evidence although its body is not"
    assert sum(sent) < 100_000_000


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_is_defused(make_client, layers):
    body, encoding = bytes(50_000_000), []
    for _ in range(layers):
        body, encoding = gzip.compress(body), [*encoding, "gzip"]
    with serve({"/a.pdf": packed(body, ", ".join(encoding)), "/b.pdf": packed(body, None)}) as server:
        client = make_client(max_document_bytes=1_000_000)
        assert trouble_of(client, server).code == "fetch.too_large"
        if layers == 1:
            assert trouble_of(client, server, "/b.pdf").code == "fetch.too_large"


def test_a_bomb_takes_no_more_memory_than_the_limit_allows():
    bomb = gzip.compress(bytes(100_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(FetchTrouble) as trouble:
            _unpack(bomb, {"content-encoding": "gzip"}, "", 1_000_000, [], cut=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert trouble.value.code == "fetch.too_large"
    assert peak < 10_000_000


def test_pages_and_documents_have_limits_of_their_own(make_client):
    with serve({"/a.html": Reply(article(text="公" * 4000))}) as server:
        client = make_client(max_page_bytes=2000)
        assert client.fetch(server.url("/a.html"), site=server.site()).content is not None
        with pytest.raises(FetchTrouble) as trouble:
            client.page(PageRequest(server.url("/a.html")), server.site())
    assert trouble.value.code == "fetch.too_large"


def test_a_huge_error_page_is_still_its_status(make_client):
    with serve({"/a.pdf": Reply(b"x" * 2_000_000, 404)}) as server:
        assert trouble_of(make_client(max_document_bytes=1_000_000), server).code == "fetch.not_found"


def test_a_damaged_error_page_is_still_its_status(make_client):
    with serve({"/a.pdf": Reply(gzip.compress(b"x" * 100)[:-9], 404, (("Content-Encoding", "gzip"),))}) as server:
        assert trouble_of(make_client(), server).code == "fetch.not_found"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=["not http", "no status", "too many headers", "header too long"],
)
def test_garbage_is_no_answer(make_client, answer):
    with serve({"/a.pdf": Raw(lambda _seen, handler: handler.wfile.write(answer))}) as server:
        assert trouble_of(make_client(retries=0), server).code == "fetch.bad_answer"


def test_a_silent_server_times_out(make_client):
    release = threading.Event()
    with serve({"/a.pdf": Raw(lambda _seen, _handler: release.wait(20))}) as server:
        trouble = trouble_of(make_client(retries=0, read_timeout=0.2), server)
        release.set()
    assert trouble.code == "fetch.timeout"
    assert trouble.recoverable


@pytest.mark.parametrize("part", ["head", "body", "body without length"])
def test_a_server_that_drips_for_ever_is_cut_off(make_client, part):
    """Each byte comes well within the read timeout; only the limit on the whole ends it."""
    release = threading.Event()

    def drip(_seen, handler):
        out = handler.connection
        if part != "head":
            length = b"Content-Length: 100000\r\n" if part == "body" else b""
            out.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n" + length + b"\r\n%PDF-1.4")
        else:
            out.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        try:
            while not release.wait(0.02):
                out.sendall(b"x")
        except OSError:
            return

    with serve({"/a.pdf": Raw(drip)}) as server:
        trouble = trouble_of(make_client(retries=0, read_timeout=5, total_timeout=0.4), server)
        release.set()
    assert trouble.code == "fetch.timeout"
    assert "0.4 s" in trouble.message


def test_nothing_is_watched_any_more_when_it_has_ended(client):
    with serve({"/a.pdf": Reply(PDF), "/b.pdf": Reply(b"", 404)}) as server:
        for _ in range(3):
            client.fetch(server.url("/a.pdf"), site=server.site())
            trouble_of(client, server, "/b.pdf")
    assert not client._courier._wire._watchdog._running


def test_a_handshake_that_never_ends_is_cut_off(make_client):
    release = threading.Event()
    with serve({}) as server, socket.create_server((server.host, 0)) as listener:
        taken: list[socket.socket] = []

        def accept():
            connection, _ = listener.accept()
            taken.append(connection)
            release.wait(20)
            connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        netloc = f"{server.host}:{listener.getsockname()[1]}"
        client = make_client(retries=0, total_timeout=0.4)
        with pytest.raises(FetchTrouble) as trouble:
            client.fetch(f"https://{netloc}/a.pdf", site=server.site(aliases=(netloc,)))
        release.set()
        thread.join(5)
    assert trouble.value.code == "fetch.timeout"

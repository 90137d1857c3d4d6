"""The archive keeps bytes by their hash, for good: on a disk and on a real S3 server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from schemas.errors import FetchTrouble
from tasks.fetch import Archive

CONTENT = b"%PDF-1.7 annual report"
DIGEST = sha256(CONTENT).hexdigest()
UNKNOWN = sha256(b"never put").hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a running S3 server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keys.items():
            patch.setenv(name, value)
        yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def url(request, tmp_path) -> str:
    """The address of an empty archive."""
    if request.param == "folder":
        return str(tmp_path / "archive")
    endpoint = request.getfixturevalue("s3")
    bucket = f"archive-{abs(hash(request.node.name)) % 10**8}"
    fsspec.filesystem("s3", endpoint_url=endpoint).mkdir(bucket)
    return f"s3://{bucket}/documents?endpoint_url={endpoint}"


def objects(url: str) -> dict[str, bytes]:
    """All that is kept, by name."""
    address, _, endpoint = url.partition("?endpoint_url=")
    system, root = fsspec.core.url_to_fs(address, **({"endpoint_url": endpoint} if endpoint else {}))
    system.invalidate_cache()
    found = {name: system.cat_file(name) for name in system.find(root)}
    return {name.removeprefix(f"{root}/"): data for name, data in found.items()}


def test_what_is_put_can_be_had(url):
    archive = Archive(url)
    assert archive.put(CONTENT) == DIGEST
    assert archive.get(DIGEST) == CONTENT
    assert Archive(url).get(DIGEST) == CONTENT
    assert archive.has(DIGEST)
    assert not archive.has(UNKNOWN)


def test_documents_stand_under_their_hash(url):
    Archive(url).put(CONTENT)
    assert objects(url) == {f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}": CONTENT}


def test_putting_again_changes_nothing(url):
    archive = Archive(url)
    assert {archive.put(CONTENT) for _ in range(3)} == {DIGEST}
    assert Archive(url).put(CONTENT) == DIGEST
    assert len(objects(url)) == 1


def test_nothing_is_content_too(url):
    archive = Archive(url)
    assert archive.get(archive.put(b"")) == b""


@pytest.mark.parametrize("digest", [UNKNOWN, "", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1]])
def test_what_was_never_put_is_missing(url, digest):
    with pytest.raises(FetchTrouble) as trouble:
        Archive(url).get(digest)
    assert trouble.value.code == "fetch.archive_missing"


def damage(url: str, content: bytes) -> None:
    address, _, endpoint = url.partition("?endpoint_url=")
    system, root = fsspec.core.url_to_fs(address, **({"endpoint_url": endpoint} if endpoint else {}))
    name = f"{root}/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
    if not endpoint:
        Path(name).chmod(0o644)
    system.pipe_file(name, content)


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"X", CONTENT[:5], b""])
def test_damage_is_noticed_on_reading(url, content):
    archive = Archive(url)
    archive.put(CONTENT)
    damage(url, content)
    with pytest.raises(FetchTrouble) as trouble:
        archive.get(DIGEST)
    assert trouble.value.code == "fetch.archive_corrupt"


def test_damage_is_never_written_over(url):
    archive = Archive(url)
    archive.put(CONTENT)
    damage(url, CONTENT[:5])
    with pytest.raises(FetchTrouble) as trouble:
        archive.put(CONTENT)
    assert trouble.value.code == "fetch.archive_corrupt"
    assert list(objects(url).values()) == [CONTENT[:5]]


def test_many_threads_may_put_the_same_and_different_documents(url):
    archive = Archive(url)
    contents = [b"report %d" % (number % 7) for number in range(56)]
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(archive.put, contents))
    assert digests == [sha256(content).hexdigest() for content in contents]
    assert sorted(objects(url).values()) == sorted(set(contents))


def test_a_store_that_does_not_answer_is_told(s3):
    with pytest.raises(FetchTrouble) as trouble:
        Archive(f"s3://no-such-bucket/documents?endpoint_url={s3}").put(CONTENT)
    assert trouble.value.code == "fetch.archive_unreachable"
    assert trouble.value.recoverable


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "archive").write_text("a file where the folder should be")
    with pytest.raises(FetchTrouble) as trouble:
        Archive(tmp_path / "archive").put(CONTENT)
    assert trouble.value.code == "fetch.archive_unreachable"


def test_an_unknown_kind_of_store_is_told():
    with pytest.raises(FetchTrouble) as trouble:
        Archive("nostore://somewhere")
    assert trouble.value.code == "fetch.archive_unreachable"


def test_kept_documents_are_not_writable(tmp_path):
    Archive(tmp_path).put(CONTENT)
    (kept,) = tmp_path.rglob(DIGEST)
    assert kept.stat().st_mode & 0o222 == 0


def test_a_file_address_is_a_folder(tmp_path):
    Archive(f"file://{tmp_path}/archive").put(CONTENT)
    assert Archive(tmp_path / "archive").get(DIGEST) == CONTENT


def test_half_written_files_of_killed_processes_are_cleared_away_in_time(tmp_path):
    incoming = tmp_path / ".incoming"
    incoming.mkdir()
    old, young = incoming / "old", incoming / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    Archive(tmp_path).put(CONTENT)
    assert (old.exists(), young.exists()) == (False, True)


_MANY = """
import sys
from tasks.fetch import Archive
archive = Archive(sys.argv[1])
print(*[archive.put(b"report %d" % number * 5000) for number in range(40)])
"""


def test_several_processes_may_put_the_same_documents_at_once(tmp_path):
    command = [sys.executable, "-c", _MANY, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    first, *others = [process.communicate()[0].split() for process in processes]
    assert others == [first, first]
    archive = Archive(tmp_path)
    assert [archive.get(digest) for digest in first] == [b"report %d" % number * 5000 for number in range(40)]
    assert not any((tmp_path / ".incoming").iterdir())


_ENDLESS = """
import sys
from tasks.fetch import Archive
archive = Archive(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    archive.put(b"%d" % number * 400_000)
"""


def test_a_process_killed_while_putting_leaves_only_whole_documents(tmp_path):
    for wait in (0.02, 0.05, 0.11):
        process = subprocess.Popen([sys.executable, "-c", _ENDLESS, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    archive = Archive(tmp_path)
    kept = list(tmp_path.glob("??/??/*"))
    assert kept
    for path in kept:
        assert sha256(archive.get(path.name)).hexdigest() == path.name

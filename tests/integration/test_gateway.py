"""The gateway over real HTTP: right bytes, right headers, and only the requested content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from oracle.adapters.pinning.folder import FolderPinner
from oracle.adapters.pinning.kubo import KuboPinner
from oracle.domain.cid import CHUNK, blocks_of, cid_of, decode, encode
from tests.support.gateway_client import Counting, damage, raw_get, read_car, served
from tests.support.ipfs_daemon import ipfs_api  # noqa: F401  (a fixture)

WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt " + Random(1).randbytes(2 * CHUNK + 77)
TEXT = json.dumps({"refrain_manifest": 1, "title": "é"}, ensure_ascii=False).encode()
ABSENT = cid_of(b"nobody has it")
CAR = "application/vnd.ipld.car"
RAW = "application/vnd.ipld.raw"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served")
    for data in (WAVE, TEXT, b"", b"plain", bytes(3 * CHUNK)):
        FolderPinner(root).pin(data)
    return root


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    with served(FolderPinner(folder)) as client:
        yield client


KINDS = [
    (WAVE, "audio/wav"),
    (TEXT, "application/json"),
    (b"", "application/octet-stream"),
    (b"plain", "application/octet-stream"),
    (bytes(3 * CHUNK), "application/octet-stream"),
]


@pytest.mark.parametrize(("data", "kind"), KINDS)
def test_whole_files(client: httpx.Client, data: bytes, kind: str) -> None:
    answer = client.get(f"/ipfs/{cid_of(data)}")
    assert answer.status_code == 200
    assert answer.content == data
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-length"] == str(len(data))
    assert answer.headers["etag"] == f'"{cid_of(data)}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "data", [b"<html><script>", b'{"a": \xff', b"%PDF-1.7", b"\x7fELF", b"RIFF    AVI "]
)
def test_declares_no_other_media_type(data: bytes, tmp_path: Path) -> None:
    cid = FolderPinner(tmp_path).pin(data)
    with served(FolderPinner(tmp_path)) as client:
        answer = client.get(f"/ipfs/{cid}")
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("asked", [{"params": {"format": "raw"}}, {"headers": {"Accept": RAW}}])
def test_single_blocks(client: httpx.Client, asked: dict) -> None:
    for cid, block in blocks_of(WAVE):
        answer = client.get(f"/ipfs/{cid}", **asked)
        assert answer.content == block
        assert answer.headers["content-type"] == RAW
        assert answer.headers["etag"] == f'"{cid}.raw"'


@pytest.mark.parametrize(
    "asked", [{"params": {"format": "car"}}, {"headers": {"Accept": f"{CAR}; version=1"}}]
)
def test_car_files_are_depth_first(client: httpx.Client, asked: dict) -> None:
    root = cid_of(WAVE)
    answer = client.get(f"/ipfs/{root}", **asked)
    header, blocks = read_car(answer.content)
    order = [encode(cid[1], cid[4:]) for cid, _ in blocks]
    assert answer.headers["content-type"].startswith(CAR)
    assert bytes((1, 0x70)) + b"\x12\x20" + decode(root)[1] in header
    assert order == [root, *(cid for cid, _ in blocks_of(WAVE) if cid != root)]
    assert b"".join(block for _, block in blocks[1:]) == WAVE


def test_a_car_file_contains_each_block_once(client: httpx.Client) -> None:
    data = bytes(3 * CHUNK)
    _, blocks = read_car(client.get(f"/ipfs/{cid_of(data)}?format=car").content)
    assert len(blocks) == 2


def test_a_real_daemon_imports_our_car(client: httpx.Client, ipfs_api: str) -> None:  # noqa: F811
    _, _, host, _, port, *_ = ipfs_api.split("/")
    car = client.get(f"/ipfs/{cid_of(WAVE)}?format=car").content
    answer = httpx.post(
        f"http://{host}:{port}/api/v0/dag/import", files={"file": ("a.car", car)}, timeout=30,
        trust_env=False,
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert KuboPinner(ipfs_api).pinned(cid_of(WAVE))
    assert KuboPinner(ipfs_api).fetch(cid_of(WAVE)) == WAVE


def test_serves_from_a_daemon(ipfs_api: str) -> None:  # noqa: F811
    cid = KuboPinner(ipfs_api).pin(WAVE)
    with served(KuboPinner(ipfs_api)) as client:
        assert client.get(f"/ipfs/{cid}").content == WAVE


@pytest.mark.parametrize("query", ["", "?format=raw", "?format=car"])
def test_head_has_the_same_headers_without_the_body(client: httpx.Client, query: str) -> None:
    path = f"/ipfs/{cid_of(WAVE)}{query}"
    got, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    varying = {"date", "transfer-encoding"}
    assert {n: v for n, v in got.headers.items() if n not in varying} == {
        n: v for n, v in head.headers.items() if n not in varying
    }


def test_head_does_not_read_the_file(folder: Path) -> None:
    store, last = Counting(folder), cid_of(WAVE[2 * CHUNK :])
    with served(store) as client:
        client.head(f"/ipfs/{cid_of(WAVE)}")
        client.head(f"/ipfs/{cid_of(WAVE)}?format=car")
        assert last not in store.asked
        client.get(f"/ipfs/{cid_of(WAVE)}")
        assert last in store.asked


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("bytes=0-0", WAVE[:1]),
        ("bytes=4-", WAVE[4:]),
        (f"bytes={CHUNK - 2}-{CHUNK + 1}", WAVE[CHUNK - 2 : CHUNK + 2]),
        ("bytes=-5", WAVE[-5:]),
        (f"bytes={2 * CHUNK}-99999999999", WAVE[2 * CHUNK :]),
    ],
)
def test_a_range_of_bytes(client: httpx.Client, given: str, part: bytes) -> None:
    answer = client.get(f"/ipfs/{cid_of(WAVE)}", headers={"Range": given})
    assert answer.status_code == 206
    assert answer.content == part
    start = WAVE.index(part)
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{len(WAVE)}"


NO_RANGES = ["9999999999-", "5-4", "-0", "0-1,3-4", "-", "x-y"]


@pytest.mark.parametrize(
    "given", [*(f"bytes={text}" for text in NO_RANGES), "lines=1-2", "bytes=" + "9" * 5000 + "-"]
)
def test_an_invalid_range_is_ignored(client: httpx.Client, given: str) -> None:
    answer = client.get(f"/ipfs/{cid_of(TEXT)}", headers={"Range": given})
    assert (answer.status_code, answer.content) == (200, TEXT)


def test_a_matching_etag_is_answered_with_304(client: httpx.Client) -> None:
    path = f"/ipfs/{cid_of(TEXT)}"
    for tag in (client.get(path).headers["etag"], f'"x", W/"{cid_of(TEXT)}"', "*"):
        answer = client.get(path, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize("query", ["", "?format=raw", "?format=car"])
def test_absent_content_is_404(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/ipfs/{ABSENT}{query}")
    assert answer.status_code == 404
    assert answer.json()["value"] == ABSENT
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize(
    "target",
    [
        b"/ipfs/../../etc/passwd",
        b"/ipfs/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        b"/ipfs/..%2fpins",
        b"/ipfs/%00",
        b"/ipfs/" + ABSENT.encode() + b"%00",
        b"/ipfs/" + ABSENT.encode() + b"/index.html",
        b"/ipfs/" + ABSENT.upper().encode(),
        b"/ipfs/Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD",
        b"/ipfs/" + b"b" * 60_000,
        b"/ipfs/%ff%fe" + b"a" * 57,
        "/ipfs/bafkreiа".encode() + b"a" * 51,
        b"/ipfs/",
        b"/ipfs/" + ABSENT.encode() + b"?format=tar",
        b"/ipfs/" + ABSENT.encode() + b"?format=car&car-version=2",
    ],
)
def test_anything_but_a_cid_is_400(client: httpx.Client, target: bytes) -> None:
    answer = raw_get(client, target)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert b"root:" not in answer
    assert len(answer) < 2000


def test_a_line_break_in_the_path_does_not_become_a_header(client: httpx.Client) -> None:
    answer = raw_get(client, b"/ipfs/" + cid_of(TEXT).encode() + b"%0d%0aX-Bad:%201")
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"X-Bad" not in answer


def test_nothing_else_is_served(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    for path in ("/", "/blocks", "/pins", "/ipfs", "/ipns/example.org"):
        assert client.get(path).status_code in (307, 404)
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, f"/ipfs/{cid_of(TEXT)}").status_code == 405


def test_a_damaged_block_is_never_sent(tmp_path: Path) -> None:
    cid = FolderPinner(tmp_path).pin(TEXT)
    damage(tmp_path, cid)
    with served(FolderPinner(tmp_path)) as client:
        answer = client.get(f"/ipfs/{cid}")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"manifest" not in answer.content


@pytest.mark.parametrize("query", ["", "?format=car"])
def test_a_damaged_later_block_ends_the_answer_early(tmp_path: Path, query: str) -> None:
    """The reader gets an incomplete answer, never a complete one with wrong bytes."""
    cid = FolderPinner(tmp_path).pin(WAVE)
    damage(tmp_path, cid_of(WAVE[2 * CHUNK :]))
    with served(FolderPinner(tmp_path)) as client, pytest.raises(httpx.RemoteProtocolError):
        client.get(f"/ipfs/{cid}{query}")


INLINE = {b"": "bafkqaaa", b"hello": "bafkqablimvwgy3y"}
"""CIDs of the hash function identity, which hold their bytes themselves."""


@pytest.mark.parametrize("data", INLINE, ids=INLINE.values())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("query", "kind"), [("?format=raw", RAW), ("", "application/octet-stream")]
)
def test_a_cid_that_holds_its_bytes_is_answered(
    client: httpx.Client, data: bytes, method: str, query: str, kind: str
) -> None:
    cid = INLINE[data]
    answer = client.request(method, f"/ipfs/{cid}{query}")
    assert (answer.status_code, answer.content) == (200, data if method == "GET" else b"")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-length"] == str(len(data))
    assert answer.headers["x-ipfs-path"] == f"/ipfs/{cid}"
    assert "immutable" in answer.headers["cache-control"]


def test_a_car_file_of_a_cid_that_holds_its_bytes(client: httpx.Client) -> None:
    binary = b"\x01\x55\x00\x05hello"
    root = bytes((0x40 + 10,)) + b"\0" + binary
    header = b"\xa2\x65roots\x81\xd8\x2a" + root + b"\x67version\x01"
    made = bytes((len(header),)) + header + bytes((len(binary) + 5,)) + binary + b"hello"
    assert client.get(f"/ipfs/{INLINE[b'hello']}?format=car").content == made


@pytest.mark.parametrize(
    "cid",
    ["bafkqaaaa", "bafkqacaa", "bafkqabdimvwgy3y", "bafyqaaa", "bafkqablimvwgy3z",
     "bafkq" + "a" * 300],
)  # fmt: skip
def test_another_spelling_of_such_a_cid_is_none(client: httpx.Client, cid: str) -> None:
    assert client.get(f"/ipfs/{cid}?format=raw").status_code == 400

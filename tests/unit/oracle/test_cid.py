"""CIDs: the published vectors, one spelling only, and only the requested content is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from Crypto.Cipher import ChaCha20
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.domain import dagpb
from oracle.domain.cid import (
    CHUNK,
    DAG_PB,
    RAW,
    WIDTH,
    Link,
    binary,
    blocks_of,
    check,
    cid_of,
    decode,
    encode,
    leaf,
    nodes_over,
    raw_cid,
    read,
    walk,
)
from oracle.domain.errors import InvalidInput, NotFound, WrongBytes

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/cids.json").read_text("utf-8"))
HELLO = VECTORS["files"][0]["cid"]
EMPTY = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"


def chunks(vector: dict[str, Any]) -> Iterator[bytes]:
    if "text" in vector:
        yield vector["text"].encode()
        return
    stream = ChaCha20.new(key=sha256(vector["seed"].encode()).digest(), nonce=bytes(12))
    for start in range(0, vector["size"], CHUNK):
        yield stream.encrypt(bytes(min(CHUNK, vector["size"] - start)))


def getter(blocks: dict[str, bytes]) -> Callable[[str], bytes]:
    def get(cid: str) -> bytes:
        if cid not in blocks:
            raise NotFound("no such block", field="cid", value=cid)
        return blocks[cid]

    return get


def put(blocks: dict[str, bytes], *children: Link) -> Link:
    """Stores a node with any children, even if no file of the profile has such a node."""
    block = dagpb.node((binary(cid), tree, size) for cid, tree, size in children)
    cid = encode(DAG_PB, sha256(block).digest())
    blocks[cid] = block
    return Link(cid, len(block), sum(child.file_size for child in children))


def name(vector: dict[str, Any]) -> str:
    return vector.get("text") or f"{vector['size']} bytes"


def long_if_a_gibibyte(vector: dict[str, Any]) -> Any:
    return pytest.param(vector, marks=[pytest.mark.long] if vector.get("size", 0) >= 2**30 else [])


@pytest.mark.parametrize("vector", map(long_if_a_gibibyte, VECTORS["files"]), ids=name)
def test_published_vectors(vector: dict[str, Any]) -> None:
    leaves = [leaf(chunk) for chunk in chunks(vector)]
    nodes = [cid for cid, _ in nodes_over(leaves)]
    assert (nodes or [leaves[0].cid])[-1] == vector["cid"]


@pytest.mark.parametrize("vector", VECTORS["files"][:3], ids=name)
def test_cid_of_whole_files(vector: dict[str, Any]) -> None:
    assert cid_of(b"".join(chunks(vector))) == vector["cid"]


def test_the_empty_file_is_the_empty_raw_block() -> None:
    assert list(blocks_of(b"")) == [(EMPTY, b"")]
    assert raw_cid(sha256(b"").digest()) == EMPTY


@pytest.mark.parametrize("bad", VECTORS["not_ours"], ids=lambda bad: bad["why"])
def test_refuses_every_other_spelling(bad: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        decode(bad["cid"])


@pytest.mark.parametrize("bad", [None, 7, b"b", HELLO.encode(), "b" * 1_000_000, "\udc80" * 59])
def test_refuses_other_types_and_long_texts(bad: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(bad)
    assert len(str(caught.value)) < 300


def test_the_error_for_a_cid_v0_asks_for_a_cid_v1() -> None:
    with pytest.raises(InvalidInput, match="CIDv0"):
        decode("Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD")


@given(st.sampled_from([RAW, DAG_PB]), st.binary(min_size=32, max_size=32))
def test_encode_and_decode_are_inverse(codec: int, digest: bytes) -> None:
    assert decode(encode(codec, digest)) == (codec, digest)


def test_encode_refuses_other_codecs_and_digests() -> None:
    with pytest.raises(InvalidInput):
        encode(0x71, bytes(32))
    with pytest.raises(InvalidInput):
        raw_cid(bytes(20))


@given(st.text(max_size=80) | st.from_regex("baf[ky][a-z2-7]{55}", fullmatch=True))
def test_only_canonical_texts_are_accepted(text: str) -> None:
    with suppress(InvalidInput):
        assert encode(*decode(text)) == text


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_a_file_in_blocks_is_read_whole(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    blocks = list(blocks_of(data[:size]))
    assert blocks[-1][0] == cid_of(data[:size])
    assert read(blocks[-1][0], getter(dict(blocks))) == data[:size]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_flipped_bit_is_refused(data: st.DataObject) -> None:
    blocks = dict(blocks_of(bytes(2 * CHUNK + 5)))
    root = cid_of(bytes(2 * CHUNK + 5))
    victim = data.draw(st.sampled_from(sorted(blocks)))
    at = data.draw(st.integers(0, len(blocks[victim]) - 1))
    spoilt = bytearray(blocks[victim])
    spoilt[at] ^= 1 << data.draw(st.integers(0, 7))
    blocks[victim] = bytes(spoilt)
    with pytest.raises(WrongBytes):
        read(root, getter(blocks))


def test_a_block_with_another_hash_is_refused() -> None:
    with pytest.raises(WrongBytes, match="bafkrei"):
        check(HELLO, b"hello world!")
    assert check(HELLO, b"hello world") == b"hello world"


def test_a_block_above_1_mib_is_refused() -> None:
    long = bytes(CHUNK + 1)
    with pytest.raises(WrongBytes):
        check(raw_cid(sha256(long).digest()), long)


def test_a_missing_block_is_not_found() -> None:
    blocks = dict(blocks_of(bytes(CHUNK + 1)))
    root = cid_of(bytes(CHUNK + 1))
    with pytest.raises(NotFound):
        read(root, getter({root: blocks[root]}))


def test_walk_is_depth_first_parents_before_children() -> None:
    data = b"a" * CHUNK + b"b" * CHUNK + b"c"
    root = cid_of(data)
    expected = [root, *(cid_of(part) for part in (b"a" * CHUNK, b"b" * CHUNK, b"c"))]
    assert [cid for cid, _ in walk(root, getter(dict(blocks_of(data))))] == expected


def test_the_tree_is_balanced_above_1024_leaves() -> None:
    leaves = [leaf(b"%d" % number) for number in range(WIDTH + 1)]
    nodes = dict(nodes_over(leaves))
    root = list(nodes)[-1]
    assert len(nodes) == 3
    assert [len(dagpb.links(nodes[cid])) for cid in nodes] == [WIDTH, 1, 2]
    assert len(dagpb.links(nodes[root])) == 2


def test_refuses_a_file_above_the_limit() -> None:
    blocks = dict(blocks_of(bytes(CHUNK + 1)))
    with pytest.raises(InvalidInput, match=f"a file of more than {CHUNK} bytes"):
        read(cid_of(bytes(CHUNK + 1)), getter(blocks), limit=CHUNK)
    with pytest.raises(InvalidInput, match="a file of more than 4 bytes"):
        read(cid_of(b"hello"), getter({cid_of(b"hello"): b"hello"}), limit=4)


def test_a_tree_with_repeated_links_is_refused_early() -> None:
    """Ten nodes that stand for 1,024**10 bytes are refused after a few fetches."""
    blocks = {cid_of(b"x"): b"x"}
    node = leaf(b"x")
    for _ in range(10):
        node = put(blocks, *([node] * WIDTH))
    fetched: list[str] = []

    def get(cid: str) -> bytes:
        fetched.append(cid)
        return blocks[cid]

    with pytest.raises(InvalidInput, match="a file of more than"):
        read(node.cid, get)
    assert len(fetched) < 3


def test_refuses_another_profile_of_the_same_bytes() -> None:
    """Other tools accept 256 KiB chunks; here one file has one CID."""
    parts = [b"a" * 1024, b"b" * 1024]
    blocks = {cid_of(part): part for part in parts}
    other = put(blocks, *(leaf(part) for part in parts))
    with pytest.raises(InvalidInput, match="unixfs-v1-2025"):
        read(other.cid, getter(blocks))


def test_refuses_a_wrapped_single_leaf_and_a_node_without_links() -> None:
    blocks = {cid_of(b"x"): b"x"}
    for root in (put(blocks, leaf(b"x")), put(blocks)):
        with pytest.raises(InvalidInput, match="unixfs-v1-2025"):
            read(root.cid, getter(blocks))


def test_a_link_that_is_not_a_cid_is_refused() -> None:
    block = dagpb.node([(b"a", 1, 1), (b"", 1, 1)])
    cid = encode(DAG_PB, sha256(block).digest())
    with pytest.raises(InvalidInput, match="must be a CIDv1"):
        read(cid, getter({cid: block}))

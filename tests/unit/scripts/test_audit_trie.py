"""RLP, headers and tries of the audit: known vectors, another library, and altered proofs."""

from __future__ import annotations

import random
from typing import Any

import pytest
import rlp as library
from eth_utils import keccak

from scripts.auditor import rlp, trie
from scripts.auditor.headers import header_hash
from scripts.auditor.report import Disproved
from scripts.auditor.trie import EMPTY, proven, root_of

TEXTS: list[tuple[Any, str]] = [
    (b"dog", "83646f67"), ([b"cat", b"dog"], "c88363617483646f67"), (b"", "80"), ([], "c0"),
    (b"\x00", "00"), (b"\x7f", "7f"), (b"\x80", "8180"),
    ([[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"),
    (b"Lorem ipsum dolor sit amet, consectetur adipisicing elit",
     "b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069"
     "736963696e6720656c6974"),
]  # fmt: skip
WORDS = {b"do": b"verb", b"dog": b"puppy", b"doge": b"coin", b"horse": b"stallion"}
GENESIS = {
    "parentHash": "0x" + "00" * 32, "miner": "0x" + "00" * 20, "mixHash": "0x" + "00" * 32,
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "transactionsRoot": "0x" + EMPTY.hex(), "receiptsRoot": "0x" + EMPTY.hex(),
    "logsBloom": "0x" + "00" * 256, "difficulty": "0x400000000", "number": "0x0",
    "gasLimit": "0x1388", "gasUsed": "0x0", "timestamp": "0x0", "nonce": "0x0000000000000042",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
}
"""The first block of Ethereum."""


@pytest.mark.parametrize(("item", "text"), TEXTS)
def test_rlp_has_the_encodings_of_the_specification(item: Any, text: str) -> None:
    assert rlp.encode(item).hex() == text and rlp.decode(bytes.fromhex(text)) == item


def some_item(dice: random.Random, depth: int = 0) -> Any:
    if depth < 3 and dice.random() < 0.4:
        return [some_item(dice, depth + 1) for _ in range(dice.choice((0, 1, 3, 20)))]
    return dice.randbytes(dice.choice((0, 1, 1, 32, 55, 56, 300)))


@pytest.mark.parametrize("seed", range(40))
def test_rlp_agrees_with_another_library(seed: int) -> None:
    item = some_item(random.Random(seed))
    assert rlp.encode(item) == library.encode(item)
    assert rlp.decode(library.encode(item)) == item


@pytest.mark.parametrize("text", ["", "83646f", "8364", "c883636174", "8080", "b8ff00", "f90100"])
def test_bytes_that_are_no_rlp_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RLP"):
        rlp.decode(bytes.fromhex(text))


def test_the_hash_of_a_header() -> None:
    due = "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"
    assert header_hash(GENESIS) == due
    for name in GENESIS:
        other = {**GENESIS, name: "0x" + "12" * (len(GENESIS[name]) // 2 - 1 or 1)}
        assert header_hash(other) != due


def test_the_roots_of_the_specification() -> None:
    due = "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84"
    assert root_of(WORDS).hex() == due
    assert root_of({}) == EMPTY


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, bytes]:
    """Every node that is encoded during the test, by its hash."""
    nodes = dict[bytes, bytes]()

    def noted(item: Any) -> bytes:
        made = rlp.encode(item)
        nodes[keccak(made)] = made
        return made

    monkeypatch.setattr(trie, "encode", noted)
    return nodes


def path_to(nodes: dict[bytes, bytes], root: bytes, path: bytes) -> list[bytes]:
    """The nodes that the proof of a path needs: without any of them there is no proof."""
    kept = dict(nodes)
    for name in nodes:
        rest = {key: node for key, node in kept.items() if key != name}
        try:
            proven(root, path, list(rest.values()))
            kept = rest
        except Disproved:
            pass
    return list(kept.values())


def table(number: int) -> dict[bytes, bytes]:
    return {keccak(bytes([n])): rlp.encode(rlp.number(n * n + 1)) for n in range(number)}


@pytest.mark.parametrize("number", [1, 2, 17, 100])
def test_every_key_of_a_trie_is_proven_and_no_other(built: dict[bytes, bytes], number: int) -> None:
    values = table(number)
    root = root_of(values)
    every = list(built.values())
    assert all(proven(root, path, every) == value for path, value in values.items())
    assert all(proven(root, keccak(bytes([n])), every) == b"" for n in range(number, number + 50))
    assert proven(EMPTY, keccak(b"any"), []) == b""


@pytest.mark.parametrize("key", [7, 200])
def test_a_proof_with_any_altered_node_is_none(built: dict[bytes, bytes], key: int) -> None:
    """Also the proof that a key is absent (200)."""
    root, path = root_of(table(100)), keccak(bytes([key]))
    proof = path_to(built, root, path)
    assert len(proof) >= 2
    good = proven(root, path, proof)
    for place, node in enumerate(proof):
        for position in range(len(node)):
            bad = node[:position] + bytes([node[position] ^ 1]) + node[position + 1:]
            with pytest.raises(Disproved):
                proven(root, path, [*proof[:place], bad, *proof[place + 1:]])
        with pytest.raises(Disproved):
            proven(root, path, [*proof[:place], *proof[place + 1:]])
    assert proven(root, path, proof) == good
    with pytest.raises(Disproved):
        proven(keccak(root), path, proof)


def test_short_values_stand_in_their_parents(built: dict[bytes, bytes]) -> None:
    """Paths that end inside a branch, and nodes below 32 bytes, which have no hash of their own."""
    root = root_of(WORDS)
    every = list(built.values())
    assert all(proven(root, path, every) == value for path, value in WORDS.items())
    assert proven(root, b"dogs", every) == proven(root, b"d", every) == b""

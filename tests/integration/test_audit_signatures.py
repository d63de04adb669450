"""Signatures of both lengths, and oracles that are contracts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from eth_account.messages import SignableMessage
from eth_utils import keccak

from scripts.auditor.cli import main
from scripts.auditor.signatures import quorum_items, signer
from scripts.auditor.typed_data import domain_hash
from scripts.solidity.ledger_fixture import ATTESTATION, DAY, ORDER, key
from tests.audit.run import Audited, found, runner
from tests.audit.world import World, world

ACCEPT = "0x631626ba7e60e01b60005260206000f3"
"""Code that answers ERC-1271's magic value to whatever it is asked."""
REFUSE = "0x60006000fd"
OTHER = "0x600160005260206000f3"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("signatures")) as found:
        yield found


@pytest.fixture
def wrong(made: World, capsys: pytest.CaptureFixture[str]) -> Audited:
    return runner(made, capsys)


def test_both_lengths_give_the_signer() -> None:
    who, domain = key("somebody"), domain_hash(1, "0x" + "11" * 20)
    for number in range(8):
        struct = keccak(b"%d" % number)
        message = SignableMessage(b"\x01", domain, struct)
        signed = who.sign_message(message)
        short = bytearray(signed.signature[:64])
        short[32] |= (signed.v - 27) << 7
        assert signer(domain, struct, bytes(signed.signature)) == who.address
        assert signer(domain, struct, bytes(short)) == who.address
        short[32] ^= 0x80
        assert signer(domain, struct, bytes(short)) != who.address


@pytest.mark.parametrize(("signature", "why"), [
    (bytes(63), "63 bytes"), (bytes(66), "66 bytes"), (bytes(65), "v is 0"),
    (bytes(64), "no key gives this"), (bytes(32) + b"\x7f" + b"\xff" * 31, "s is high"),
])  # fmt: skip
def test_no_signature(signature: bytes, why: str) -> None:
    assert signer(bytes(32), bytes(32), signature) == f"nobody: {why}"


def item(contract: str, signature: bytes) -> bytes:
    address = bytes(12) + bytes.fromhex(contract[2:])
    return address + len(signature).to_bytes(32, "big") + signature


def test_the_items_of_a_quorum() -> None:
    """Key, contract with three bytes, contract with none, key; then one that is cut off."""
    first, last, contract = b"\x91" * 64, b"\x92" * 64, "0x" + "11" * 20
    packed = first + item(contract, b"abc") + item(contract, b"") + last
    found = [("", first), (contract, b"abc"), (contract, b""), ("", last)]
    assert list(quorum_items(packed)) == found
    assert list(quorum_items(packed[:-1]))[-1] == ("", last[:-1])
    assert list(quorum_items(b"")) == []


@pytest.fixture(scope="module")
def by_contract(made: World) -> str:
    """Settles one generation that an oracle's key and an oracle's contract have signed."""
    rig, oracle = made.rig, made.rig.oracles[1]
    contract = rig.w3.to_checksum_address(f"{int(oracle.address, 16) + 1:#042x}")
    rig.w3.provider.make_request("anvil_setCode", [contract, ACCEPT])
    signers = [oracle.address, contract]
    propose = rig.ledger.functions.proposeSet(2, signers, (250, 1_000, rig.now() + 99 * DAY, 2**60))
    name = propose.call({"from": rig.admin})
    rig.send(propose)
    rig.pass_time(2 * DAY)
    rig.send(rig.ledger.functions.activateSet(2, signers))

    def in_manifest(manifest: dict) -> None:
        manifest["set"] = {"threshold": 2, "signers": signers}

    piece = made.make(in_manifest=in_manifest)
    message = {"set": name, "order": piece.struct, **piece.attestation}
    mine = rig.sign("Attestation", ATTESTATION, message, oracle)
    quorum = {"threshold": 2, "signers": signers, "signatures": mine + item(contract, b"any")}
    signature = rig.sign("Order", ORDER, piece.order, made.payer)
    rig.send(rig.ledger.functions.settle(piece.order, signature, piece.attestation, quorum))
    made.contract = contract
    return piece.id


def test_an_oracle_that_is_a_contract(
    made: World, by_contract: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--rpc", made.url, "--ledger", made.rig.ledger.address, "--ipfs",
             str(made.blocks.root)]
    assert main(words) == 0
    assert f"ok   generation {by_contract[:10]}.. oracle signature[1]" in capsys.readouterr().out


@pytest.mark.parametrize(("code", "expected"), [
    (REFUSE, "oracle signature[1]: isValidSignature(bytes32,bytes) of 0x"),
    (OTHER, "oracle signature[1]: the set says a signer of the set, recomputed nobody: 0x"),
    ("0x", "oracle signature[1]: isValidSignature(bytes32,bytes): 0x"),
])  # fmt: skip
def test_a_contract_that_denies_its_signature(
    made: World, by_contract: str, wrong: Audited, code: str, expected: str
) -> None:
    request = made.rig.w3.provider.make_request
    request("anvil_setCode", [made.contract, code])
    lines = wrong(by_contract)
    request("anvil_setCode", [made.contract, ACCEPT])
    assert found(lines, expected), lines

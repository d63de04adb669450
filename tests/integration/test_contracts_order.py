"""A settlement and a revocation in one block: their order does not change the result (F26)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from web3.types import RPCEndpoint

from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import MILLION, LedgerFixture, key

PAYER, NODE = key("payer"), key("node").address
GWEI = 10**9
FEES = {"the settlement first": (90, 10), "the revocation first": (10, 90)}


@pytest.fixture(scope="module")
def rig() -> Iterator[LedgerFixture]:
    with local_chain(extra=["--order", "fees"]) as chain:
        made = LedgerFixture(chain.url)
        made.send(made.ledger.functions.allowNode(NODE, True))
        made.fund(PAYER.address, 100 * MILLION)
        yield made


def _one_block(rig: LedgerFixture, calls: list[tuple[Any, str, int]]) -> list[Any]:
    """The receipts of calls mined in one block, each with its sender and tip in gwei."""
    ask = rig.w3.provider.make_request
    ask(RPCEndpoint("evm_setAutomine"), [False])
    try:
        sent = [
            call.transact({"from": sender, "gas": 1_000_000, "maxFeePerGas": offer * GWEI,
                           "maxPriorityFeePerGas": offer * GWEI})
            for call, sender, offer in calls
        ]  # fmt: skip
        ask(RPCEndpoint("evm_increaseTime"), [2])
        ask(RPCEndpoint("evm_mine"), [])
    finally:
        ask(RPCEndpoint("evm_setAutomine"), [True])
    receipts = [rig.w3.eth.wait_for_transaction_receipt(one, poll_latency=0.01) for one in sent]
    assert len({receipt["blockNumber"] for receipt in receipts}) == 1
    return receipts


def _ending(rig: LedgerFixture, name: str, recording: int) -> Any:
    """A call of the owner that ends the consent."""
    functions = rig.ledger.functions
    if name == "revoke":
        return functions.revoke(recording)
    return functions.amend(recording, 0, 2**32 - 1, 2, 10_000)


def _case(rig: LedgerFixture, recording: int, made: int) -> Any:
    nonce = rig.ledger.functions.accounts(PAYER.address).call().nextNonce
    given = rig.attestation(NODE, {recording: MILLION}, generatedAt=made)
    return rig.settlement(PAYER, rig.order(PAYER.address, nonce), given)


@pytest.mark.parametrize("name", ["revoke", "amend"])
@pytest.mark.parametrize("which", FEES)
def test_a_track_made_before_is_paid_in_either_order(
    rig: LedgerFixture, name: str, which: str
) -> None:
    [recording] = rig.register(1, rig.anyone)
    settling, ending = FEES[which]
    calls = [(_case(rig, recording, rig.now()), rig.admin, settling),
             (_ending(rig, name, recording), rig.anyone, ending)]  # fmt: skip
    settled, ended = _one_block(rig, calls)
    assert (settled["transactionIndex"] < ended["transactionIndex"]) == (settling > ending)
    assert settled["status"] == ended["status"] == 1
    assert rig.ledger.functions.recordings(recording).call().disputable > 0


@pytest.mark.parametrize("name", ["revoke", "amend"])
def test_a_track_made_later_is_not_paid(rig: LedgerFixture, name: str) -> None:
    [recording] = rig.register(1, rig.anyone)
    rig.send(_ending(rig, name, recording), rig.anyone)
    later = _case(rig, recording, rig.now())
    [refused] = _one_block(rig, [(later, rig.admin, 10)])
    assert refused["status"] == 0
    assert rig.ledger.functions.recordings(recording).call().disputable == 0

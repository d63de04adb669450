"""Batches on the real ledger: the same money as single settlements, and none blocks another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_utils import keccak
from web3.exceptions import ContractCustomError, ContractPanicError
from web3.logs import DISCARD
from web3.types import RPCEndpoint

from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import DAY, MILLION, LedgerFixture, even_weights, key

PAYERS = [key(f"payer {index}") for index in range(3)]
NODES = [key(f"node {index}").address for index in range(2)]
COUNT = 7


@pytest.fixture(scope="module")
def made() -> Iterator[LedgerFixture]:
    """A ledger with eight recordings, three payers and two nodes."""
    with local_chain(extra=["--auto-impersonate"]) as chain:
        rig = LedgerFixture(chain.url)
        rig.register(8, rig.anyone)
        for node in NODES:
            rig.send(rig.ledger.functions.allowNode(node, True))
        for payer in PAYERS:
            rig.fund(payer.address, 100 * MILLION)
        yield rig


@pytest.fixture
def rig(made: LedgerFixture) -> Iterator[LedgerFixture]:
    """The ledger in its first state; the state is restored after each test."""
    ask = made.w3.provider.make_request
    snapshot = ask(RPCEndpoint("evm_snapshot"), [])["result"]
    yield made
    ask(RPCEndpoint("evm_revert"), [snapshot])


def _generations(
    rig: LedgerFixture, payers: list[Any], count: int = COUNT
) -> tuple[list[Any], list[Any]]:
    orders, attestations = [], []
    for index in range(count):
        payer = payers[index % len(payers)].address
        ids = sorted({index % 3, 1 + index, 8})
        request, manifest = keccak(text=f"request {index}"), keccak(text=f"manifest {index}")
        orders.append(rig.order(payer, index // len(payers), request=request))
        price = 1_000_003 + index
        node = NODES[index % 2]
        given = rig.attestation(node, even_weights(ids), price=price, nodeFee=99_999 - index)
        attestations.append({**given, "manifest": manifest})
    return orders, attestations


def _standing(rig: LedgerFixture) -> list[Any]:
    ledger = rig.ledger.functions
    recordings = [ledger.recordings(number).call() for number in range(9)]
    accounts = [ledger.accounts(payer.address).call() for payer in PAYERS]
    nodes = [(ledger.nodeDisputable(n).call(), ledger.nodeSpent(n).call()) for n in NODES]
    used = [ledger.isNonceUsed(p.address, n).call() for p in PAYERS for n in range(COUNT + 1)]
    return [recordings, accounts, nodes, used]


def _one_by_one(rig: LedgerFixture, orders: Any, attestations: Any) -> list[Any]:
    by_address = {payer.address: payer for payer in PAYERS}
    for order, given in zip(orders, attestations, strict=True):
        rig.send(rig.settlement(by_address[order["payer"]], order, given))
    return _standing(rig)


def _undone(rig: LedgerFixture, act: Any) -> Any:
    ask = rig.w3.provider.make_request
    snapshot = ask(RPCEndpoint("evm_snapshot"), [])["result"]
    result = act()
    ask(RPCEndpoint("evm_revert"), [snapshot])
    return result


def _skipped(rig: LedgerFixture, receipt: Any) -> list[bytes]:
    told = rig.ledger.events.Skipped().process_receipt(receipt, errors=DISCARD)
    return [bytes(event["args"]["reason"]) for event in told]


def _selector(text: str) -> bytes:
    return keccak(text=text)[:4]


def test_a_batch_moves_the_same_money_as_single_settlements(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS)
    expected = _undone(rig, lambda: _one_by_one(rig, orders, attestations))
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    assert _standing(rig) == expected
    told = rig.ledger.events.SettledInBatch().process_receipt(receipt, errors=DISCARD)
    assert [e["args"]["entries"] for e in told] == [a["entries"] for a in attestations]
    [credited] = rig.ledger.events.Credited().process_receipt(receipt, errors=DISCARD)
    assert sum(credited["args"]["amounts"]) == sum(
        a["price"] - a["nodeFee"] - a["price"] * 250 // 10_000 for a in attestations
    )


def test_a_list_of_orders_needs_one_signature(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS[:1])
    expected = _undone(rig, lambda: _one_by_one(rig, orders, attestations))
    rig.send(rig.order_list(PAYERS[0], orders, attestations))
    assert _standing(rig) == expected


def test_a_settled_generation_is_skipped_without_payment(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS)
    expected = _undone(rig, lambda: _one_by_one(rig, orders, attestations))
    rig.send(rig.settlement(PAYERS[1], orders[1], attestations[1]))
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    assert _skipped(rig, receipt) == [_selector("Escrow_NonceUsed(uint256)")]
    assert _standing(rig) == expected


def test_an_order_that_is_listed_twice_is_settled_once(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS, 1)
    twice = rig.batch(_signers(orders * 2), orders * 2, attestations * 2)
    assert _skipped(rig, rig.send(twice)) == [_selector("Escrow_NonceUsed(uint256)")]


def test_a_revoked_recording_skips_only_its_generations(rig: LedgerFixture) -> None:
    rig.send(rig.ledger.functions.revoke(3), rig.anyone)
    rig.pass_time(5)
    orders, attestations = _generations(rig, PAYERS)
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    reason = _selector("Settlement_NoConsent(uint256,uint256,uint256,uint256)")
    assert _skipped(rig, receipt) == [reason]
    assert not rig.ledger.functions.isNonceUsed(orders[2]["payer"], orders[2]["nonce"]).call()


def test_a_track_made_before_a_revocation_is_settled(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS)
    rig.pass_time(5)
    rig.send(rig.ledger.functions.revoke(3), rig.anyone)
    assert _skipped(rig, rig.send(rig.batch(_signers(orders), orders, attestations))) == []


def test_a_payer_without_money_and_a_removed_node_skip_only_their_own(rig: LedgerFixture) -> None:
    poor = key("poor")
    orders, attestations = _generations(rig, [*PAYERS, poor])
    rig.send(rig.ledger.functions.allowNode(NODES[1], False))
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    node = _selector("Nodes_NotAllowed(address)")
    assert set(_skipped(rig, receipt)) <= {node, _selector("Escrow_Short(uint256,uint256)")}
    assert len(_skipped(rig, receipt)) == 3


def test_a_late_generation_is_skipped(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS, 2)
    rig.pass_time(3 * DAY)
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    assert _skipped(rig, receipt) == [_selector("Settlement_TooLate(uint256,uint256,uint256)")] * 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"entries": b"\0\0\0\1\0\0\0\1"}, "Settlement_WeightsDoNotSum(uint256)"),
        ({"nodeFee": 500_000}, "Settlement_NodeFeeAboveCap(uint256,uint256)"),
        ({"generatedAt": 2**31}, "Settlement_FromTheFuture(uint256,uint256)"),
    ],
)
def test_an_invalid_signed_generation_reverts_the_batch(
    rig: LedgerFixture, change: dict[str, Any], error: str
) -> None:
    orders, attestations = _generations(rig, PAYERS)
    attestations[4] = {**attestations[4], **change}
    orders = [{**order, "deadline": 2**31 + DAY} for order in orders]
    _refused(rig, rig.batch(_signers(orders), orders, attestations), error)


def test_a_batch_signed_by_others_is_refused(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS)
    error = "Settlement_OrderNotSigned(address)"
    packed, quorum = rig.batch(_signers(orders), orders, attestations).args
    other = rig.batch(_signers(orders)[:1], orders[:1], attestations[:1]).args[0]["generations"]
    swapped = {**packed, "generations": packed["generations"][:-64] + other[-64:]}
    _refused(rig, rig.ledger.functions.settleBatch(swapped, quorum), error)
    _refused(rig, rig.order_list(PAYERS[1], *_generations(rig, PAYERS[:1])), error)


def test_extra_bytes_are_refused(rig: LedgerFixture) -> None:
    orders, attestations = _generations(rig, PAYERS)
    call = rig.batch(_signers(orders), orders, attestations)
    packed, quorum = call.args
    for longer in (b"\0", b"\0" * 200):
        changed = {**packed, "generations": packed["generations"] + longer}
        with pytest.raises((ContractCustomError, ContractPanicError)):
            rig.ledger.functions.settleBatch(changed, quorum).call()


def _signers(orders: Any) -> list[Any]:
    known = {account.address: account for account in [*PAYERS, key("poor")]}
    return [known[order["payer"]] for order in orders]


def _refused(rig: LedgerFixture, call: Any, error: str) -> None:
    before = _standing(rig)
    with pytest.raises(ContractCustomError) as refusal:
        call.call()
    assert bytes.fromhex(str(refusal.value.data)[2:10]) == _selector(error)
    assert _standing(rig) == before

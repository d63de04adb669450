"""Many generations at once: the same money as one by one, and nobody strands the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_utils import keccak
from web3.exceptions import ContractCustomError, ContractPanicError
from web3.logs import DISCARD
from web3.types import RPCEndpoint

from scripts.chain import local_chain
from scripts.rig import DAY, MILLION, Rig, even_weights, key

PAYERS = [key(f"payer {index}") for index in range(3)]
NODES = [key(f"node {index}").address for index in range(2)]
COUNT = 7


@pytest.fixture(scope="module")
def made() -> Iterator[Rig]:
    """A ledger with eight recordings, three payers and two nodes."""
    with local_chain(extra=["--auto-impersonate"]) as chain:
        rig = Rig(chain.url)
        rig.register(8, rig.anyone)
        for node in NODES:
            rig.send(rig.ledger.functions.allowNode(node, True))
        for payer in PAYERS:
            rig.fund(payer.address, 100 * MILLION)
        yield rig


@pytest.fixture
def rig(made: Rig) -> Iterator[Rig]:
    """The ledger as it was made, whatever a test did to it."""
    ask = made.w3.provider.make_request
    snapshot = ask(RPCEndpoint("evm_snapshot"), [])["result"]
    yield made
    ask(RPCEndpoint("evm_revert"), [snapshot])


def _generations(rig: Rig, payers: list[Any], count: int = COUNT) -> tuple[list[Any], list[Any]]:
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


def _standing(rig: Rig) -> list[Any]:
    ledger = rig.ledger.functions
    recordings = [ledger.recordings(number).call() for number in range(9)]
    accounts = [ledger.accounts(payer.address).call() for payer in PAYERS]
    nodes = [(ledger.nodeDisputable(n).call(), ledger.nodeSpent(n).call()) for n in NODES]
    used = [ledger.isNonceUsed(p.address, n).call() for p in PAYERS for n in range(COUNT + 1)]
    return [recordings, accounts, nodes, used]


def _one_by_one(rig: Rig, orders: Any, attestations: Any) -> list[Any]:
    by_address = {payer.address: payer for payer in PAYERS}
    for order, given in zip(orders, attestations, strict=True):
        rig.send(rig.settlement(by_address[order["payer"]], order, given))
    return _standing(rig)


def _undone(rig: Rig, act: Any) -> Any:
    ask = rig.w3.provider.make_request
    snapshot = ask(RPCEndpoint("evm_snapshot"), [])["result"]
    result = act()
    ask(RPCEndpoint("evm_revert"), [snapshot])
    return result


def _skipped(rig: Rig, receipt: Any) -> list[bytes]:
    told = rig.ledger.events.Skipped().process_receipt(receipt, errors=DISCARD)
    return [bytes(event["args"]["reason"]) for event in told]


def _selector(text: str) -> bytes:
    return keccak(text=text)[:4]


def test_a_batch_moves_what_its_generations_would_have_moved_singly(rig: Rig) -> None:
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


def test_a_list_of_orders_needs_one_signature(rig: Rig) -> None:
    orders, attestations = _generations(rig, PAYERS[:1])
    expected = _undone(rig, lambda: _one_by_one(rig, orders, attestations))
    rig.send(rig.order_list(PAYERS[0], orders, attestations))
    assert _standing(rig) == expected


def test_what_was_settled_before_is_skipped_and_costs_nothing(rig: Rig) -> None:
    orders, attestations = _generations(rig, PAYERS)
    expected = _undone(rig, lambda: _one_by_one(rig, orders, attestations))
    rig.send(rig.settlement(PAYERS[1], orders[1], attestations[1]))
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    assert _skipped(rig, receipt) == [_selector("Escrow_NonceUsed(uint256)")]
    assert _standing(rig) == expected


def test_an_order_named_twice_is_settled_once(rig: Rig) -> None:
    orders, attestations = _generations(rig, PAYERS, 1)
    twice = rig.batch(_signers(orders * 2), orders * 2, attestations * 2)
    assert _skipped(rig, rig.send(twice)) == [_selector("Escrow_NonceUsed(uint256)")]


def test_a_revoked_recording_skips_its_generations_only(rig: Rig) -> None:
    rig.send(rig.ledger.functions.revoke(3), rig.anyone)
    rig.pass_time(5)
    orders, attestations = _generations(rig, PAYERS)
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    reason = _selector("Settlement_NoConsent(uint256,uint256,uint256,uint256)")
    assert _skipped(rig, receipt) == [reason]
    assert not rig.ledger.functions.isNonceUsed(orders[2]["payer"], orders[2]["nonce"]).call()


def test_what_was_made_before_a_revocation_is_settled(rig: Rig) -> None:
    orders, attestations = _generations(rig, PAYERS)
    rig.pass_time(5)
    rig.send(rig.ledger.functions.revoke(3), rig.anyone)
    assert _skipped(rig, rig.send(rig.batch(_signers(orders), orders, attestations))) == []


def test_a_payer_without_money_and_a_node_that_left_skip_their_own(rig: Rig) -> None:
    poor = key("poor")
    orders, attestations = _generations(rig, [*PAYERS, poor])
    rig.send(rig.ledger.functions.allowNode(NODES[1], False))
    receipt = rig.send(rig.batch(_signers(orders), orders, attestations))
    node = _selector("Nodes_NotAllowed(address)")
    assert set(_skipped(rig, receipt)) <= {node, _selector("Escrow_Short(uint256,uint256)")}
    assert len(_skipped(rig, receipt)) == 3


def test_what_comes_too_late_is_skipped(rig: Rig) -> None:
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
def test_what_the_quorum_should_not_have_signed_reverts_the_batch(
    rig: Rig, change: dict[str, Any], error: str
) -> None:
    orders, attestations = _generations(rig, PAYERS)
    attestations[4] = {**attestations[4], **change}
    orders = [{**order, "deadline": 2**31 + DAY} for order in orders]
    _refused(rig, rig.batch(_signers(orders), orders, attestations), error)


def test_a_batch_that_another_signed_is_refused(rig: Rig) -> None:
    orders, attestations = _generations(rig, PAYERS)
    error = "Settlement_OrderNotSigned(address)"
    packed, quorum = rig.batch(_signers(orders), orders, attestations).args
    other = rig.batch(_signers(orders)[:1], orders[:1], attestations[:1]).args[0]["generations"]
    swapped = {**packed, "generations": packed["generations"][:-64] + other[-64:]}
    _refused(rig, rig.ledger.functions.settleBatch(swapped, quorum), error)
    _refused(rig, rig.order_list(PAYERS[1], *_generations(rig, PAYERS[:1])), error)


def test_bytes_that_are_left_over_are_refused(rig: Rig) -> None:
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


def _refused(rig: Rig, call: Any, error: str) -> None:
    before = _standing(rig)
    with pytest.raises(ContractCustomError) as refusal:
        call.call()
    assert bytes.fromhex(str(refusal.value.data)[2:10]) == _selector(error)
    assert _standing(rig) == before

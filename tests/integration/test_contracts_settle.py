"""The ledger from Python: register, fund, sign, settle and withdraw on a real chain.

Hashes and signatures come from eth_account, which is independent of the contracts; the chain must
agree with each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from web3.exceptions import ContractCustomError
from web3.logs import DISCARD

from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import (
    ATTESTATION,
    MILLION,
    ORDER,
    WINDOW,
    LedgerFixture,
    even_weights,
    key,
    pack_entries,
)


@pytest.fixture(scope="module")
def rig() -> Iterator[LedgerFixture]:
    """A ledger on its own chain, with a funded payer and an allowed node."""
    with local_chain() as chain:
        made = LedgerFixture(chain.url)
        made.send(made.ledger.functions.allowNode(NODE, True))
        made.fund(PAYER.address, 1_000 * MILLION)
        yield made


PAYER = key("payer")
NODE = key("node").address


def _next_order(rig: LedgerFixture, **changes: Any) -> dict[str, Any]:
    nonce = rig.ledger.functions.accounts(PAYER.address).call().nextNonce
    return rig.order(PAYER.address, nonce, **changes)


def _typed(rig: LedgerFixture, name: str, fields: list[tuple[str, str]], message: Any) -> Any:
    types = {name: [{"type": kind, "name": field} for kind, field in fields]}
    return encode_typed_data(rig.domain(), types, message)


def _refusal(rig: LedgerFixture, call: Any) -> str:
    """The name of the custom error of a refused call."""
    with pytest.raises(ContractCustomError) as caught:
        call.call({"from": rig.anyone})
    selector = str(caught.value.data)[:10]
    names = {_selector(rig, error): error["name"] for error in rig.ledger.abi
             if error["type"] == "error"}
    return names[selector]


def _selector(rig: LedgerFixture, error: Any) -> str:
    kinds = ",".join(argument["type"] for argument in error["inputs"])
    return rig.w3.keccak(text=f"{error['name']}({kinds})")[:4].to_0x_hex()


def test_the_chain_computes_the_hashes_of_eth_account(rig: LedgerFixture) -> None:
    order = _next_order(rig)
    given = rig.attestation(NODE, {1: MILLION})
    struct = rig.ledger.functions.orderHash(order).call()
    typed = _typed(rig, "Order", ORDER, order)
    assert typed.body == struct
    assert typed.header == rig.ledger.functions.domainSeparator().call()

    message = {"set": rig.set, "order": struct, **given}
    typed = _typed(rig, "Attestation", ATTESTATION, message)
    assert typed.body == rig.ledger.functions.attestationHash(rig.set, struct, given).call()
    signed = rig.oracles[0].sign_message(typed)
    assert signed.message_hash == _hash_eip191_message(typed)


def test_a_settlement_reaches_its_payees(rig: LedgerFixture) -> None:
    first, second, third = rig.register(3, rig.anyone)
    weights = {first: 123_457, second: 376_543, third: 500_000}
    given = rig.attestation(NODE, weights)
    order = _next_order(rig)
    receipt = rig.send(rig.settlement(PAYER, order, given))

    [event] = rig.ledger.events.Settled().process_receipt(receipt, errors=DISCARD)
    fee = given["price"] * 250 // 10_000
    royalty = given["price"] - given["nodeFee"] - fee
    upto = [0, 123_457, 500_000, MILLION]
    amounts = [royalty * b // MILLION - royalty * a // MILLION
               for a, b in pairwise(upto)]
    assert event["args"]["order"] == rig.ledger.functions.orderHash(order).call()
    assert event["args"]["recordings"] == [first, second, third]
    assert event["args"]["amounts"] == amounts
    assert sum(amounts) == royalty

    before = rig.token.functions.balanceOf(rig.anyone).call()
    everything = rig.ledger.functions.withdrawMany([first, second, third])
    rig.pass_time(WINDOW)
    rig.send(everything)
    assert rig.token.functions.balanceOf(rig.anyone).call() == before
    rig.pass_time(WINDOW)
    rig.send(everything)
    assert rig.token.functions.balanceOf(rig.anyone).call() == before + royalty


def test_a_table_divides_a_withdrawal(rig: LedgerFixture) -> None:
    payees = [key(name).address for name in ("ann", "bob", "cem")]
    create = rig.splits.functions.create(payees, [333_333, 333_333, 333_334])
    split = create.call()
    rig.send(create)
    [recording] = rig.register(1, rig.anyone, split=split)
    rig.send(rig.settlement(PAYER, _next_order(rig), rig.attestation(NODE, {recording: MILLION})))
    rig.pass_time(2 * WINDOW)
    due = rig.ledger.functions.recordings(recording).call().unclaimed
    assert due

    receipt = rig.send(rig.ledger.functions.withdraw(recording))
    paid = {e["args"]["payee"]: e["args"]["amount"]
            for e in rig.ledger.events.Withdrawn().process_receipt(receipt, errors=DISCARD)}
    upto = [0, 333_333, 666_666, MILLION]
    assert paid == {payee: due * b // MILLION - due * a // MILLION
                    for payee, (a, b) in zip(payees, pairwise(upto), strict=True)}
    assert sum(paid.values()) == due


def test_an_order_never_pays_twice(rig: LedgerFixture) -> None:
    [recording] = rig.register(1, rig.anyone)
    call = rig.settlement(PAYER, _next_order(rig), rig.attestation(NODE, {recording: MILLION}))
    rig.send(call)
    assert _refusal(rig, call) == "Escrow_NonceUsed"


def test_refusals_have_their_error_names(rig: LedgerFixture) -> None:
    [recording] = rig.register(1, rig.anyone)
    sound = rig.attestation(NODE, {recording: MILLION})
    stranger = Account.create()
    cases = {
        "Settlement_OrderNotSigned": (stranger, sound),
        "Settlement_NoConsent": (PAYER, {**sound, "entries": pack_entries({999_999: MILLION})}),
        "Settlement_WeightsDoNotSum": (PAYER, {**sound, "entries": pack_entries({recording: 1})}),
        "Nodes_NotAllowed": (PAYER, {**sound, "node": stranger.address}),
        "Settlement_PriceAboveMax": (PAYER, {**sound, "price": 3 * MILLION}),
    }
    for name, (signer, given) in cases.items():
        assert _refusal(rig, rig.settlement(signer, _next_order(rig), given)) == name


def test_a_revocation_and_a_settlement_in_either_order(rig: LedgerFixture) -> None:
    first, second = rig.register(2, rig.anyone)
    made = rig.attestation(NODE, even_weights([first, second]))
    rig.pass_time(10)
    rig.send(rig.ledger.functions.revoke(first), rig.anyone)
    late = rig.attestation(NODE, even_weights([first, second]))

    rig.send(rig.settlement(PAYER, _next_order(rig), made))
    assert _refusal(rig, rig.settlement(PAYER, _next_order(rig), late)) == "Settlement_NoConsent"

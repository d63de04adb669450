"""Every offer that an honest oracle makes is one that an app signs."""

from __future__ import annotations

import pytest

from oracle.adapters.signing.typed import TypedData
from oracle.api.responses import generation_answer, quote_answer
from oracle.client import answers
from oracle.client.offer import Now, checked, wanted_by
from oracle.domain import canonical
from oracle.orders.acceptance import take
from oracle.orders.quotes import Asker, quote
from tests.support.samples import ordered, request
from tests.support.trio import make_trio

THIRDS = [{"recording": n, "weight": w} for n, w in ((1, 333_333), (2, 333_333), (3, 333_334))]


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def sent(answer):
    """An answer as it arrives over HTTP."""
    return canonical.loads(canonical.dumps(answer.model_dump(mode="json")))


def signed(trio, asked):
    found = quote(trio.contexts[0], asked, Asker(trio.payer.address))
    now = trio.ledger.blocks[-1].timestamp
    limits = Now(trio.ledger.account(trio.payer.address).next_nonce, now, now)
    typed = TypedData(31_337, trio.ledger.address)
    wanted = wanted_by(asked, trio.payer.address)
    return checked(answers.quote(sent(quote_answer(found))), wanted, limits, typed, 10**9)


@pytest.mark.parametrize(
    "changes",
    [{}, {"tier": "personal"}, {"rule": "declared"}, {"references": THIRDS, "length": 7}],
)
def test_an_honest_offer_is_signed_and_taken(trio, changes):
    asked = request(**changes)
    order = signed(trio, asked)
    taken = take(trio.contexts[0], ordered(asked, order, trio.sign(order)))
    view = sent(generation_answer(taken, "http://gateway"))
    assert answers.generation(view, taken.id)["stage"] == "ordered"


def test_an_offer_with_a_floor_is_signed(trio):
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    asked = request()
    quoted = quote(trio.contexts[0], asked, Asker(trio.payer.address))
    assert signed(trio, asked).max_price == quoted.price


def test_a_refusal_is_read(trio):
    trio.ledger.amend(2, uses=1)
    found = quote(trio.contexts[0], request(), Asker(trio.payer.address))
    assert [item["recording"] for item in answers.quote(sent(quote_answer(found)))["refusals"]] == [
        2
    ]

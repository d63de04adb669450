"""Quotes: the quoted price and division are the real ones, and the order to sign is complete."""

from dataclasses import replace

import pytest

from oracle.domain.errors import InvalidInput, Unauthorised, Unavailable
from oracle.domain.generation import Stage
from oracle.domain.holdings import Holdings, NodeHolding
from oracle.domain.order import parse_order
from oracle.domain.quote_request import QuoteRequest
from oracle.domain.terms import Floor
from oracle.orders.acceptance import take
from oracle.orders.conditions import tempi_apart
from oracle.orders.quotes import Asker, asker_of, quote
from tests.support.samples import NOW, ordered, recording, request
from tests.support.trio import key, make_trio


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def ask(trio, index=0, proven=False, **changes):
    asker = Asker(trio.payer.address, proven)
    return quote(trio.contexts[index], request(**changes), asker)


def reasons(found):
    return [(refusal.recording, refusal.reason) for refusal in found.refusals]


def test_a_permitted_request_is_priced_and_divided(trio):
    found = ask(trio)
    assert found.refusals == ()
    assert (found.price, found.use) == (200_000, 5)
    assert (found.fees.node, found.fees.protocol, found.fees.royalty) == (20_000, 2_000, 178_000)
    assert found.split == ((1, 500_000, 89_000), (2, 500_000, 89_000))
    assert found.expires == trio.ledger.blocks[-1].timestamp + 3_600


def test_the_amounts_sum_to_the_royalty(trio):
    thirds = [{"recording": n, "weight": w} for n, w in ((1, 333_333), (2, 333_333), (3, 333_334))]
    found = ask(trio, references=thirds, length=7, tier="personal")
    assert sum(amount for _, _, amount in found.split) == found.fees.royalty


def test_the_order_to_sign_is_acceptable(trio):
    asked = request()
    order = parse_order(ask(trio).typed_data["message"])
    taken = take(trio.contexts[0], ordered(asked, order, trio.sign(order)))
    assert taken.stage == Stage.ORDERED


def test_the_typed_data_is_complete_for_a_wallet(trio):
    data = ask(trio).typed_data
    assert data["primaryType"] == "Order"
    assert data["domain"] == {
        "name": "Refrain", "version": "1", "chainId": 31337,
        "verifyingContract": trio.ledger.address,
    }  # fmt: skip
    assert set(data["types"]) == {"EIP712Domain", "Order"}
    assert {member["name"] for member in data["types"]["Order"]} == set(data["message"])


def test_a_floor_above_the_list_price_decides(trio):
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    trio.ledger.amend(2, floors=(90_000, 35_601, 0, 0))
    found = ask(trio)
    # After fees of 10 % and 1 %, 5 seconds at 40,000 remain.
    assert (found.price, found.fees.royalty) == (224_718, 200_000)
    assert found.floor == Floor(1, 40_000)
    assert sum(amount for _, _, amount in found.split) == 200_000
    assert parse_order(found.typed_data["message"]).max_price == found.price


def test_a_floor_below_the_list_price_changes_nothing(trio):
    trio.ledger.amend(1, floors=(99_000_000, 35_600, 0, 0))
    found = ask(trio)
    assert (found.price, found.floor) == (200_000, None)


def test_there_are_no_quotes_while_settlement_is_paused(trio):
    trio.ledger.stopped = True
    with pytest.raises(Unavailable, match="paused"):
        ask(trio)


def test_a_refused_request_names_recordings_and_has_no_order(trio):
    trio.ledger.register(recording(2, max_share=5_400))
    found = ask(trio)
    assert [(r.recording, r.reason) for r in found.refusals] == [(2, "share")]
    assert found.typed_data is None
    assert found.price == 200_000


def nonce(trio, index=0):
    return int(ask(trio, index).typed_data["message"]["nonce"])


def place(trio, **changes):
    asked = request()
    return take(trio.contexts[0], ordered(asked, *trio.order(asked, **changes)))


def test_each_oracle_offers_nonces_of_its_own_and_none_twice_in_a_row(trio):
    offered = [nonce(trio, index) for index in (0, 1, 2, 0, 0, 1, 2)]
    assert offered == [0, 1, 2, 3, 6, 4, 5]


def test_the_nonce_is_not_used_on_the_chain_nor_by_an_unfinished_order(trio):
    trio.ledger.used[trio.payer.address.lower()] = {0, 6}
    assert nonce(trio) == 9
    place(trio, nonce=12)
    assert nonce(trio) == 15


def test_nonces_begin_again_below_the_last_offer_when_they_are_far_ahead(trio):
    offered = [nonce(trio) for _ in range(23)]
    assert offered == [*range(0, 64, 3), 0]


def test_nonces_stay_near_the_lowest_open_one(trio):
    trio.ledger.used[trio.payer.address.lower()] = {60}
    place(trio, nonce=2)
    assert [nonce(trio) for _ in range(3)] == [63, 63, 63]
    trio.ledger.used[trio.payer.address.lower()] = {65}
    with pytest.raises(Unavailable, match="until the order with nonce 2 has ended"):
        nonce(trio)


def test_a_refusal_is_told_also_when_no_nonce_is_free(trio):
    place(trio, nonce=2)
    trio.ledger.used[trio.payer.address.lower()] = {65}
    found = ask(trio, references=[{"recording": 99, "weight": 1_000_000}])
    assert reasons(found)[0] == (99, "unknown")
    assert found.typed_data is None


def test_a_refused_question_uses_up_no_nonce(trio):
    unknown = [{"recording": 99, "weight": 1_000_000}]
    assert [nonce(trio), ask(trio, references=unknown).typed_data, nonce(trio)] == [0, None, 3]


def test_a_recording_that_only_one_node_holds_is_not_permitted(trio):
    trio.nodes[0].missing = {2}
    found = ask(trio)
    assert reasons(found) == [(2, "not_held")]
    assert "1 of the generation nodes hold it" in found.refusals[0].detail
    assert (found.typed_data, found.price) == (None, 200_000)


def test_nodes_of_one_payee_count_once(trio):
    trio.nodes[1]._payee = trio.nodes[0].payee()
    assert reasons(ask(trio)) == [(1, "not_held"), (2, "not_held")]


def test_a_quote_says_that_a_node_does_not_answer(trio):
    trio.nodes[1].fault = Unavailable("down at http://10.0.0.1")
    found = ask(trio)
    assert reasons(found) == [(1, "not_held"), (2, "not_held")]
    assert "1 do not answer now" in found.refusals[0].detail
    assert "10.0.0.1" not in str(found)


def test_nodes_are_asked_only_about_recordings_that_consent_permits(trio):
    trio.ledger.revoke(1)
    trio.nodes[0].missing = {1, 2}
    assert reasons(ask(trio)) == [(1, "revoked"), (2, "not_held")]


def test_a_node_that_has_reached_its_cap_leaves_the_other(trio):
    first, second = (node.payee().lower() for node in trio.nodes)
    trio.ledger.spent[first] = 10**9 - 199_999
    assert ask(trio).refusals == ()
    trio.ledger.spent[second] = 10**9 - 150_000
    found = ask(trio)
    assert reasons(found) == [(None, "cap_reached")]
    assert "200000 is above the 199999" in found.refusals[0].detail
    trio.ledger.spent[first] -= 1
    assert ask(trio).refusals == ()


def test_a_node_that_the_ledger_does_not_allow_has_no_room(trio):
    trio.ledger.nodes.clear()
    assert reasons(ask(trio)) == [(None, "cap_reached")]


def test_a_price_below_the_gas_is_not_permitted(trio):
    terms = replace(trio.terms, least_price=200_001)
    trio.contexts[0] = replace(trio.contexts[0], terms=terms)
    assert reasons(ask(trio)) == [(None, "below_cost")]
    trio.contexts[0] = replace(trio.contexts[0], terms=replace(terms, least_price=200_000))
    assert ask(trio).refusals == ()


def shared(*weights):
    return [{"recording": n, "weight": weight} for n, weight in enumerate(weights, 1)]


def test_a_reference_without_a_beat_of_its_own_is_named(trio):
    found = ask(trio, references=shared(833_334, 166_666))
    assert reasons(found) == [(2, "too_short")]
    assert "6 references fit into 5 s" in found.refusals[0].detail
    assert ask(trio, references=shared(833_333, 166_667)).refusals == ()
    assert ask(trio, length=6, references=shared(833_334, 166_666)).refusals == ()


APART, TOGETHER = {1: 82, 2: 100, 3: 122}, {1: 82, 2: 100, 3: 119}
THIRDS = shared(333_333, 333_333, 333_334)


def told(trio, *tempi):
    for node, bpm in zip(trio.nodes, tempi, strict=True):
        node.bpm = bpm


def test_references_without_a_common_tempo_are_named_with_their_tempi(trio):
    told(trio, APART, APART)
    found = ask(trio, references=THIRDS)
    assert reasons(found) == [(3, "tempo")]
    assert found.refusals[0].detail == (
        "has 122 bpm, which do not go together with 82 and 100 bpm: "
        "no tempo is within 8 % of all of them, at up to 2 semitones of varispeed"
    )
    assert (found.typed_data, found.price) == (None, 200_000)


@pytest.mark.parametrize("tempi", [(TOGETHER, TOGETHER), (APART, TOGETHER), (TOGETHER, APART)])
def test_all_nodes_must_say_that_tempi_are_apart(trio, tempi):
    """One node that lies, or that hears another tempo, does not stop quotes."""
    told(trio, *tempi)
    assert ask(trio, references=THIRDS).refusals == ()


def test_two_references_and_those_without_a_beat_go_together(trio):
    told(trio, APART, APART)
    for pair in ((1, 2), (1, 3), (2, 3)):
        halves = [{"recording": number, "weight": 500_000} for number in pair]
        assert ask(trio, references=halves).refusals == ()
    trio.clock.sleep(6)
    told(trio, APART | {2: 0}, APART | {2: 0})
    assert ask(trio, references=THIRDS).refusals == ()


def test_a_node_that_lacks_a_reference_has_no_say_on_tempi(trio):
    told(trio, APART, TOGETHER)
    trio.nodes[1].missing = {1}
    assert reasons(ask(trio, references=THIRDS)) == [(1, "not_held"), (3, "tempo")]
    trio.clock.sleep(6)
    trio.nodes[0].missing = {2}
    assert reasons(ask(trio, references=THIRDS)) == [(1, "not_held"), (2, "not_held")]


def test_tempi_are_compared_of_references_that_may_be_used_only(trio):
    told(trio, APART, APART)
    trio.ledger.revoke(2)
    assert reasons(ask(trio, references=THIRDS)) == [(2, "revoked")]


def test_tempi_do_not_matter_to_another_engine():
    """Only mosaic can be ordered now."""
    holdings = Holdings((NodeHolding("0xa", APART),), 0)
    assert len(tempi_apart(holdings, "mosaic", APART)) == 1
    assert tempi_apart(holdings, "refrain-lm", APART) == ()
    assert tempi_apart(Holdings((), 1), "mosaic", APART) == ()
    assert tempi_apart(holdings, "mosaic", ()) == ()


def test_escrow_that_does_not_cover_the_price_is_said(trio):
    payer = trio.payer.address.lower()
    trio.ledger.escrow[payer] = 199_999
    found = ask(trio)
    assert reasons(found) == [(None, "escrow_short")]
    assert "199999 must cover 200000" in found.refusals[0].detail
    trio.ledger.escrow[payer] = 200_000
    assert ask(trio).refusals == ()
    trio.ledger.exits[payer] = NOW
    assert "asked for its escrow back" in ask(trio).refusals[0].detail


def test_reserved_money_is_told_to_the_payers_signature_alone(trio):
    trio.ledger.escrow[trio.payer.address.lower()] = 399_999
    place(trio)
    open_to_all, proven = ask(trio), ask(trio, proven=True)
    assert (open_to_all.reserved, open_to_all.refusals) == (None, ())
    assert (proven.reserved, reasons(proven)) == (200_000, [(None, "escrow_short")])
    assert "200000 of unfinished orders" in proven.refusals[0].detail


def asked_by(trio, signer, time):
    asked = QuoteRequest(trio.payer.address, request().digest(), time)
    return asked, "0x" + signer.sign(trio.typed.quote_digest(asked)).hex()


@pytest.mark.parametrize("skew", [-300, 0, 300])
def test_a_signed_question_is_the_payers(trio, skew):
    asked = asked_by(trio, trio.payer, trio.clock.now() + skew)
    assert asker_of(trio.contexts[0], *asked) == Asker(trio.payer.address, proven=True)


def test_a_question_of_another_or_of_another_time_is_refused(trio):
    now = trio.clock.now()
    with pytest.raises(Unauthorised, match="not by the payer"):
        asker_of(trio.contexts[0], *asked_by(trio, key("thief"), now))
    for time in (now - 301, now + 301):
        with pytest.raises(Unauthorised, match="time: must be within 300 seconds"):
            asker_of(trio.contexts[0], *asked_by(trio, trio.payer, time))
    asked, signature = asked_by(trio, trio.payer, now)
    with pytest.raises(Unauthorised):
        asker_of(trio.contexts[0], replace(asked, request=bytes(32)), signature)


def test_a_quote_is_valid_for_an_hour_when_the_chain_is_behind(trio):
    trio.clock.sleep(86_400)
    assert ask(trio).expires == NOW + 86_400 + 3_600


def test_a_rule_that_is_not_payable_is_refused(trio):
    with pytest.raises(InvalidInput, match=r"request\.rule"):
        ask(trio, rule="shapley")


def test_there_are_no_quotes_when_the_set_is_inactive(trio):
    trio.ledger.sets.clear()
    with pytest.raises(Unavailable, match="set"):
        ask(trio)

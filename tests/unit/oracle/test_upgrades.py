"""Upgrades: another use of the same track, with new consent, for the price difference."""

from dataclasses import replace

import pytest

from oracle.domain.attestation import Attested
from oracle.domain.consent import TIERS
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    RefrainError,
    Refused,
    Unavailable,
)
from oracle.domain.generation import Stage
from oracle.domain.order import parse_order
from oracle.domain.proposal import Proposed
from oracle.orders.acceptance import take, take_upgrade
from oracle.orders.quotes import Asker, quote_upgrade
from oracle.pipeline.runner import Pipeline
from oracle.pipeline.steps import check_consent
from oracle.quorum.attestations import attest
from oracle.quorum.leading import kept
from tests.support.samples import order_for, ordered, request
from tests.support.trio import key, make_trio

COMMERCIAL = TIERS["commercial"]


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def original(trio):
    """A settled generation for personal use: 5 seconds at 10,000."""
    asked = request(tier="personal")
    order, signature = trio.order(asked)
    return run(trio, take(trio.contexts[0], ordered(asked, order, signature)).id)


def run(trio, generation, index=0):
    context, pipeline = trio.contexts[index], Pipeline(trio.contexts[index])
    for _ in range(60):
        if pipeline.advance(generation).ended:
            break
    return context.store.load(generation)


def upgrade_order(trio, original, /, **changes):
    """A signed order for the commercial tier."""
    plain = {
        "request": bytes.fromhex(original.id[2:]), "nonce": 1, "tier": COMMERCIAL.number,
        "use": COMMERCIAL.use,
    }  # fmt: skip
    made = order_for(request(), payer=trio.payer.address, **{**plain, **changes})
    return made, trio.sign(made)


def place(trio, original, index=0, **changes):
    order, signature = upgrade_order(trio, original, **changes)
    return take_upgrade(trio.contexts[index], order, signature)


def test_a_settled_generation_is_upgraded_without_a_new_track(trio, original):
    started = sum(node.started for node in trio.nodes)
    done = run(trio, place(trio, original).id)
    assert (done.stage, done.price, done.original) == (Stage.SETTLED, 150_000, original.id)
    assert sum(node.started for node in trio.nodes) == started
    assert done.manifest == original.manifest and done.vectors == original.vectors
    settled = trio.ledger.settled[done.id]
    assert (settled.price, settled.manifest) == (150_000, original.attestation.manifest)
    assert settled.recordings == trio.ledger.settled[original.id].recordings
    assert done.attestation.entries == original.attestation.entries
    assert done.attestation.node_fee == 15_000 and len(done.signatures) == 2


def test_the_quoted_price_is_paid(trio, original):
    found = quote_upgrade(trio.contexts[0], original.id, "commercial", Asker(trio.payer.address))
    assert (found.price, found.use, found.refusals) == (150_000, COMMERCIAL.use, ())
    assert sum(amount for _, _, amount in found.split) == found.fees.royalty == 133_500
    order = parse_order(found.typed_data["message"])
    assert order.request.hex() == original.id[2:]
    taken = take_upgrade(trio.contexts[0], order, trio.sign(order))
    assert run(trio, taken.id).price == found.price


def test_consent_is_checked_at_the_current_block(trio, original):
    trio.ledger.amend(2, uses=1)
    found = quote_upgrade(trio.contexts[0], original.id, "commercial", Asker(trio.payer.address))
    assert [refusal.reason for refusal in found.refusals] == ["unpermitted"]
    assert found.typed_data is None
    with pytest.raises(Refused, match="unpermitted"):
        place(trio, original)


def test_consent_that_ended_before_the_check_refuses_it(trio, original):
    taken = place(trio, original)
    trio.ledger.revoke(2)
    done = run(trio, taken.id)
    assert done.stage == Stage.REFUSED and "revoked" in done.detail


def test_a_consent_replaced_after_the_check_does_not_stop_it(trio, original):
    # The others check at their own newest block, with the consent in force at the attested time.
    taken = place(trio, original)
    pipeline = Pipeline(trio.contexts[0])
    assert pipeline.advance(taken.id).stage == Stage.PUBLISHED
    trio.ledger.amend(2, uses=1)
    assert run(trio, taken.id).stage == Stage.SETTLED


def test_the_price_difference_follows_the_floors_and_is_never_negative(trio, original):
    trio.ledger.amend(1, floors=(0, 40_000, 0, 0))
    assert run(trio, place(trio, original).id).price == 224_718 - 50_000
    trio.ledger.amend(1, floors=(90_000, 0, 0, 0))
    found = quote_upgrade(trio.contexts[0], original.id, "commercial", Asker(trio.payer.address))
    assert found.price == 0


def test_a_price_above_the_order_is_refused(trio, original):
    with pytest.raises(Refused, match="below the price of 150000"):
        place(trio, original, max_price=149_999)


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"tier": 0, "use": 1}, InvalidInput, "must be higher than personal"),
        ({"tier": 7}, InvalidInput, "is not a tier"),
        ({"use": 1}, InvalidInput, r"order\.use"),
        ({"rule": 1}, InvalidInput, r"order\.rule"),
        ({"request": b"\x01" * 32}, NotFound, "is not known"),
        ({"nonce": 0}, Conflict, r"order\.nonce"),
        ({"deadline": 5}, Refused, r"order\.deadline"),
    ],
)
def test_an_order_without_a_valid_upgrade_is_refused(trio, original, changes, kind, said):
    with pytest.raises(kind, match=said):
        place(trio, original, **changes)
    assert trio.contexts[0].store.unfinished() == [original.id]


def test_an_unsettled_generation_cannot_be_upgraded(trio):
    asked = request(tier="personal")
    order, signature = trio.order(asked)
    unsettled = take(trio.contexts[0], ordered(asked, order, signature))
    with pytest.raises(Refused, match="is not settled"):
        place(trio, unsettled)


def test_the_same_order_gets_the_same_upgrade(trio, original):
    assert place(trio, original) == place(trio, original)
    order, signature = upgrade_order(trio, original)
    again = take_upgrade(trio.contexts[0], order, signature)
    assert again.id == place(trio, original).id


class TestAttesting:
    """The checks of another oracle of the set before it signs an upgrade."""

    @pytest.fixture
    def made(self, trio, original):
        """The upgrade that the first oracle leads; the others have reserved it."""
        context, taken = trio.contexts[0], place(trio, original)
        return check_consent(context, kept(context, taken))

    def ask(self, trio, made, index=1, **changes):
        attestation = replace(made.attestation, **changes)
        member = Attested(made.order, made.order_signature, attestation)
        return attest(trio.contexts[index], Proposed(member, made.ballot))

    def test_an_honest_upgrade_is_signed(self, trio, made):
        signer, signature = self.ask(trio, made)
        assert signer == trio.contexts[1].attester.address
        set_id = trio.typed.set_id(trio.terms.oracle_set)
        found = trio.typed.attestation_signer(made.attestation, made.id, set_id, signature)
        assert found == signer

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"price": 150_001}, "manifest.price"),
            ({"price": 1}, "manifest.price"),
            ({"node_fee": 15_001}, "manifest.node_fee"),
            ({"node": key("node b").address}, "attestation.node"),
            ({"entries": bytes.fromhex("00000001000f4240")}, "attestation.entries"),
            ({"generated_at": 2**40}, "not closed here yet"),
            ({"generated_at": 5}, "seconds old"),
        ],
    )
    def test_a_lie_is_refused_with_its_field(self, trio, made, changes, said):
        with pytest.raises(RefrainError, match=said):
            self.ask(trio, made, **changes)
        seat = trio.contexts[1].store.seat(made.order.payer, made.order.nonce)
        assert seat.accepted is None

    def test_an_original_that_is_not_settled_is_refused(self, trio, made):
        trio.ledger.settled.pop(made.original)
        with pytest.raises(Inconsistent, match="is not settled"):
            self.ask(trio, made)

    def test_an_original_settled_with_another_manifest_is_refused(self, trio, made):
        known = trio.ledger.settled[made.original]
        trio.ledger.settled[made.original] = replace(known, manifest=b"\x01" * 32)
        with pytest.raises(Inconsistent, match=r"original\.manifest"):
            self.ask(trio, made)

    def test_a_use_that_was_not_permitted_then_is_refused(self, trio, made):
        trio.ledger.amend(2, uses=1)
        assert self.ask(trio, made)
        late = trio.ledger.blocks[-1].timestamp
        with pytest.raises(Refused, match="unpermitted"):
            self.ask(trio, made, index=2, generated_at=late)

    def test_an_order_by_another_key_is_refused(self, trio, made):
        forged = "0x" + key("stranger").sign(trio.typed.order_digest(made.order)).hex()
        with pytest.raises(RefrainError, match="order_signature"):
            self.ask(trio, replace(made, order_signature=forged))


def test_an_upgrade_is_posted_once_despite_a_crash(trio, original):
    taken = place(trio, original)
    pipeline = Pipeline(trio.contexts[0])
    while pipeline.advance(taken.id).stage != Stage.SIGNED:
        pass
    context = trio.reopened()
    signed = context.store.load(taken.id)
    assert (signed.original, signed.price) == (original.id, 150_000)
    for _ in range(5):
        done = Pipeline(context).advance(taken.id)
    assert done.stage == Stage.SETTLED and trio.sender.posts == 2


def test_a_silent_chain_only_delays_an_upgrade(trio, original):
    taken = place(trio, original)
    trio.ledger.fault = Unavailable("away")
    assert Pipeline(trio.contexts[0]).advance(taken.id).stage == Stage.ORDERED
    trio.ledger.fault = None
    assert run(trio, taken.id).stage == Stage.SETTLED

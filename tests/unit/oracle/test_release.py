"""After the payment: every oracle delivers, as many copies as asked, and none trusts a pin."""

import hashlib
import os
from dataclasses import replace

import pytest

from oracle.domain.cid import CHUNK, cid_of, raw_cid
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.domain.generation import Generation, Stage
from oracle.domain.manifest import Content, to_bytes
from oracle.domain.reservation import Ballot
from oracle.domain.seat import Seat
from oracle.pipeline.release import PATIENCE, WAITS, rank, release
from tests.support.fakes import FakePinner
from tests.support.samples import manifest
from tests.support.trio import make_trio

AUDIO, TRACE = os.urandom(CHUNK + 5), b"a trace"


def content(data):
    return Content(cid_of(data), hashlib.sha256(data).hexdigest())


MADE = manifest(audio=content(AUDIO), trace=content(TRACE))
SEAT = Seat(MADE.generation, Ballot(1, 0), 0, 0)
FILES = {cid_of(data): data for data in (AUDIO, TRACE, to_bytes(MADE))}


@pytest.fixture
def trio(tmp_path):
    """Three oracles with a paid generation; each has a pinner of its own, and no files."""
    trio = make_trio(tmp_path)
    for index, context in enumerate(trio.contexts):
        trio.contexts[index] = replace(context, pinner=FakePinner())
        trio.contexts[index].store.reserve(paid(), lambda _seat, _open: SEAT)
    for index, peers in trio.peers.items():
        for peer, other in zip(peers, [o for o in range(3) if o != index], strict=True):
            peer.context = trio.contexts[other]
    return trio


def paid(**changes):
    name, cid = MADE.generation, raw_cid(hashlib.sha256(to_bytes(MADE)).digest())
    base = Generation(name, MADE.request, MADE.order, MADE.order_signature, MADE.price,
                      stage=Stage.CONFIRMED, manifest=cid)  # fmt: skip
    return replace(base, **changes)


def hold(context):
    """The oracle has its own copies."""
    for data in (AUDIO, TRACE):
        context.withheld.put(MADE.generation, data)
    context.pinner.pin(to_bytes(MADE))


def public(context):
    return {cid: context.pinner.files.get(cid) for cid in FILES} == FILES


def keeping(trio, copies):
    """The contexts with REFRAIN_COPIES, in the order in which they pin."""
    order = rank(trio.terms.oracle_set.signers, MADE.generation)
    found = sorted(trio.contexts, key=lambda context: order.index(context.attester.address))
    return [replace(each, terms=replace(each.terms, copies=copies)) for each in found]


def test_a_paid_track_is_pinned_from_the_own_copy_and_described_by_its_manifest(trio):
    context = trio.contexts[0]
    hold(context)
    done = release(context, paid())
    assert (done.stage, done.audio, done.trace) == (Stage.SETTLED, cid_of(AUDIO), cid_of(TRACE))
    assert (done.vectors, done.payee) == (MADE.vectors, MADE.node)
    assert public(context)


def test_an_oracle_without_files_copies_them_from_any_other(trio):
    hold(trio.contexts[2])
    assert release(trio.contexts[0], paid()).stage is Stage.SETTLED
    assert public(trio.contexts[0])


def test_files_that_only_a_pinner_of_another_oracle_has_are_copied_too(trio):
    hold(trio.contexts[1])
    release(trio.contexts[1], paid())
    trio.contexts[1].withheld.drop(MADE.generation)
    release(trio.contexts[0], paid())
    assert public(trio.contexts[0])


def test_without_any_copy_the_generation_waits_and_is_not_settled(trio):
    trio.contexts[0].pinner.pin(to_bytes(MADE))
    with pytest.raises(Unavailable):
        release(trio.contexts[0], paid())


def test_a_second_release_changes_nothing_and_repairs_a_lost_block(trio):
    context = trio.contexts[0]
    hold(context)
    once = release(context, paid())
    del context.pinner.files[cid_of(AUDIO)]
    assert release(context, paid(confirmed=once.confirmed)) == once
    assert public(context)


def test_a_pinner_that_claims_a_pin_but_cannot_read_it_gets_the_file_again(trio):
    class Claims(FakePinner):
        def pinned(self, _cid):
            return True

    context = replace(trio.contexts[0], pinner=Claims())
    hold(context)
    release(context, paid())
    assert public(context)


def test_as_many_oracles_pin_as_the_operator_asks_for(trio):
    first, second, third = keeping(trio, 2)
    for context in (first, second, third):
        hold(context)
    assert [release(each, paid()).stage for each in (first, second)] == [Stage.SETTLED] * 2
    late = release(third, paid())
    assert (late.stage, late.detail) == (Stage.CONFIRMED, WAITS)
    assert [public(each) for each in (first, second, third)] == [True, True, False]


def test_the_others_are_settled_once_they_can_read_the_files(trio):
    first, second, _ = keeping(trio, 1)
    hold(first)
    second = replace(second, pinner=first.pinner)
    assert release(second, paid()).stage is Stage.CONFIRMED
    release(first, paid())
    assert release(second, paid()).stage is Stage.SETTLED


def test_an_oracle_pins_itself_when_the_first_ones_do_not_in_time(trio):
    _, second, _ = keeping(trio, 1)
    hold(second)
    waiting = release(second, paid())
    trio.clock.sleep(PATIENCE)
    assert release(second, waiting).stage is Stage.CONFIRMED
    trio.clock.sleep(1)
    assert release(second, waiting).stage is Stage.SETTLED
    assert public(second)


def test_the_order_of_pinning_is_the_same_everywhere_and_differs_by_generation(trio):
    signers = trio.terms.oracle_set.signers
    firsts = {rank(signers, f"0x{number:064x}")[0] for number in range(40)}
    assert firsts == set(signers)
    assert rank(tuple(reversed(signers)), MADE.generation) == rank(signers, MADE.generation)


def test_a_manifest_of_another_generation_is_refused(trio):
    context = trio.contexts[0]
    hold(context)
    with pytest.raises(Inconsistent, match=r"manifest\.generation"):
        release(context, paid(id="0x" + "cd" * 32))


def test_an_upgrade_is_settled_with_the_public_files_of_its_original(trio):
    upgrade = paid(original="0x" + "ee" * 32, audio="a", trace="t")
    done = release(trio.contexts[0], upgrade)
    assert (done.stage, done.audio, done.trace) == (Stage.SETTLED, "a", "t")

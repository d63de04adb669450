"""Generations: final stages, and the seed from the id."""

from oracle.domain.generation import ENDS, Generation, Stage, seed_of
from tests.support.samples import order_for, request


def test_a_generation_starts_as_ordered_and_has_five_final_stages():
    start = Generation("0x" + "ab" * 32, request(), order_for(request()), "0x", 1)
    assert start.stage == Stage.ORDERED
    assert not start.ended
    assert {str(stage) for stage in ENDS} == {
        "settled", "refused", "failed", "expired", "cancelled",
    }  # fmt: skip


def test_the_seed_is_the_first_eight_bytes_of_the_id():
    assert seed_of("0x0123456789abcdef" + "00" * 24) == 0x0123456789ABCDEF

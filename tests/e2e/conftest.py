"""One running stack for all tests here, with four recordings of the demo's catalogue."""

import pytest

from oracle.domain.request import Reference, Request
from scripts.demo.choice import best_group
from scripts.demo.show import Show
from scripts.demo.story import make_app
from scripts.offers import demo_offers
from scripts.registration import CATALOGUE, register_offers
from scripts.stack import ROOT, Stack

from .world import World, commercial


@pytest.fixture(scope="session")
def catalogue():
    from scripts.catalogue import render_catalogue

    render_catalogue(CATALOGUE)
    return CATALOGUE


def four_offers(folder):
    """Three songs of one tempo, the first with two holders, and one for personal use only."""
    from scripts.catalogue import SONGS

    everything = demo_offers(folder)
    pairs = zip(SONGS, everything, strict=True)
    fitting = [offer for song, offer in pairs if abs(song.bpm / SONGS[0].bpm - 1) < 0.05]
    return [*fitting[:3], everything[-1]]


@pytest.fixture(scope="session")
def world(tmp_path_factory, catalogue):
    stack = Stack(tmp_path_factory.mktemp("stack"), vaults=ROOT / ".refrain" / "vaults" / "tests")
    stack.start()
    try:
        registered = register_offers(stack, four_offers(catalogue), Show())
        app = make_app(stack)
        app.mint(100_000_000)
        app.fund(100_000_000)
        usable = [item for item in registered if commercial(item)]
        yield World(stack, app, registered, best_group(usable))
    finally:
        stack.stop()


@pytest.fixture
def request_of(world):
    """A request for the chosen recordings by weight; short, since its length is not the point."""

    def made(weights=(500_000, 300_000, 200_000), length=6, recordings=None, tier="commercial"):
        numbers = recordings or [item.recording for item in world.chosen[: len(weights)]]
        pairs = sorted(zip(numbers, weights, strict=True))
        return Request(
            "mosaic", length, "a test of the whole", tuple(Reference(*pair) for pair in pairs),
            "realised", tier,
        )  # fmt: skip

    return made

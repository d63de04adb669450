"""One running stack for all tests of this folder, with four songs of the demo."""

import pytest

from scripts.demo.selection import best_group
from scripts.stack.app_account import make_app
from scripts.stack.catalogue_folder import demo_offers
from scripts.stack.console import Console
from scripts.stack.layout import ROOT
from scripts.stack.registration import CATALOGUE, register_offers
from scripts.stack.stack import Stack

from .world import World, asked, commercial


@pytest.fixture(scope="session")
def catalogue():
    from scripts.songs import render_catalogue

    render_catalogue(CATALOGUE)
    return CATALOGUE


def four_offers(folder):
    """Three songs of similar tempo, the first with two holders, and one for personal use only."""
    from scripts.songs import SONGS

    everything = demo_offers(folder)
    pairs = zip(SONGS, everything, strict=True)
    fitting = [offer for song, offer in pairs if abs(song.bpm / SONGS[0].bpm - 1) < 0.05]
    return [*fitting[:3], everything[-1]]


@pytest.fixture(scope="session")
def world(tmp_path_factory, catalogue):
    stack = Stack(tmp_path_factory.mktemp("stack"), vaults=ROOT / ".refrain" / "vaults" / "tests")
    stack.start()
    try:
        registered = register_offers(stack, four_offers(catalogue), Console())
        app = make_app(stack)
        app.mint(100_000_000)
        app.fund(100_000_000)
        usable = [item for item in registered if commercial(item)]
        yield World(stack, app, registered, best_group(usable))
    finally:
        stack.stop()


@pytest.fixture
def request_of(world):
    """A request for the chosen recordings by weight. It is short, to save time."""

    def made(weights=(500_000, 300_000, 200_000), length=6, recordings=None, tier="commercial"):
        numbers = recordings or [item.recording for item in world.chosen[: len(weights)]]
        pairs = sorted(zip(numbers, weights, strict=True))
        return asked(pairs, length, tier)

    return made

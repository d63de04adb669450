"""The quote refuses exactly the sets of references that the engine refuses, by the same name."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator.engines.mosaic.tempo import NoCommonTempo, common_tempo
from oracle.domain.tempi import fits, whole_bpm
from oracle.orders.quotes import Asker, Quote, quote
from tests.support.samples import recording, request
from tests.support.trio import Trio, make_trio

MOST = 6


@pytest.fixture
def trio(tmp_path: Path) -> Trio:
    made = make_trio(tmp_path)
    for number in range(4, MOST + 1):
        made.ledger.register(recording(number))
    return made


def analysed(dice: random.Random, count: int) -> list[Any]:
    """What the engine reads of the records of `count` songs; one in ten has no beat."""
    return [
        SimpleNamespace(millibpm=dice.randint(60_000, 120_000), tracked=dice.random() > 0.1)
        for _ in range(count)
    ]


def told(record: Any) -> int:
    """What a node says of a song."""
    return whole_bpm(record.millibpm) if record.tracked else 0


def shares(dice: random.Random, count: int) -> list[int]:
    """Weights that give each reference a beat in half a minute."""
    parts = [dice.randint(40_000, 100_000) for _ in range(count - 1)]
    return [*parts, 1_000_000 - sum(parts)]


def quoted(trio: Trio, songs: list[Any], weights: list[int]) -> Quote:
    for node in trio.nodes:
        node.bpm = {number: told(song) for number, song in enumerate(songs, 1)}
    trio.clock.sleep(6)
    numbered = enumerate(weights, 1)
    references = [{"recording": number, "weight": weight} for number, weight in numbered]
    asked = request(references=references, length=30)
    return quote(trio.contexts[0], asked, Asker(trio.payer.address))


def test_quote_and_engine_agree_on_any_tempi(trio: Trio) -> None:
    dice, refused = random.Random(12), 0
    for _ in range(300):
        songs = analysed(dice, dice.randint(1, MOST))
        weights, lean = shares(dice, len(songs)), dice.choice((-1, 0, 1))
        found = {r.recording: r for r in quoted(trio, songs, weights).refusals}
        assert all(refusal.reason == "tempo" for refusal in found.values())
        try:
            bpm = common_tempo(songs, weights, lean)
        except NoCommonTempo as error:
            assert found[error.index + 1].detail == error.detail
            assert error.index + 1 == min(number for number in found if number)
            refused += 1
        else:
            assert found == {}
            assert all(fits(told(song), bpm) for song in songs)
    assert 60 < refused < 240

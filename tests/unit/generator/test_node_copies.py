"""Copies at a node: told to oracles in both directions, grouped in traces, and screened for."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from generator.audio.decode import wav_bytes
from generator.node import screening
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from oracle.domain.copies import MOST_COPIES
from oracle.domain.errors import Inconsistent, InvalidInput
from scripts.bench.copies import kinds
from scripts.bench.copies.songs import band, compose, play
from tests.unit.generator.served_node import problem, served_node
from tests.unit.generator.test_vault import receive
from tests.unit.generator.tiny_engine import TinyEngine

SECONDS = 12
pytestmark = pytest.mark.long


def sounding(seed, change=lambda signal: signal):
    """The file of a song, changed."""
    signal = change(play(compose(seed), band(seed), SECONDS, kinds.RATE))
    return wav_bytes(np.rint(np.clip(signal, -1, 1) * 32_000).astype(np.int16))


@pytest.fixture(scope="module")
def files():
    return {1: sounding(1), 2: sounding(1, kinds.speed(1.05)), 3: sounding(2), 4: sounding(1)}


@pytest.fixture(scope="module")
def node(tmp_path_factory, files):
    with served_node(tmp_path_factory.mktemp("node")) as made:
        for number, content in files.items():
            assert made.upload(made.register(number, content), content).status_code == 201
        yield made


def test_an_upload_is_compared_with_all_before_and_both_sides_are_told(node):
    told = node.post("/v1/copies", {"recordings": [1, 2, 3, 9]}).json()
    assert told["unexamined"] == []
    pairs = {(each["recording"], each["other"]): each for each in told["copies"]}
    assert sorted(pairs) == [(1, 2), (1, 4), (2, 1), (2, 4)]
    assert pairs[2, 1]["tones"] == -pairs[1, 2]["tones"] == 14
    assert abs(pairs[2, 1]["speed"] - 1_050_000) < 6_000
    assert abs(pairs[1, 2]["speed"] - 952_381) < 6_000
    assert pairs[1, 4]["score"] == 1_000  # the same bytes


def test_a_question_names_recordings(node):
    problem(node.post("/v1/copies", {"recordings": [0]}), 422, "recordings[0]")
    problem(node.post("/v1/copies", {"recordings": []}), 422, "recordings")


def test_references_that_are_copies_are_a_group(node):
    vault = node.node.vault
    assert screening.groups(vault, [1, 2, 3, 4]) == [[1, 2, 4]]
    assert screening.groups(vault, [2, 3]) == []
    assert screening.groups(vault, [3, 4]) == []


def test_a_track_that_copies_what_is_not_named_is_refused(node, tmp_path):
    track = tmp_path / "track.wav"
    track.write_bytes(sounding(2, kinds.tempo(1.05)))
    vault = node.node.vault
    with pytest.raises(InvalidInput, match="copies recording 3, which the order does not name"):
        screening.require_own(vault, track, [1, 2])
    screening.require_own(vault, track, [3])


def test_a_named_recordings_own_copies_count_as_named(node, tmp_path):
    track = tmp_path / "track.wav"
    track.write_bytes(sounding(1))
    vault = node.node.vault
    screening.require_own(vault, track, [2])
    with pytest.raises(InvalidInput, match="copies recording"):
        screening.require_own(vault, track, [3])


def test_of_a_crowd_of_copies_the_lowest_ids_are_told(vault, files):
    for number in range(1, MOST_COPIES + 3):
        receive(vault, files[1])
        vault.admit(number, hashlib.sha256(files[1]).hexdigest())
    for number in (1, MOST_COPIES + 2):
        told = [pair["other"] for pair in screening.pairs(vault, [number])]
        lowest = [each for each in range(1, MOST_COPIES + 3) if each != number]
        assert told == lowest[:MOST_COPIES]
    assert len(screening.pairs(vault, range(1, 12))) == 11 * MOST_COPIES


@pytest.fixture
def vault(tmp_path):
    process = EngineProcess({"tiny": TinyEngine}, tmp_path / "cache")
    yield Vault(tmp_path / "vault", "ledger-a", process, "tiny")
    process.close()


def test_what_came_before_fingerprints_is_compared_later(vault, tmp_path, files):
    for number in (1, 2):
        receive(vault, files[number])
        vault.admit(number, hashlib.sha256(files[number]).hexdigest())
    (name,) = {hashlib.sha256(files[2]).hexdigest()}
    matches = tmp_path / "vault" / "fingerprints" / "matches" / name[:2] / f"{name}.json"
    before = matches.read_bytes()
    matches.unlink()
    assert screening.unexamined(vault, [1, 2, 5]) == [2]
    screening.examine_all(vault)
    assert screening.unexamined(vault, [1, 2]) == []
    assert matches.read_bytes() == before
    matches.write_bytes(b"{}")
    with pytest.raises(Inconsistent, match="delete it to compare the file again"):
        screening.pairs(vault, [2])

"""Another shell changes what a command has shown, while the question waits for its answer."""

from __future__ import annotations

import pytest
import typer

from tests.support.chain_world import copied_world
from tests.support.shell import Shell


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def shell(world, tmp_path, monkeypatch, capsys):
    return Shell(world, tmp_path, monkeypatch, capsys)


@pytest.fixture
def meanwhile(monkeypatch):
    """Has something done at the moment of the question, which is then answered with yes."""

    def add(action):
        def answer(*words, **options):
            action()
            return True

        monkeypatch.setattr(typer, "confirm", answer)

    return add


def refused(shell, name):
    assert shell.code == 1 and shell.out == ""
    last = shell.err.splitlines()[-1]
    assert "changed while you were asked: " in last and "nothing was sent" in last
    assert name in last


def test_floors_that_another_shell_set_are_kept(world, shell, meanwhile):
    artist = world.artist("mara")
    meanwhile(lambda: artist.set_floors(1, [5, 90_000]))
    shell("mara", "consent", "floors", "1", "keep", "--recording", 1, typed="")
    refused(shell, "floors was none and is ")
    assert world.ledger().recording(1).floors == (5, 90_000, 0, 0)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["consent", "set", "--max-share", "30%", "--recording", 1], "largest share"),
        (["consent", "revoke", "--recording", 1], "largest share"),
    ],
)
def test_a_consent_that_another_shell_changed_is_kept(world, shell, meanwhile, words, name):
    artist, until = world.artist("mara"), world.ledger().recording(1).consent_until
    meanwhile(lambda: artist.amend(1, until, 5, 1_234))
    shell("mara", *words, typed="")
    refused(shell, name)
    found = world.ledger().recording(1)
    assert found.max_share == 1_234 and not found.revoked_at


def test_a_split_that_another_shell_assigned_is_kept(world, shell, meanwhile):
    mara, holder = world.address("mara"), world.address("holder")
    artist = world.artist("mara")
    wanted = artist.create_split({mara: 600_000, holder: 400_000})
    meanwhile(lambda: artist.assign(1, 1))
    shell("mara", "split", "assign", wanted, "--recording", 1, typed="")
    refused(shell, "split was 0 and is 1")
    assert world.ledger().recording(1).split == 1


def test_an_offer_that_another_shell_made_is_kept(world, shell, meanwhile):
    artist, jonas = world.artist("mara"), world.address("jonas")
    meanwhile(lambda: artist.offer(1, jonas))
    shell("mara", "recording", "offer", 1, "--to", world.address("holder"), typed="")
    refused(shell, f"offered to was nobody and is {jonas}")


def test_a_recording_that_another_shell_changed_is_not_accepted(world, shell, meanwhile):
    artist, holder = world.artist("mara"), world.address("holder")
    artist.offer(1, holder)
    meanwhile(lambda: artist.assign(1, 1))
    shell("holder", "recording", "accept", 1, typed="")
    refused(shell, "split was 0 and is 1")
    assert world.ledger().recording(1).owner == world.address("mara")

"""The vault: content by its hash, all or nothing, per ledger, and refusals that leave no trace."""

import hashlib
import json

import pytest

from generator.audio import AudioError
from generator.vault import Vault
from generator.workshop import EngineFailed, Workshop
from oracle.domain.errors import NotFound, WrongBytes
from tests.unit.generator import songs, tiny_engine


class DyingEngine(tiny_engine.TinyEngine):
    """Dies of every file it is shown."""

    analyse = tiny_engine.KilledEngine.generate


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    engines = {"tiny": tiny_engine.TinyEngine, "dying": DyingEngine}
    made = Workshop(engines, tmp_path_factory.mktemp("cache"))
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "vault"


@pytest.fixture
def vault(folder, workshop):
    return Vault(folder, "ledger-a", workshop, "tiny")


async def pieces(content, size=10_000):
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def broken(content):
    yield content[:1000]
    raise ConnectionError("the sender went away")


def receive(vault, content, audio=None):
    """Drives the coroutine by hand; the vault itself never waits."""
    waiting = vault.receive(audio or hashlib.sha256(content).hexdigest(), pieces(content))
    try:
        waiting.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the vault waited for something")


def left(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_received_is_analysed_and_held(vault):
    content = songs.song(1)
    digest = hashlib.sha256(content).hexdigest()
    path = receive(vault, content)
    held = vault.admit(3, digest)
    assert path.read_bytes() == content
    assert (held.recording, held.audio, held.seconds, held.bpm) == (3, digest, 4, 120)
    assert vault.held() == [3]
    assert vault.find(3) == held
    assert vault.source(3, digest, "references[0]").path == path


def test_the_same_again_changes_nothing(vault, folder):
    content = songs.song(1)
    digest = hashlib.sha256(content).hexdigest()
    answers = []
    for _ in range(2):
        receive(vault, content)
        answers.append(vault.admit(3, digest))
    assert answers[0] == answers[1]
    assert len(left(folder)) == 2


def test_other_bytes_than_registered_leave_nothing(vault, folder):
    with pytest.raises(WrongBytes, match="as registered"):
        receive(vault, songs.song(1), audio="ab" * 32)
    assert left(folder) == []


def test_a_sender_that_goes_away_leaves_nothing(vault, folder):
    with pytest.raises(ConnectionError):
        vault.receive("ab" * 32, broken(songs.song(1))).send(None)
    assert left(folder) == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"no audio at all, only words", "audio"),
        (songs.song(1, seconds=1), "audio.seconds"),
        (songs.song(1)[:44] + bytes(4 * 44_100 * 4), "audio.peak"),
        (b"", "audio"),
    ],
    ids=["text", "short", "silent", "empty"],
)
def test_unusable_audio_is_refused_by_name_and_deleted(vault, folder, content, field):
    receive(vault, content)
    with pytest.raises(AudioError) as refused:
        vault.admit(3, hashlib.sha256(content).hexdigest())
    assert refused.value.field == field
    assert left(folder) == []
    assert vault.held() == []


def test_a_file_that_kills_the_engine_is_deleted(folder, workshop):
    vault = Vault(folder, "ledger-a", workshop, "dying")
    content = songs.song(1)
    receive(vault, content)
    with pytest.raises(EngineFailed, match="SIGKILL"):
        vault.admit(3, hashlib.sha256(content).hexdigest())
    assert left(folder) == []


def test_a_failed_upload_does_not_take_the_file_from_another_recording(folder, workshop):
    content = songs.song(1)
    digest = hashlib.sha256(content).hexdigest()
    good = Vault(folder, "ledger-a", workshop, "tiny")
    receive(good, content)
    good.admit(3, digest)
    with pytest.raises(EngineFailed):
        Vault(folder, "ledger-b", workshop, "dying").admit(9, digest)
    assert good.source(3, digest, "").path.read_bytes() == content


def test_recordings_of_one_ledger_are_not_those_of_another(vault, folder, workshop):
    content = songs.song(1)
    receive(vault, content)
    vault.admit(3, hashlib.sha256(content).hexdigest())
    other = Vault(folder, "ledger-b", workshop, "tiny")
    assert other.held() == []
    with pytest.raises(NotFound, match=r"references\[0\]\.recording"):
        other.source(3, hashlib.sha256(content).hexdigest(), "references[0]")


def test_a_recording_held_with_other_audio_is_not_found(vault):
    content = songs.song(1)
    receive(vault, content)
    vault.admit(3, hashlib.sha256(content).hexdigest())
    with pytest.raises(NotFound, match=r"references\[1\]\.audio: is held as"):
        vault.source(3, "ab" * 32, "references[1]")


def test_unknown_recordings_are_not_found(vault):
    with pytest.raises(NotFound):
        vault.find(4)


def test_drafts_of_a_killed_process_are_dropped_at_start(vault, folder, workshop):
    receive(vault, songs.song(1))
    (kept,) = left(folder)
    (kept.parent / ".draft-x").write_bytes(b"half")
    (folder / "ledgers/ledger-a/held/.draft-y").write_bytes(b"half")
    Vault(folder, "ledger-a", workshop, "tiny")
    assert left(folder) == [kept]


def test_what_is_held_survives_a_restart_as_plain_json(vault, folder, workshop):
    content = songs.song(1)
    receive(vault, content)
    held = vault.admit(12, hashlib.sha256(content).hexdigest())
    again = Vault(folder, "ledger-a", workshop, "tiny")
    assert again.find(12) == held
    stored = json.loads((folder / "ledgers/ledger-a/held/12.json").read_bytes())
    assert stored["recording"] == 12

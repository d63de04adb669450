"""The vault: files by hash, atomic, per ledger; a refused upload leaves nothing behind."""

import hashlib
import json

import pytest

from generator.audio.decode import AudioError
from generator.node.vault import Vault
from generator.sandbox.process import EngineFailed, EngineProcess
from oracle.domain.errors import NotFound, WrongBytes
from tests.unit.generator import songs, tiny_engine


class DyingEngine(tiny_engine.TinyEngine):
    """Crashes on every file."""

    analyse = tiny_engine.KilledEngine.generate


@pytest.fixture(scope="module")
def engine_process(tmp_path_factory):
    engines = {"tiny": tiny_engine.TinyEngine, "dying": DyingEngine}
    made = EngineProcess(engines, tmp_path_factory.mktemp("cache"))
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "vault"


@pytest.fixture
def vault(folder, engine_process):
    return Vault(folder, "ledger-a", engine_process, "tiny")


async def pieces(content, size=10_000):
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def broken(content):
    yield content[:1000]
    raise ConnectionError("the sender left")


def receive(vault, content, audio=None):
    """Runs the coroutine in one step; the vault itself never waits."""
    waiting = vault.receive(audio or hashlib.sha256(content).hexdigest(), pieces(content))
    try:
        waiting.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the vault waited for something")


def left(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_received_file_is_analysed_and_held(vault):
    content = songs.song(1)
    digest = hashlib.sha256(content).hexdigest()
    path = receive(vault, content)
    held = vault.admit(3, digest)
    assert path.read_bytes() == content
    assert (held.recording, held.audio, held.seconds, held.bpm) == (3, digest, 4, 120)
    assert vault.holds(range(100)) == [3]
    assert vault.find(3) == held
    assert vault.source(3, digest, "references[0]").path == path


def test_a_repeated_upload_changes_nothing(vault, folder):
    content = songs.song(1)
    digest = hashlib.sha256(content).hexdigest()
    answers, files = [], []
    for _ in range(2):
        receive(vault, content)
        answers.append(vault.admit(3, digest))
        files.append({path: path.read_bytes() for path in left(folder)})
    assert answers[0] == answers[1]
    assert files[0] == files[1]


def test_bytes_other_than_registered_leave_no_file(vault, folder):
    with pytest.raises(WrongBytes, match="as registered"):
        receive(vault, songs.song(1), audio="ab" * 32)
    assert left(folder) == []


def test_an_interrupted_upload_leaves_no_file(vault, folder):
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
def test_unusable_audio_is_refused_and_deleted(vault, folder, content, field):
    receive(vault, content)
    with pytest.raises(AudioError) as refused:
        vault.admit(3, hashlib.sha256(content).hexdigest())
    assert refused.value.field == field
    assert left(folder) == []
    assert vault.holds(range(100)) == []


def test_a_file_on_which_the_engine_crashes_is_deleted(folder, engine_process):
    vault = Vault(folder, "ledger-a", engine_process, "dying")
    content = songs.song(1)
    receive(vault, content)
    with pytest.raises(EngineFailed, match="SIGKILL"):
        vault.admit(3, hashlib.sha256(content).hexdigest())
    assert left(folder) == []


def test_a_failed_upload_does_not_take_the_file_from_another_recording(folder, engine_process):
    content = songs.song(1)
    digest = hashlib.sha256(content).hexdigest()
    good = Vault(folder, "ledger-a", engine_process, "tiny")
    receive(good, content)
    good.admit(3, digest)
    with pytest.raises(EngineFailed):
        Vault(folder, "ledger-b", engine_process, "dying").admit(9, digest)
    assert good.source(3, digest, "").path.read_bytes() == content


def test_ledgers_do_not_share_recordings(vault, folder, engine_process):
    content = songs.song(1)
    receive(vault, content)
    vault.admit(3, hashlib.sha256(content).hexdigest())
    other = Vault(folder, "ledger-b", engine_process, "tiny")
    assert other.holds(range(100)) == []
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


def test_drafts_of_a_killed_process_are_deleted_at_start(vault, folder, engine_process):
    receive(vault, songs.song(1))
    (kept,) = left(folder)
    (kept.parent / ".draft-x").write_bytes(b"half")
    (folder / "ledgers/ledger-a/held/.draft-y").write_bytes(b"half")
    Vault(folder, "ledger-a", engine_process, "tiny")
    assert left(folder) == [kept]


def test_held_recordings_survive_a_restart_as_plain_json(vault, folder, engine_process):
    content = songs.song(1)
    receive(vault, content)
    held = vault.admit(12, hashlib.sha256(content).hexdigest())
    again = Vault(folder, "ledger-a", engine_process, "tiny")
    assert again.find(12) == held
    stored = json.loads((folder / "ledgers/ledger-a/held/12.json").read_bytes())
    assert stored["recording"] == 12

"""The node's vault: audio files by content. Owners upload them; the node never serves them.

Below the vault's folder:

    audio/<first 2>/<sha256>        files as uploaded
    embeddings/<sha256>.json        CLAP embedding, where a checkpoint is configured
    fingerprints/                   see generator/node/copies.py
    cache/<engine>/                 caches of engines: analysis records and layers
    ledgers/<scope>/held/<id>.json  the recordings of one ledger in the vault, and their analyses
    ledgers/<scope>/jobs/           see generator/node/job_queue.py
    ledgers/<scope>/checks.json     see generator/node/allowance.py

Ledgers share audio, because its name is its content; they do not share recording ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from generator import atomic_files
from generator.engines.base import Source
from generator.node.copies import Copies
from generator.node.room import Room
from generator.sandbox.process import EngineProcess
from generator.sandbox.tasks import as_json
from oracle.domain import canonical
from oracle.domain.errors import NotFound, WrongBytes

LARGEST = 100_000_000
"""Bytes of one uploaded file."""


@dataclass(frozen=True)
class Held:
    """A recording in the vault: `seconds` and `bpm` are whole numbers, `record` is a sha256."""

    recording: int
    audio: str
    seconds: int
    bpm: int
    record: str


class Vault:
    """Files by their sha256, and the recordings of one ledger that they belong to.

    Args:
        folder: root of the layout above.
        scope: names the ledger and its chain.
        engine_process: analyses uploads.
        engine: name of the engine that analyses uploads.
        checkpoint: file of CLAP weights, or None to store no embeddings.
        room: bounds the audio files; None for no bound.
        tracks: compares finished tracks with the files; None for the process of uploads.
    """

    def __init__(
        self,
        folder: Path,
        scope: str,
        engine_process: EngineProcess,
        engine: str,
        checkpoint: Path | None = None,
        room: Room | None = None,
        tracks: EngineProcess | None = None,
    ) -> None:
        self._folder = folder
        self._held = folder / "ledgers" / scope / "held"
        self._engine_process = engine_process
        self._engine = engine
        self._checkpoint = checkpoint
        self.copies = Copies(folder / "fingerprints", engine_process, tracks or engine_process)
        self._room = room
        self._held.mkdir(parents=True, exist_ok=True)
        self._named: dict[str, set[int]] = {}
        for held in self.all():
            self._named.setdefault(held.audio, set()).add(held.recording)
        atomic_files.drop_drafts(folder / "audio")
        atomic_files.drop_drafts(self._held)

    async def receive(self, audio: str, pieces: AsyncIterator[bytes]) -> Path:
        """Store bytes that must hash to `audio`; store nothing if they do not.

        Raises:
            WrongBytes: the bytes are not the registered file.
            Unavailable: there is no room; known before the first byte, for the largest file.
        """
        final = self._path(audio)
        if self._room is not None and not final.exists():
            self._room.require(LARGEST)
        digest = hashlib.sha256()
        with atomic_files.draft(final) as file:
            async for piece in pieces:
                digest.update(piece)
                file.write(piece)
            if digest.hexdigest() != audio:
                detail = f"must hash to {audio}, as registered"
                raise WrongBytes(detail, field="body", value=digest.hexdigest())
        return final

    def admit(self, recording: int, audio: str) -> Held:
        """Analyse a received file and record that the vault holds this recording.

        Raises:
            generator.audio.decode.AudioError: engines cannot use the file; the vault deletes it.
            generator.sandbox.process.EngineFailed: the engine crashed on the file; the vault
                deletes it.
        """
        source = as_json(Source(recording, audio, self._path(audio)))
        try:
            found = self._engine_process.run("analyse", {"engine": self._engine, "source": source})
            if self._checkpoint is not None:
                self._embed(audio)
            self.copies.examine(audio, self._path(audio))
        except BaseException:
            if not self._in_use(audio):
                self._path(audio).unlink(missing_ok=True)
            raise
        held = Held(recording, audio, found["seconds"], found["bpm"], found["record"])
        atomic_files.write(self._held / f"{recording}.json", canonical.dumps(asdict(held)))
        self._named.setdefault(audio, set()).add(recording)
        return held

    def holds(self, recordings: Iterable[int]) -> list[int]:
        """Those of some recordings that are in the vault, ascending."""
        found = {number for number in recordings if (self._held / f"{number}.json").is_file()}
        return sorted(found)

    def told(self, recordings: Iterable[int]) -> list[dict[str, int]]:
        """Those of some recordings that are in the vault, ascending: `recording` and `bpm`."""
        found = map(self.find, self.holds(recordings))
        return [{"recording": held.recording, "bpm": held.bpm} for held in found]

    def find(self, recording: int) -> Held:
        """The analysis of a recording in the vault. Raises NotFound."""
        path = self._held / f"{recording}.json"
        try:
            return Held(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            raise NotFound(
                "is not in this node's vault", field="recording", value=recording
            ) from None

    def source(self, recording: int, audio: str, place: str) -> Source:
        """The file of a recording in the vault.

        Args:
            audio: sha256 that the caller expects, 64 hex digits.
            place: path of the reference for the error, such as ``references[0]``.

        Raises:
            NotFound: the vault does not hold the recording, or holds it with other audio.
        """
        path = self._held / f"{recording}.json"
        if not path.is_file():
            field, value = f"{place}.recording", recording
            raise NotFound("is not in this node's vault", field=field, value=value)
        held = self.find(recording)
        if held.audio != audio:
            detail = f"is held as {held.audio}"
            raise NotFound(detail, field=f"{place}.audio", value=audio)
        return Source(recording, audio, self._path(audio))

    def all(self) -> Iterator[Held]:
        """The recordings of this ledger in the vault, ascending."""
        for path in sorted(self._held.glob("*.json"), key=lambda path: int(path.stem)):
            yield Held(**json.loads(path.read_bytes()))

    def path(self, held: Held) -> Path:
        """The file of a recording in the vault."""
        return self._path(held.audio)

    def recordings_of(self, audio: str) -> list[int]:
        """The recordings of this ledger that have a file, ascending."""
        return sorted(self._named.get(audio, ()))

    def _embed(self, audio: str) -> None:
        wanted = {"path": str(self._path(audio)), "checkpoint": str(self._checkpoint)}
        found = self._engine_process.run("embed", wanted)
        content = json.dumps(found, sort_keys=True).encode()
        atomic_files.write(self._folder / "embeddings" / f"{audio}.json", content)

    def _in_use(self, audio: str) -> bool:
        return any(
            json.loads(path.read_bytes())["audio"] == audio
            for path in (self._folder / "ledgers").glob("*/held/*.json")
        )

    def _path(self, audio: str) -> Path:
        return self._folder / "audio" / audio[:2] / audio

"""The audio a node works with: by content, put there by its owners, never handed out.

Below the vault's folder:

    audio/<first 2>/<sha256>        files as uploaded
    embeddings/<sha256>.json        CLAP embedding, where a checkpoint is configured
    cache/<engine>/                 what engines keep: analysis records and layers
    ledgers/<scope>/held/<id>.json  which recordings of one ledger are held, and their analyses
    ledgers/<scope>/jobs/           see generator/jobs.py

Audio is shared between ledgers, since it is named by its content; recording ids are not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generator import files
from generator.engines.base import Source
from generator.workshop import Workshop
from oracle.domain import canonical
from oracle.domain.errors import NotFound, WrongBytes

LARGEST = 100_000_000
"""Bytes of one uploaded file."""


@dataclass(frozen=True)
class Held:
    """A recording this node can work with: `seconds` and `bpm` whole, `record` a sha256."""

    recording: int
    audio: str
    seconds: int
    bpm: int
    record: str


class Vault:
    """Files by their sha256, and the recordings of one ledger that they belong to.

    Args:
        folder: root of the layout above.
        scope: names the ledger, and the chain it is on.
        workshop: where uploads are analysed.
        engine: which engine's analysis an upload is answered with.
        checkpoint: CLAP weights, or None to store no embeddings.
    """

    def __init__(
        self,
        folder: Path,
        scope: str,
        workshop: Workshop,
        engine: str,
        checkpoint: Path | None = None,
    ) -> None:
        self._folder = folder
        self._held = folder / "ledgers" / scope / "held"
        self._workshop = workshop
        self._engine = engine
        self._checkpoint = checkpoint
        self._held.mkdir(parents=True, exist_ok=True)
        files.drop_drafts(folder / "audio")
        files.drop_drafts(self._held)

    async def receive(self, audio: str, pieces: AsyncIterator[bytes]) -> Path:
        """Store the bytes that must hash to `audio`; nothing stays when they do not.

        Raises:
            WrongBytes: other bytes than were registered.
        """
        final = self._path(audio)
        digest = hashlib.sha256()
        with files.draft(final) as file:
            async for piece in pieces:
                digest.update(piece)
                file.write(piece)
            if digest.hexdigest() != audio:
                detail = f"must hash to {audio}, as registered"
                raise WrongBytes(detail, field="body", value=digest.hexdigest())
        return final

    def admit(self, recording: int, audio: str) -> Held:
        """Analyse a received file and hold it as this recording; refuses files engines cannot use.

        Raises:
            generator.audio.AudioError: the file cannot be used; it is deleted again.
            generator.workshop.EngineFailed: the engine died of it; it is deleted again.
        """
        source = as_json(Source(recording, audio, self._path(audio)))
        try:
            found = self._workshop.run("analyse", {"engine": self._engine, "source": source})
            if self._checkpoint is not None:
                self._embed(audio)
        except BaseException:
            if not self._in_use(audio):
                self._path(audio).unlink(missing_ok=True)
            raise
        held = Held(recording, audio, found["seconds"], found["bpm"], found["record"])
        files.write(self._held / f"{recording}.json", canonical.dumps(asdict(held)))
        return held

    def held(self) -> list[int]:
        """Recordings this node can work with, ascending."""
        return sorted(int(path.stem) for path in self._held.glob("[0-9]*.json"))

    def find(self, recording: int) -> Held:
        """What is known of a held recording. Raises NotFound when it is not held."""
        path = self._held / f"{recording}.json"
        try:
            return Held(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            raise NotFound(
                "is not in this node's vault", field="recording", value=recording
            ) from None

    def source(self, recording: int, audio: str, place: str) -> Source:
        """The file of a held recording.

        Args:
            audio: sha256 the caller expects, 64 hex digits.
            place: of the reference, for the error, such as ``references[0]``.

        Raises:
            NotFound: the recording is not held, or with other audio.
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

    def _embed(self, audio: str) -> None:
        wanted = {"path": str(self._path(audio)), "checkpoint": str(self._checkpoint)}
        found = self._workshop.run("embed", wanted)
        content = json.dumps(found, sort_keys=True).encode()
        files.write(self._folder / "embeddings" / f"{audio}.json", content)

    def _in_use(self, audio: str) -> bool:
        return any(
            json.loads(path.read_bytes())["audio"] == audio
            for path in (self._folder / "ledgers").glob("*/held/*.json")
        )

    def _path(self, audio: str) -> Path:
        return self._folder / "audio" / audio[:2] / audio


def as_json(source: Source) -> dict[str, Any]:
    """A source as workshops take it."""
    return {"recording": source.recording, "audio": source.audio, "path": str(source.path)}

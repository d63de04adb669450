"""Which files of a vault are copies of each other, as their fingerprints say.

    <folder>/prints, segments               see generator/fingerprints/index.py
    <folder>/matches/<first 2>/<sha256>.json    the files that match one, written when it came

This is about files, not recordings: ledgers share it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from generator import atomic_files
from generator.sandbox.process import EngineProcess
from oracle.domain import canonical, fields
from oracle.domain.errors import Inconsistent, InvalidInput


@dataclass(frozen=True)
class FileMatch:
    """A file that sounds like another one; all numbers but the name as in `Match`.

    Args:
        audio: sha256 of the other file.
        score: thousandths, from `COPY` on; 1,000 for the same bytes.
        seconds: that both have.
        speed: millionths of the other one's speed.
        tones: by how many 1/192 octaves this one is higher.
    """

    audio: str
    score: int
    seconds: int
    speed: int
    tones: int


_KEYS = ("audio", "score", "seconds", "speed", "tones")
MOST = 1_000_000


class Copies:
    """The copies among the files of one vault.

    Args:
        folder: root of the layout above.
        uploads: makes fingerprints of uploads; it alone adds to the index.
        tracks: makes those of finished tracks, so that none waits for an upload.
    """

    def __init__(self, folder: Path, uploads: EngineProcess, tracks: EngineProcess) -> None:
        self._folder = folder
        self._uploads, self._tracks = uploads, tracks
        self._lock = threading.Lock()

    def examine(self, audio: str, path: Path) -> None:
        """Compares a file with all others, once; a repeated call changes nothing.

        Raises:
            generator.audio.decode.AudioError: the file cannot be decoded.
            generator.sandbox.process.EngineFailed: the process died on it.
        """
        if self.examined(audio):
            return
        wanted = {"path": str(path), "name": audio, "folder": str(self._folder), "keep": True}
        found = [FileMatch(**each) for each in self._uploads.run("fingerprint", wanted)]
        with self._lock:
            for match in found:
                self._add(match.audio, _reverse(match, audio))
            self._add(audio, *found)

    def examined(self, audio: str) -> bool:
        """Whether a file was compared with those that came before it."""
        return self._path(audio).is_file()

    def of(self, audio: str) -> tuple[FileMatch, ...]:
        """The files that match one, ascending by name; none before it is examined.

        Raises:
            Inconsistent: the file of matches is damaged.
        """
        try:
            content = canonical.loads(self._path(audio).read_bytes())
            listed = fields.listing(content, "matches", 0, MOST)
            found = (fields.mapping(each, "matches", _KEYS) for each in listed)
            return tuple(FileMatch(**each) for each in found)
        except FileNotFoundError:
            return ()
        except (InvalidInput, TypeError) as error:
            detail = f"cannot be read back; delete it to compare the file again: {error}"
            raise Inconsistent(detail, field="matches", value=audio) from error

    def heard_in(self, path: Path, named: Iterable[str]) -> tuple[FileMatch, ...]:
        """The files that a finished track copies, without those named and their own copies."""
        wanted = {"path": str(path), "name": "", "folder": str(self._folder), "keep": False}
        known = set(named)
        known |= {match.audio for audio in tuple(known) for match in self.of(audio)}
        found = (FileMatch(**each) for each in self._tracks.run("fingerprint", wanted))
        return tuple(match for match in found if match.audio not in known)

    def _add(self, audio: str, *found: FileMatch) -> None:
        matches = {match.audio: match for match in (*self.of(audio), *found)}
        listed = [asdict(matches[name]) for name in sorted(matches)]
        atomic_files.write(self._path(audio), canonical.dumps(listed))

    def _path(self, audio: str) -> Path:
        return self._folder / "matches" / audio[:2] / f"{audio}.json"


def _reverse(match: FileMatch, audio: str) -> FileMatch:
    """The same match as the other file has it."""
    speed = 1_000_000_000_000 // match.speed
    return FileMatch(audio, match.score, match.seconds, speed, -match.tones)

"""A person's folder: which of its files may be recordings, which table of splits it has.

Everything else is left out by name: nothing of a folder disappears without a word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oracle.domain.containers import SUFFIXES
from oracle.domain.errors import InvalidInput
from oracle.domain.text import visible
from scripts.stack.left_out import LeftOuts

READ = "WAV, AIFF, FLAC, MP3 or Ogg"
OTHER_AUDIO = {
    ".m4a", ".m4b", ".mp4", ".aac", ".alac", ".wma", ".caf", ".ape", ".wv", ".dsf", ".amr", ".3gp",
    ".mka", ".webm", ".mid", ".midi", ".w64", ".rf64", ".au", ".snd", ".ra", ".mp2",
}  # fmt: skip
TABLES = {
    ".csv", ".tsv", ".tab", ".txt", ".xls", ".xlsx", ".xlsm", ".ods", ".numbers", ".json", ".xml",
}  # fmt: skip
SPLITS = "splits.csv"
_WORDS = ("split", "share", "anteil", "royalt", "payee", "holder")
_MOST_NAMED = 5


@dataclass(frozen=True)
class Listing:
    """The files that may be recordings, by name, and the table of splits if there is one."""

    audio: list[Path]
    splits: Path | None


def listed(folder: Path, left_out: LeftOuts) -> Listing:
    """Looks through a folder; what is neither audio nor the table is left out with a reason.

    Raises:
        InvalidInput: the folder cannot be read, or two files are its table of splits.
    """
    try:
        paths = sorted(folder.iterdir())
    except OSError as fault:
        raise InvalidInput(f"cannot be read: {fault.strerror}", field="folder") from None
    hidden = [path for path in paths if path.name.startswith(".")]
    seen = [path for path in paths if not path.name.startswith(".")]
    tables = [path for path in seen if path.name.casefold() == SPLITS]
    folders = [path for path in seen if path.is_dir() and path not in tables]
    audio = [path for path in seen if path not in (*tables, *folders) and _is_audio(path, left_out)]
    _sum_up(hidden, "hidden file", "hidden, so not read", left_out)
    _sum_up(folders, "folder", "a folder inside of the folder is not read", left_out)
    if len(tables) > 1:
        names = " and ".join(path.name for path in tables)
        raise InvalidInput(f"{names} differ by case only: keep one", field=SPLITS)
    return Listing(audio, tables[0] if tables else None)


def shown(path: Path) -> str:
    """A file's name on one line, without characters that a terminal would obey."""
    return visible(path.name)


def _is_audio(path: Path, left_out: LeftOuts) -> bool:
    reason = _reason(path)
    if reason:
        left_out.add(shown(path), reason)
    return not reason


def _reason(path: Path) -> str:
    """Why a file is no recording; empty if it may be one."""
    suffix, name = path.suffix.lower(), path.name.casefold()
    if not path.exists():
        return "a link that leads nowhere"
    if not path.is_file():
        return "is not a plain file"
    if suffix in SUFFIXES:
        return _unreadable(path)
    if suffix in OTHER_AUDIO:
        return f"{suffix[1:].upper()} is not read: must be {READ}"
    if name.startswith("splits.") or (suffix in TABLES and any(word in name for word in _WORDS)):
        return f"may be a table of splits, but only {SPLITS} is read"
    if suffix == ".csv":
        return f"a table that is not read: only {SPLITS} is"
    return f"is not audio: must be {READ}"


def _unreadable(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return "" if file.read(1) else "is empty"
    except OSError as fault:
        return f"cannot be read: {fault.strerror}"


def _sum_up(paths: Sequence[Path], kind: str, reason: str, left_out: LeftOuts) -> None:
    if not paths:
        return
    names = ", ".join(shown(path) for path in paths[:_MOST_NAMED])
    more = ", ..." if len(paths) > _MOST_NAMED else ""
    count = f"1 {kind}" if len(paths) == 1 else f"{len(paths)} {kind}s"
    left_out.add(f"{count} ({names}{more})", reason)


def without_copies(audio: Sequence[Path], named: set[Path], left_out: LeftOuts) -> list[Path]:
    """The files without those that hold the same bytes as another one.

    Of equal files the first that the table of splits names is kept, else the first by name.

    Args:
        named: the files that the table names.

    Raises:
        InvalidInput: the table names two files with the same bytes.
    """
    groups: dict[str, list[Path]] = {}
    for path in audio:
        with path.open("rb") as file:
            groups.setdefault(hashlib.file_digest(file, "sha256").hexdigest(), []).append(path)
    kept = []
    for same in groups.values():
        chosen = [path for path in same if path in named] or same[:1]
        if len(chosen) > 1:
            detail = f"names {shown(chosen[0])} and {shown(chosen[1])}, which hold the same bytes"
            raise InvalidInput(detail, field=SPLITS)
        kept += chosen
        for path in same:
            if path not in chosen:
                left_out.add(shown(path), f"holds the same bytes as {shown(chosen[0])}")
    return sorted(kept)

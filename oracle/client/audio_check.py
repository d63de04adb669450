"""The check of a file before it is registered: what a generation node would refuse costs no gas."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from oracle.domain import containers
from oracle.domain.errors import InvalidInput

Decoder = Callable[[Path], None]
"""Decodes a file as a node does; raises InvalidInput for one that no node takes."""

GROUP = "refrain.audio"
NEEDED = ("numpy", "soundfile")
NOT_DECODED = (
    "checked by headers only, not decoded: silence, damage and the length of some files show at "
    "the upload (pip install 'refrain[audit]' brings the decoder)"
)


def require_usable(path: Path, field: str, decoder: Decoder | None) -> str:
    """Checks a file as a node does before it takes it.

    Args:
        field: names the argument in errors.
        decoder: see `installed_decoder`; None checks the headers only.

    Returns:
        What the person should know of a file that is accepted, with its name; empty for nothing.

    Raises:
        InvalidInput: a key, no audio, another format, damaged, too short, too long, too large,
            silent. It names the file without its folder.
    """
    from oracle.client.song import require_no_key

    try:
        require_no_key(path, field)
        note = _require_sound(path, field, decoder)
    except OSError as error:
        detail = f"{path.name}: cannot be read: {error.strerror}"
        raise InvalidInput(detail, field=field) from None
    return f"{path.name}: {note}" if note else ""


def _require_sound(path: Path, field: str, decoder: Decoder | None) -> str:
    try:
        note = _require_headers(path)
        if decoder:
            decoder(path)
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error}", field=field) from None
    return note


def _require_headers(path: Path) -> str:
    with path.open("rb") as file:
        sound = containers.survey(file)
    size = path.stat().st_size
    if size > containers.LARGEST:
        detail = f"must be at most {containers.LARGEST} bytes, or no node takes it"
        raise InvalidInput(detail, field="audio.bytes", value=size)
    containers.require_fit(sound)
    return sound.note


def installed_decoder() -> Decoder | None:
    """The decoder of the generation nodes, where its packages are installed."""
    if not all(find_spec(name) for name in NEEDED):
        return None
    for entry in entry_points(group=GROUP, name="decoder"):
        made: Decoder = entry.load()
        return made
    return None

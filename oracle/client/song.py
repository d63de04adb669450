"""A recording about to be registered, and the metadata that is published with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from oracle.domain import canonical
from oracle.domain.cid import cid_of, decode
from oracle.domain.consent import COMMERCIAL, CONDITIONING, VOICE
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.text import is_control

Pin = Callable[[bytes], str]
"""Makes bytes public on IPFS and returns their CID."""

_KEY = re.compile(rb"\s*(?:0x)?[0-9a-fA-F]{64}\s*")
_HEAD = 200
MUSIC, SPOKEN, EFFECT = "music", "voice", "effect"
KINDS = (MUSIC, SPOKEN, EFFECT)
"""What a recording is. Metadata without a kind are of music."""
LONGEST_TEXT = 300
"""Characters of a title, an artist, or the reference to a licence."""


@dataclass(frozen=True)
class Song:
    """A recording about to be registered.

    Args:
        path: the file exactly as it will be uploaded.
        split: table of holders; 0 pays the owner alone.
        uses: mask: 1 conditioning, 2 training, 4 commercial, 8 voice.
        max_share: largest share of one output, in 1/10,000.
        consent_from: seconds since 1970; what is past means "from now on".
        consent_until: seconds since 1970; 0 means ten years from now.
        licence: reference to the licence's text: an SPDX identifier, a URL or a CID.
        kind: one of `KINDS`; a voice needs the use `voice`.
    """

    path: Path
    title: str
    artist: str
    isrc: str = ""
    split: int = 0
    uses: int = CONDITIONING | COMMERCIAL
    max_share: int = 10_000
    consent_from: int = 0
    consent_until: int = 0
    licence: str = ""
    kind: str = MUSIC

    @property
    def terms(self) -> tuple[int, int, int, int, int, str]:
        """What songs of one transaction must have in common."""
        window = (self.consent_from, self.consent_until)
        return (self.split, *window, self.uses, self.max_share, self.licence)


def require_no_key(path: Path, field: str) -> None:
    """Raises InvalidInput for a file that holds a key, because what is sent can be copied."""
    with path.open("rb") as file:
        if _KEY.fullmatch(file.read(_HEAD)):
            raise InvalidInput("is a key file: give it to nobody", field=field, value=path.name)


def require_words(song: Song) -> None:
    """Raises InvalidInput for an empty title or artist, a long text, and control characters."""
    for field in ("title", "artist", "isrc", "licence"):
        text = getattr(song, field)
        if field in ("title", "artist") and not text.strip():
            raise InvalidInput("must not be empty", field=field, value=repr(text))
        if len(text) > LONGEST_TEXT:
            detail = f"must have at most {LONGEST_TEXT} characters"
            raise InvalidInput(detail, field=field, value=len(text))
        if any(is_control(letter) for letter in text):
            detail = "must not hold control characters"
            raise InvalidInput(detail, field=field, value=ascii(text))


def require_kind(song: Song) -> None:
    """Raises InvalidInput for an unknown kind, and for a voice without the use `voice`."""
    if song.kind not in KINDS:
        raise InvalidInput(f"must be {', '.join(KINDS)}", field="kind", value=song.kind)
    if song.kind == SPOKEN and not song.uses & VOICE:
        detail = "must include voice for a recording of the kind voice"
        raise InvalidInput(detail, field="uses", value=song.uses)


def digests(song: Song) -> tuple[bytes, bytes]:
    """sha2-256 of a song's file and of its metadata, as they are registered."""
    if "," in song.isrc:
        raise InvalidInput("must not hold a comma", field="isrc", value=song.isrc)
    data = song.path.read_bytes()
    return hashlib.sha256(data).digest(), decode(cid_of(metadata_of(song, data)))[1]


def publish(song: Song, pin: Pin) -> None:
    """Makes a song's metadata public.

    Raises:
        Inconsistent: the pinner has another CID for these bytes.
    """
    metadata = metadata_of(song, song.path.read_bytes())
    cid = pin(metadata)
    if cid != cid_of(metadata):
        raise Inconsistent("was pinned under another CID", field="metadata", value=cid)


def metadata_of(song: Song, data: bytes) -> bytes:
    """The metadata of a song in canonical JSON, as it is pinned.

    Raises:
        InvalidInput: text that JSON cannot carry, more than fits in one block, or a kind that
            does not fit the uses.
    """
    require_kind(song)
    kind = {} if song.kind == MUSIC else {"kind": song.kind}
    made = canonical.dumps({
        "refrain_recording": 1, "title": song.title, "artist": song.artist, "isrc": song.isrc,
        "audio": {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}, **kind,
    })  # fmt: skip
    if len(made) > 1024 * 1024:
        raise InvalidInput("must fit in one block of 1 MiB", field="metadata", value=len(made))
    return made

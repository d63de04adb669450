"""Titles and artists as they are published, and why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle.cli.session import Session
from oracle.domain.errors import Unavailable

NO_GATEWAY = "cannot be read: the profile names no gateway (`refrain init --ipfs URL` sets it)"


@dataclass(frozen=True)
class Published:
    """Title, artist and kind of a recording; None, with the reason, where they are not known."""

    title: str | None = None
    artist: str | None = None
    reason: str = ""
    kind: str | None = None


def titles_of(do: Session, digests: Sequence[str]) -> list[Published]:
    """The titles and artists of recordings, by the digests of their metadata.

    A gateway that does not answer is asked once.
    """
    from oracle.client.metadata import fetch_metadata
    from oracle.client.profile import host_of

    gateway = do.connection.profile.ipfs
    found: list[Published] = []
    down = NO_GATEWAY if not gateway else ""
    for digest in digests:
        try:
            made = Published(reason=down) if down else _named(fetch_metadata(gateway, digest))
        except Unavailable:
            down = f"cannot be read: the gateway {host_of(gateway)} does not answer"
            made = Published(reason=down)
        found.append(made)
    return found


def _named(metadata: object) -> Published:
    from oracle.client.song import MUSIC

    if not isinstance(metadata, dict):
        return Published(reason="not found at the profile's gateway")
    title, artist = (str(metadata.get(name) or "") for name in ("title", "artist"))
    kind = str(metadata.get("kind") or MUSIC)
    return Published(title or None, artist or None, "not named in what is published", kind)

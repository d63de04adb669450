"""Tags before, between and after the sound: each states its length, so it can be passed over."""

from __future__ import annotations

from oracle.domain.containers.sound import Data


def after_tag(data: Data, place: int) -> int:
    """Where an ID3v2, APE or ID3v1 tag at a place ends; the place itself if there is none."""
    head = data.at(place, 32)
    if head[:3] == b"ID3" and len(head) >= 10 and all(byte < 128 for byte in head[6:10]):
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return place + size + (20 if head[5] & 0x10 else 10)
    if head[:8] == b"APETAGEX" and len(head) == 32:
        # The size counts everything but this first block of 32 bytes.
        return place + 32 + int.from_bytes(head[12:16], "little")
    return place + 128 if head[:3] == b"TAG" else place

"""A recording's published metadata, read from a gateway and checked against the chain's digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from oracle.adapters.http_client import Service
from oracle.domain import canonical, cid
from oracle.domain.errors import RefrainError, Unavailable

SECONDS = 5.0


def fetch_metadata(gateway: str, digest: str) -> Mapping[str, Any] | None:
    """The metadata whose sha2-256 is `digest` (0x-hex); None where the gateway has it not.

    What does not hash to the digest counts as absent: titles are shown, not trusted.

    Raises:
        Unavailable: the gateway does not answer.
    """
    expected = bytes.fromhex(digest.removeprefix("0x"))
    service = Service(gateway, "the gateway", seconds=SECONDS)
    try:
        data = service.content("GET", f"/ipfs/{cid.raw_cid(expected)}")
        found = canonical.loads(data) if hashlib.sha256(data).digest() == expected else None
    except Unavailable:
        raise
    except RefrainError:
        return None
    return found if isinstance(found, dict) else None

"""A signed request from an oracle to another oracle or to a generation node (EIP-712 `Call`).

The caller and the server build the same statement, each from the request that it sees.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

CALL = "Call(string audience,string method,string target,bytes32 body,uint256 time,bytes32 nonce)"

SIGNER = "X-Refrain-Signer"
TIME = "X-Refrain-Time"
NONCE = "X-Refrain-Nonce"
BODY = "X-Refrain-Body"
SIGNATURE = "X-Refrain-Signature"

SKEW = 60
"""Seconds by which the clocks of caller and server may differ."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Call:
    """One request, as its caller signs it.

    Args:
        audience: URL under which the caller knows the server, as `audience_of` writes it.
        method: such as ``POST``.
        target: path below the audience, with its query, as it is sent.
        body: sha256 of the body, 32 bytes.
        time: of signing, seconds since 1970.
        nonce: 32 random bytes.
    """

    audience: str
    method: str
    target: str
    body: bytes
    time: int
    nonce: bytes


def body_digest(data: bytes) -> bytes:
    """The 32 bytes that stand for a request's body; no body counts as an empty one."""
    return hashlib.sha256(data).digest()


def audience_of(url: str) -> str:
    """A server's URL in the one form that is signed.

    Scheme and host are in lower case; a user, a default port and a slash at the end are left out.

    >>> audience_of("HTTPS://user:secret@Node.Example:443/")
    'https://node.example'
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"[{host}]" if ":" in host else host
    if parts.port not in (None, _PORTS.get(parts.scheme)):
        place += f":{parts.port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"

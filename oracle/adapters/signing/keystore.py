"""Opens keys by URI, so that moving a key to a KMS changes only the configuration.

    file:/run/keys/oracle     a file with 64 hex digits, readable only by its owner
    /run/keys/oracle          the same

To add a kind: a module with a class that has `address`, `sign` and `open`, and a line in SIGNERS.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

from oracle.adapters.signing.file import FileKey
from oracle.domain.errors import InvalidInput


class Key(Protocol):
    """A secp256k1 key that signs and does not reveal its secret."""

    address: str

    def sign(self, digest: bytes) -> bytes:
        """65 bytes (r, s, v 27/28, low s) over a 32-byte digest."""
        ...


SIGNERS: dict[str, Callable[[str], Key]] = {"file": FileKey.open}
"""URI scheme to the function that opens the rest of the URI."""


def split_uri(uri: str) -> tuple[str, str]:
    """The scheme and the rest; a plain path has the scheme ``file``.

    A path may hold a colon behind a slash, or where a file of that name exists.
    """
    scheme, colon, rest = uri.partition(":")
    is_path = not colon or "/" in scheme or (scheme not in SIGNERS and os.path.lexists(uri))
    return ("file", uri) if is_path else (scheme, rest)


def open_key(uri: str) -> Key:
    """The key of a URI; a plain path means ``file:``. `~` stands for the home of its user.

    Raises:
        InvalidInput: the scheme is unknown, or it cannot open the key.
    """
    scheme, rest = split_uri(uri)
    if scheme not in SIGNERS:
        known = ", ".join(sorted(SIGNERS))
        raise InvalidInput(f"must begin with one of {known}", field="key", value=scheme)
    return SIGNERS[scheme](rest)

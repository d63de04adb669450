"""Where keys live. A key is named by a URI, so moving one to a KMS changes configuration only.

    file:/run/keys/oracle     a file with 64 hex digits, readable by its owner alone
    /run/keys/oracle          the same

To add a kind: a module with a class that has `address`, `sign` and `open`, and a line in SIGNERS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from oracle.adapters.signing.file import FileKey
from oracle.domain.errors import InvalidInput


class Key(Protocol):
    """A secp256k1 key that signs and never shows itself."""

    address: str

    def sign(self, digest: bytes) -> bytes:
        """65 bytes (r, s, v 27/28, low s) over a 32-byte digest."""
        ...


SIGNERS: dict[str, Callable[[str], Key]] = {"file": FileKey.open}
"""URI scheme to what opens the rest of the URI."""


def open_key(uri: str) -> Key:
    """The key that a URI names; a plain path means ``file:``.

    Raises:
        InvalidInput: no such scheme, or the scheme's own refusal.
    """
    scheme, colon, rest = uri.partition(":")
    if not colon:
        scheme, rest = "file", uri
    if scheme not in SIGNERS:
        known = ", ".join(sorted(SIGNERS))
        raise InvalidInput(f"must begin with one of {known}", field="key", value=scheme)
    return SIGNERS[scheme](rest)

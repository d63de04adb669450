"""A key in a file: 64 hex digits, readable only by its owner."""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path

from coincurve import PrivateKey

from oracle.adapters.signing import signatures
from oracle.domain.environment import path_of
from oracle.domain.errors import InvalidInput

_HEX = re.compile(rb"(?:0x)?([0-9a-fA-F]{64})\s*")
_LONGEST = 200


class FileKey:
    """A key that is read once from a file. It prints as stars and stays inside this object.

    Args:
        secret: 32 bytes, from 1 to the group's order - 1.
    """

    __slots__ = ("_key", "address")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32 or not 0 < int.from_bytes(secret, "big") < signatures.ORDER:
            raise InvalidInput("is not a secp256k1 key", field="key")
        self._key = PrivateKey(secret)
        self.address = signatures.address_of(self._key.public_key.format(compressed=False))

    @classmethod
    def open(cls, path: str) -> FileKey:
        """Reads the key file at `path`.

        Raises:
            InvalidInput: missing, not a plain file, readable by others, or not 64 hex digits.
        """
        found = _HEX.fullmatch(_read_private(str(path_of(path, "key"))))
        if not found:
            raise InvalidInput("must hold 64 hex digits", field="key", value=path)
        return cls(bytes.fromhex(found[1].decode()))

    @classmethod
    def create(cls, path: Path) -> FileKey:
        """Creates a new key and its file (mode 600). Raises InvalidInput when the file exists."""
        secret = secrets.token_bytes(32)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            reason = f"cannot be created: {error.strerror}"
            raise InvalidInput(reason, field="key", value=path) from error
        with os.fdopen(handle, "w") as file:
            file.write(secret.hex() + "\n")
        return cls(secret)

    def sign(self, digest: bytes) -> bytes:
        """65 bytes (r, s, v 27/28, low s) over a 32-byte digest."""
        return signatures.sign(self._key, digest)

    def __repr__(self) -> str:
        return f"FileKey({self.address}, ********)"

    def __reduce__(self) -> str:
        raise RuntimeError("a key does not leave its process")


def _read_private(path: str) -> bytes:
    # The check uses the open file, not its name, so the file cannot change in between.
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such name"
        raise InvalidInput(f"cannot be read: {reason}", field="key", value=path) from error
    try:
        _require_private(os.fstat(handle).st_mode, path)
        return os.read(handle, _LONGEST)
    finally:
        os.close(handle)


def _require_private(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        raise InvalidInput("must be a plain file", field="key", value=path)
    if mode & 0o077:
        found = f"{stat.S_IMODE(mode):o}"
        raise InvalidInput(
            f"must be readable only by its owner (chmod 600), is {found}", field="key", value=path
        )

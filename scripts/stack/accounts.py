"""Test accounts of a local stack: one key file for each role, which only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount


class Accounts:
    """Accounts by role, such as ``artist-mara`` or ``oracle-1``; each key is made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def key_file(self, role: str) -> Path:
        """The file with the role's key, 64 hex digits, mode 600; made if it is missing."""
        path = self._folder / f"{role}.key"
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
        return path

    def account(self, role: str) -> LocalAccount:
        return Account.from_key(self.key_file(role).read_text().strip())

    def addresses(self) -> dict[str, str]:
        """Role to EIP-55 address, for every account made so far."""
        roles = sorted(path.stem for path in self._folder.glob("*.key"))
        return {role: self.account(role).address for role in roles}

"""The orders that an app placed, in private files, each with its prompt and salt.

Only the app and the oracles of the set know a prompt. An app that wants to prove later which prompt
it ordered needs the salt, so the file is written before the order is sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from oracle.client.private import write_file
from oracle.domain import canonical
from oracle.domain.errors import InvalidInput, NotFound
from oracle.domain.ordered import Ordered, ordered_json, parse_ordered
from oracle.domain.prompt import SALT_BYTES


def new_salt(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """32 random bytes as 64 hex digits. A guessable salt would let others try likely prompts."""
    return random(SALT_BYTES).hex()


class KeptOrders:
    """One file for each order, mode 600, in a folder of the app's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, number: str) -> Path:
        """The file of the order with this id, 0x-hex."""
        return self.folder / f"{number}.json"

    def keep(self, number: str, ordered: Ordered) -> None:
        """Writes an order whole or not at all."""
        write_file(self.path(number), canonical.dumps(ordered_json(ordered)) + b"\n")

    def load(self, number: str) -> Ordered:
        """A kept order.

        Raises:
            NotFound: none is kept under this id.
            InvalidInput: the file is damaged.
        """
        try:
            data = self.path(number).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("no order is kept", field="order", value=number) from error
        try:
            return parse_ordered(canonical.loads(data), "order")
        except InvalidInput as error:
            raise InvalidInput(f"{self.path(number)}: {error}") from None

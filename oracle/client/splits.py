"""Tables of holders: who is paid through a split, and which id a table has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oracle.adapters.chain.contract import Contract
from oracle.client.reader import Reader
from oracle.domain.errors import NotFound
from oracle.domain.money import MILLION

FORMS = ("table", "master and publishing", "recoupment")
"""What a split is, by the number that the chain has for it."""


@dataclass(frozen=True)
class Holder:
    """A payee of a split.

    Args:
        share: millionths of the next payment.
        pending: the address is a claim key; the money waits until the key has named an address.
    """

    address: str
    share: int
    pending: bool = False


@dataclass(frozen=True)
class Split:
    """A split as it pays now.

    Args:
        id: 0 pays the owner alone.
        form: one of `FORMS`.
        deals: recoupments inside; the shares change when one is done.
        holders: in the order of payment, one row for each time that a payee is named.
    """

    id: int
    form: str
    deals: int
    holders: tuple[Holder, ...]

    def names(self, address: str) -> bool:
        """Whether an address is paid by it."""
        return any(holder.address == address for holder in self.holders)


class Splits:
    """The splits of a deployment, read only."""

    def __init__(self, reader: Reader, contract: Contract, ledger: str) -> None:
        self._reader = reader
        self._contract = contract
        self._ledger = ledger

    def load(self, split: int) -> Split:
        """A split by id, from 1 on.

        Raises:
            NotFound: there is no such split.
        """
        count = self.count()
        if not 1 <= split <= count:
            raise NotFound(f"does not exist; there are {count}", field="split", value=split)
        shape = self._reader.ask(self._contract, "shape", split)
        call = ("preview", self._ledger, split, MILLION)
        payees, shares, pending = self._reader.ask(self._contract, *call)
        rows = zip(payees, shares, pending, strict=True)
        return Split(split, FORMS[shape["form"]], shape["deals"], tuple(Holder(*r) for r in rows))

    def find(self, holders: Mapping[str, int]) -> tuple[int, bool]:
        """The id that a table has or would get, and whether it exists.

        Args:
            holders: EIP-55 address to millionths, in the order of payment.

        Raises:
            Inconsistent: the contract does not take such a table.
        """
        call = ("create", list(holders), list(holders.values()))
        found = int(self._reader.ask(self._contract, *call))
        return found, found <= self.count()

    def count(self) -> int:
        """How many there are, which is also the highest id."""
        return int(self._reader.ask(self._contract, "count"))


def alone(owner: str) -> Split:
    """What a recording without a split pays: its owner."""
    return Split(0, "the owner alone", 0, (Holder(owner, MILLION),))

"""What only the catalogue's events say of a recording: its files, and when consent was revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.rpc_types import Log

CATALOGUE = ("Registered", "Amended", "Revoked")
"""Events with the parts of a recording that the contract does not store."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Values that only the registration event has: audio in 64 hex digits, metadata in 0x-hex."""

    audio: str
    metadata: str
    isrc: str


class CatalogueIndex:
    """Registrations, and changes of consent, by recording. A question looks at its ids only."""

    def __init__(self, ledger: Contract) -> None:
        self._ledger = ledger
        self._registered: dict[int, Registered] = {}
        self._changes: dict[int, list[tuple[int, bool]]] = {}

    def add(self, log: Log) -> None:
        """Adds a log, after those before it on the chain."""
        name, args = self._ledger.event(log)
        if name == "Registered":
            self._registered |= registrations(args)
        else:
            changes = self._changes.setdefault(args["recording"], [])
            changes.append((log.block, name == "Revoked"))

    def registered(self, recording: int) -> Registered | None:
        """The values of the registration; None when it is not in this index."""
        return self._registered.get(recording)

    def changes(self, recording: int) -> list[tuple[int, bool]]:
        """Each change of consent: its block, and whether it revoked the consent."""
        return self._changes.get(recording, [])


def revoking_block(changes: list[tuple[int, bool]], last: int) -> int | None:
    """The block that revoked the consent that is current at the end of block `last`, if any."""
    found: int | None = None
    for block, revoked in changes:
        if block > last:
            break
        if not revoked:
            found = None
        elif found is None:
            found = block
    return found


def registrations(args: dict[str, Any]) -> dict[int, Registered]:
    """The recordings of one `Registered` event, by id."""
    isrcs = args["isrcs"].split(",")
    # One code without a comma belongs to the first recording; there may be no code at all.
    isrcs += [""] * (len(args["audio"]) - len(isrcs))
    files = zip(args["audio"], args["metadata"], isrcs, strict=False)
    return {
        args["first"] + place: Registered(bytes(audio).hex(), "0x" + bytes(metadata).hex(), isrc)
        for place, (audio, metadata, isrc) in enumerate(files)
    }

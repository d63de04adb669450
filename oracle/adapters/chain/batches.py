"""Generations that were settled in a batch, told as if each had been settled by itself.

A batch names its set once, in the `Credited` that comes after its generations; what each entry got
follows from the price, the set's fee and the entries (see contracts/interfaces/IBatches.sol).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from oracle.adapters.chain.scan import Event
from oracle.domain.attribution import decode_entries
from oracle.domain.errors import Unavailable
from oracle.domain.money import divide, fees

BATCHES = ("SettledInBatch", "Credited")

Fee = Callable[[bytes], int]
"""The protocol's fee of a set, in 1/10,000; that of a set which was used never changes."""


def retold(events: Sequence[Event], fee: Fee) -> list[Event]:
    """The same events, those of batches as `Settled`; `Credited` is left out.

    Raises:
        Unavailable: a batch without its `Credited`: the node does not show all logs.
    """
    found: list[Event] = []
    set_id: bytes | None = None
    for event in reversed(events):
        if event.name == "Credited":
            set_id = bytes(event.args["set"])
        elif event.name == "SettledInBatch":
            if set_id is None:
                raise Unavailable("the chain shows a part of a batch", value=event.block)
            found.append(as_settled(event, fee(set_id)))
        else:
            found.append(event)
    return found[::-1]


def as_settled(event: Event, protocol_bps: int) -> Event:
    """A `SettledInBatch` as `Settled` would have told it."""
    said = event.args
    vector = decode_entries(said["entries"])
    parts = fees(said["price"], said["nodeFee"], protocol_bps)
    amounts = divide(parts.royalty, list(vector.values()))
    told = {"protocolFee": parts.protocol, "recordings": list(vector), "amounts": list(amounts)}
    return replace(event, name="Settled", args={**said, **told})

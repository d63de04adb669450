"""Turns the events of a batch into the events of single settlements.

A batch names its set once, in the `Credited` event after its generations. The amount of each entry
follows from the price, the set's fee and the entries (see contracts/interfaces/IBatches.sol).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from oracle.adapters.chain.event_scan import Event
from oracle.domain.attribution import decode_entries
from oracle.domain.errors import Unavailable
from oracle.domain.money import divide, fees

BATCHES = ("SettledInBatch", "Credited")

Fee = Callable[[bytes], int]
"""Returns a set's protocol fee in 1/10,000, which never changes once the set is installed."""


def with_batches_expanded(events: Sequence[Event], fee: Fee) -> list[Event]:
    """The events with each `SettledInBatch` as `Settled`, without `Credited`.

    Raises:
        Unavailable: a batch has no `Credited`, so the node does not return all logs.
    """
    found: list[Event] = []
    set_id: bytes | None = None
    for event in reversed(events):
        if event.name == "Credited":
            set_id = bytes(event.args["set"])
        elif event.name == "SettledInBatch":
            if set_id is None:
                raise Unavailable("the chain shows only a part of a batch", value=event.block)
            found.append(as_settled(event, fee(set_id)))
        else:
            found.append(event)
    return found[::-1]


def as_settled(event: Event, protocol_bps: int) -> Event:
    """The `Settled` event that corresponds to a `SettledInBatch`."""
    args = event.args
    vector = decode_entries(args["entries"])
    parts = fees(args["price"], args["nodeFee"], protocol_bps)
    amounts = divide(parts.royalty, list(vector.values()))
    derived = {"protocolFee": parts.protocol, "recordings": list(vector), "amounts": list(amounts)}
    return replace(event, name="Settled", args={**args, **derived})

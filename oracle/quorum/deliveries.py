"""States, with this oracle's signature, whether it can read a paid track now."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from oracle.context import Context
from oracle.domain.cid import raw_cid
from oracle.domain.delivery import Delivery, SignedDelivery
from oracle.domain.errors import NotFound, Unavailable
from oracle.ports import Settlement
from oracle.quorum.published import is_delivered

FRESH = 60
"""Seconds for which a statement is given again: reading a track costs more than asking for it."""

MOST_KNOWN = 1_000
MOST_READING = 6
MOST_READING_EACH = 2
"""Tracks that are read at the same time, in all and for one caller."""


class Deliveries:
    """The statements of one oracle."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: OrderedDict[str, SignedDelivery] = OrderedDict()
        self._lock = threading.Lock()
        self._reading: dict[str, str] = {}

    def statement(self, generation: str, caller: str) -> SignedDelivery:
        """The statement about a settled order, at most a minute old.

        Args:
            caller: whoever asks, such as a client's address; it has a share of the reading.

        Raises:
            NotFound: the chain has no settlement of it.
            Unavailable: the chain does not answer, or the track is being read already, or too many
                others are, of this caller or of all.
        """
        with self._lock:
            known = self._known.get(generation)
        if known and self._context.clock.now() - known.delivery.time < FRESH:
            return known
        settlement = self._context.ledger.settlement(generation)
        if settlement is None:
            raise NotFound("is not settled", field="generation", value=generation)
        with self._place(generation, caller):
            return self._remember(generation, self._made(generation, settlement))

    @contextmanager
    def _place(self, generation: str, caller: str) -> Iterator[None]:
        """Reading may take as long as the pinner's patience, so nobody gets all places."""
        with self._lock:
            self._require_place(generation, caller)
            self._reading[generation] = caller
        try:
            yield
        finally:
            with self._lock:
                del self._reading[generation]

    def _require_place(self, generation: str, caller: str) -> None:
        if generation in self._reading:
            detail = "is being read already; ask again"
            raise Unavailable(detail, field="generation", value=generation, public=True)
        own = list(self._reading.values()).count(caller)
        if own >= MOST_READING_EACH:
            raise Unavailable("too many tracks are being read for you now", value=own, public=True)
        if len(self._reading) >= MOST_READING:
            raise Unavailable("too many tracks are being read now", public=True)

    def _made(self, generation: str, settlement: Settlement) -> SignedDelivery:
        delivered = is_delivered(self._context.pinner, raw_cid(settlement.manifest))
        time, attester = self._context.clock.now(), self._context.attester
        made = Delivery(generation, settlement.manifest, delivered, time)
        return SignedDelivery(made, attester.address, attester.sign_delivery(made))

    def _remember(self, generation: str, made: SignedDelivery) -> SignedDelivery:
        with self._lock:
            self._known[generation] = made
            self._known.move_to_end(generation)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return made

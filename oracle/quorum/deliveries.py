"""States, with this oracle's signature, whether it can read a paid track now."""

from __future__ import annotations

import threading
from collections import OrderedDict

from oracle.context import Context
from oracle.domain.cid import raw_cid
from oracle.domain.delivery import Delivery, SignedDelivery
from oracle.domain.errors import NotFound, Unavailable
from oracle.quorum.published import is_delivered

FRESH = 60
"""Seconds for which a statement is given again: reading a track costs more than asking for it."""

MOST_KNOWN = 1_000
MOST_READING = 2


class Deliveries:
    """The statements of one oracle."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: OrderedDict[str, SignedDelivery] = OrderedDict()
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MOST_READING)

    def statement(self, generation: str) -> SignedDelivery:
        """The statement about a settled order, at most a minute old.

        Raises:
            NotFound: the chain has no settlement of it.
            Unavailable: the chain does not answer, or too many tracks are being read.
        """
        with self._lock:
            known = self._known.get(generation)
        if known and self._context.clock.now() - known.delivery.time < FRESH:
            return known
        if not self._free.acquire(blocking=False):
            raise Unavailable("too many tracks are being read now")
        try:
            return self._remember(generation, self._made(generation))
        finally:
            self._free.release()

    def _made(self, generation: str) -> SignedDelivery:
        settlement = self._context.ledger.settlement(generation)
        if settlement is None:
            raise NotFound("is not settled", field="generation", value=generation)
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

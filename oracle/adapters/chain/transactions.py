"""Sends logical transactions so that each takes effect at most once, whatever dies in between.

The rule: nonce, signed bytes and hash are committed in one database transaction before any byte
leaves the process, and recovery only ever sends saved bytes again. What the node says to them
("nonce too low", "already known", nothing at all) decides nothing; the chain is asked by hash.
One transaction is in flight for each key; the next one waits.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from oracle.adapters.chain.answers import Rejected
from oracle.adapters.chain.envelope import Unsigned, seal
from oracle.adapters.chain.fees import FeePolicy, Fees
from oracle.adapters.chain.outbox import Dispatch, Draft, Outbox, State
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.send_state import Action, Attempt, Seen, Verdict, judge
from oracle.adapters.signing.keystore import Key
from oracle.crash import Reach, nowhere
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.ports import Clock

log = logging.getLogger(__name__)

GAS_LIMIT = 16_777_216
"""Of one transaction (EIP-7825)."""


@dataclass(frozen=True)
class SendPolicy:
    """How a key sends.

    Args:
        confirmations: blocks on top of a block before it counts as closed.
        patience: seconds an attempt may wait before it is replaced by a dearer one.
    """

    confirmations: int
    patience: int = 60
    fees: FeePolicy = field(default_factory=FeePolicy)


class Transactor:
    """One key on one chain.

    Args:
        outbox: of this key on this chain.
        crash: told each point where dying would hurt most: ``before:save``, ``after:save``,
            ``after:send``.
    """

    def __init__(
        self,
        rpc: Rpc,
        chain_id: int,
        key: Key,
        outbox: Outbox,
        clock: Clock,
        policy: SendPolicy,
        crash: Reach = nowhere,
    ) -> None:
        self.address = key.address
        self._rpc = rpc
        self._chain_id = chain_id
        self._key = key
        self._outbox = outbox
        self._clock = clock
        self._policy = policy
        self._crash = crash
        self._lock = threading.Lock()

    def submit(self, generation: str, to: str, data: str) -> str:
        """Sends a call once for each generation; returns the hash of its newest attempt.

        Repeating it sends nothing new, unless the earlier try is known to have had no effect.

        Raises:
            Unavailable: something else is in flight, or the chain does not answer; try again.
            Inconsistent: the call needs more gas than a transaction may have.
        """
        with self._lock:
            known = self._outbox.latest(generation)
            if known is not None and not known.retryable:
                self._advance(known)
                return known.newest.hash
            self._require_idle()
            round_ = 0 if known is None else known.round + 1
            draft = Draft(self._nonce(), generation, round_, to, data, self._gas(to, data))
            return self._commit_and_send(draft, self._first_fees(draft.gas)).newest.hash

    def track(self, generation: str) -> tuple[Dispatch, Verdict] | None:
        """Looks once, does what is needed, and says how things stand; None when never sent."""
        with self._lock:
            known = self._outbox.latest(generation)
            return None if known is None else (known, self._advance(known))

    def finish(self, generation: str) -> None:
        """Notes that the generation's transaction has done its work."""
        known = self._outbox.latest(generation)
        if known is not None and known.state is State.OPEN:
            self._outbox.close(known, State.DONE)

    def _commit_and_send(self, draft: Draft, fees: Fees) -> Dispatch:
        attempt = self._seal(draft, fees)
        self._crash("before:save")
        dispatch = self._outbox.save(draft, attempt)
        self._crash("after:save")
        self._send(attempt)
        return dispatch

    def _require_idle(self) -> None:
        """One in flight: what we sent earlier must be in a block before a new nonce is given."""
        count, ours = self._rpc.count(self.address), self._outbox.next_nonce()
        if count >= ours:
            return
        waiting = self._outbox.at(ours - 1)
        if waiting is not None:
            self._advance(waiting)
        raise Unavailable("an earlier transaction is in flight", field="nonce", value=ours - 1)

    def _nonce(self) -> int:
        """Our own ledger gives the nonce; the chain may only be ahead of it for good reason."""
        ours, count = self._outbox.next_nonce(), self._rpc.count(self.address)
        if 0 < ours < count:
            closed = max(0, self._rpc.block().number - self._policy.confirmations)
            if self._rpc.count(self.address, closed) < count:
                detail = "the key was used elsewhere, in a block that is not closed yet"
                raise Unavailable(detail, field="nonce", value=count)
            log.warning("%s was used elsewhere: nonce %s, ours %s", self.address, count, ours)
        return max(ours, count)

    def _advance(self, dispatch: Dispatch) -> Verdict:
        seen = self._look(dispatch)
        made = dispatch.attempts
        verdict = judge(dispatch.nonce, made, seen, self._clock.now(), self._policy.patience)
        log.info("%s: %s (%s)", dispatch.generation, verdict.action.value, verdict.reason)
        if verdict.action is Action.SEND:
            self._send(dispatch.newest)
        elif verdict.action is Action.BUMP:
            self._bump(dispatch, seen.base_fee)
        elif verdict.action is Action.FILL:
            self._fill(seen.count, dispatch.nonce)
        elif verdict.action is Action.REVERTED:
            self._outbox.close(dispatch, State.REVERTED)
        elif verdict.action is Action.DISPLACED:
            self._outbox.close(dispatch, State.DISPLACED)
        return verdict

    def _look(self, dispatch: Dispatch) -> Seen:
        # Counts before receipts: a block made in between can only show us a receipt too many.
        closed = max(0, self._rpc.block().number - self._policy.confirmations)
        counts = self._rpc.count(self.address), self._rpc.count(self.address, closed)
        hashes = [attempt.hash for attempt in dispatch.attempts]
        receipts = [found for h in hashes if (found := self._rpc.receipt(h)) is not None]
        known = frozenset(h for h in hashes if self._rpc.knows(h))
        return Seen(*counts, closed, self._rpc.base_fee(), receipts, known)

    def _bump(self, dispatch: Dispatch, base_fee: int) -> None:
        fees = self._policy.fees.bumped(dispatch.newest.fees, base_fee, self._rpc.tip())
        if fees is None:
            log.warning("%s: dearer than the cap; waiting", dispatch.generation)
            return self._send(dispatch.newest)
        attempt = self._seal(dispatch, fees)
        self._crash("before:save")
        self._outbox.add(dispatch, attempt)
        self._crash("after:save")
        self._send(attempt)

    def _fill(self, first: int, last: int) -> None:
        """Sends the saved bytes of every nonce first..last again: a reorg took them away."""
        missing = [self._outbox.at(nonce) for nonce in range(first, last + 1)]
        for nonce, dispatch in enumerate(missing, start=first):
            if dispatch is None:
                detail = "the chain waits for a nonce we never gave out; is the key used elsewhere?"
                raise Inconsistent(detail, field="nonce", value=nonce)
            if nonce == first:
                self._advance(dispatch)
            else:
                self._send(dispatch.newest)

    def _send(self, attempt: Attempt) -> None:
        # Both failures leave the fate unknown: a node that timed out may have passed it on.
        try:
            self._rpc.send(attempt.raw)
        except Rejected as error:
            log.info("%s: the node says %s", attempt.hash, error)
        except Unavailable as error:
            log.warning("%s: %s", attempt.hash, error)
        self._crash("after:send")

    def _seal(self, draft: Draft | Dispatch, fees: Fees) -> Attempt:
        unsigned = Unsigned(self._chain_id, draft.nonce, draft.to, draft.data, draft.gas)
        signed = seal(unsigned, fees, self._key)
        return Attempt(signed.hash, fees, self._clock.now(), signed.raw)

    def _gas(self, to: str, data: str) -> int:
        needed = self._rpc.estimate(self.address, to, data)
        if needed > GAS_LIMIT:
            raise Inconsistent("needs more gas than a transaction may have", value=needed)
        # A quarter more: slots that are warm or filled now may not be when it is mined.
        return min(needed + needed // 4, GAS_LIMIT)

    def _first_fees(self, gas: int) -> Fees:
        base = self._rpc.base_fee()
        fees = self._policy.fees.first(base, self._rpc.tip())
        if fees is None:
            raise Unavailable("gas costs more than we are set to pay", value=base)
        held = self._rpc.balance(self.address)
        if held < gas * fees.max_fee:
            raise Unavailable("the sender cannot pay for gas", field=self.address, value=held)
        return fees

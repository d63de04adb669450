"""Sends logical transactions so that each takes effect at most once, even after a crash.

The rule: nonce, signed bytes and hash are committed in one database transaction before any byte is
sent, and recovery only sends saved bytes again. The node's answer to them ("nonce too low",
"already known", or none) decides nothing; only the chain's state by hash does. Each key has one
transaction in flight; the next one waits.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from oracle.adapters.chain.fees import FeePolicy, Fees
from oracle.adapters.chain.outbox import Dispatch, Draft, Outbox, State
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Rejected
from oracle.adapters.chain.send_state import ENDED, Action, Attempt, ChainView, Decision, decide
from oracle.adapters.chain.signed_transaction import Unsigned, seal
from oracle.adapters.signing.keystore import Key
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.ports import Clock, FaultPoint, no_fault

log = logging.getLogger(__name__)

GAS_LIMIT = 16_777_216
"""Largest gas limit of a transaction (EIP-7825)."""

SETTLEMENT_GAS = 300_000
"""Gas limit of a settlement of 30 recordings, for telling in time that ether runs out."""


@dataclass(frozen=True)
class SendPolicy:
    """Rules for sending with one key.

    Args:
        confirmations: blocks on top of a block before it counts as closed.
        patience: seconds that an attempt waits before a replacement with higher fees.
    """

    confirmations: int
    patience: int = 60
    fees: FeePolicy = field(default_factory=FeePolicy)


class Transactor:
    """Sends the transactions of one key on one chain.

    Args:
        outbox: the outbox of this key on this chain.
        fault_point: called at the points where a crash does the most harm: ``before:save``,
            ``after:save``, ``after:send``.
    """

    def __init__(
        self,
        rpc: Rpc,
        chain_id: int,
        key: Key,
        outbox: Outbox,
        clock: Clock,
        policy: SendPolicy,
        fault_point: FaultPoint = no_fault,
    ) -> None:
        self.address = key.address
        self._rpc = rpc
        self._chain_id = chain_id
        self._key = key
        self._outbox = outbox
        self._clock = clock
        self._policy = policy
        self._fault_point = fault_point
        self._lock = threading.Lock()

    def submit(self, generation: str, to: str, data: str) -> str:
        """Sends a call once for each generation; returns the hash of its newest attempt.

        A repeated call sends no new transaction, unless the chain shows now that the earlier one
        ended without effect. After a reorganisation the earlier bytes are sent again.

        Raises:
            Unavailable: another transaction is in flight, or the chain does not answer; try again.
            Inconsistent: the call needs more gas than a transaction may have.
        """
        with self._lock:
            known = self._outbox.latest(generation)
            if known is not None and self._advance(known).action not in ENDED:
                return known.newest.hash
            self._require_idle()
            round_ = 0 if known is None else known.round + 1
            draft = Draft(self._nonce(), generation, round_, to, data, self._gas(to, data))
            return self._commit_and_send(draft, self._first_fees(draft.gas)).newest.hash

    def track(self, generation: str) -> tuple[Dispatch, Decision] | None:
        """Reads the chain once and takes the next action; returns both, None when never sent."""
        with self._lock:
            known = self._outbox.latest(generation)
            return None if known is None else (known, self._advance(known))

    def finish(self, generation: str) -> None:
        """Marks the generation's transaction as done."""
        known = self._outbox.latest(generation)
        if known is not None and known.state is State.OPEN:
            self._outbox.mark(known, State.DONE)

    def require_funds(self) -> None:
        """Raises Unavailable unless the account can pay for a settlement at the current fee."""
        self._first_fees(SETTLEMENT_GAS)

    def _commit_and_send(self, draft: Draft, fees: Fees) -> Dispatch:
        attempt = self._seal(draft, fees)
        self._fault_point("before:save")
        dispatch = self._outbox.save(draft, attempt)
        self._fault_point("after:save")
        self._send(attempt)
        return dispatch

    def _require_idle(self) -> None:
        """Raises Unavailable unless all earlier transactions are in blocks: one is in flight."""
        count, ours = self._rpc.count(self.address), self._outbox.next_nonce()
        if count >= ours:
            return
        waiting = self._outbox.at(ours - 1)
        if waiting is not None:
            self._advance(waiting)
        raise Unavailable("an earlier transaction is in flight", field="nonce", value=ours - 1)

    def _nonce(self) -> int:
        """The next nonce: the outbox's, or the chain's when the key was used elsewhere."""
        ours, count = self._outbox.next_nonce(), self._rpc.count(self.address)
        if 0 < ours < count:
            closed = max(0, self._rpc.block().number - self._policy.confirmations)
            if self._rpc.count(self.address, closed) < count:
                detail = "the key was used elsewhere, in a block that is not closed yet"
                raise Unavailable(detail, field="nonce", value=count)
            log.warning("%s was used elsewhere: nonce %s, ours %s", self.address, count, ours)
        return max(ours, count)

    def _advance(self, dispatch: Dispatch) -> Decision:
        view = self._look(dispatch)
        made = dispatch.attempts
        decision = decide(dispatch.nonce, made, view, self._clock.now(), self._policy.patience)
        log.info("%s: %s (%s)", dispatch.generation, decision.action.value, decision.reason)
        if decision.action is Action.SEND:
            self._send(dispatch.newest)
        elif decision.action is Action.BUMP:
            self._bump(dispatch, view.base_fee)
        elif decision.action is Action.FILL:
            self._fill(view.count, dispatch.nonce)
        self._mark(dispatch, decision.action)
        return decision

    def _mark(self, dispatch: Dispatch, action: Action) -> None:
        """Saves how a dispatch ended, and opens it again when a reorganisation removed its end."""
        if action in ENDED:
            state = State(action.value)
        elif action is Action.DONE or dispatch.state is State.OPEN:
            return  # `finish` marks it as done, once the ledger shows the settlement
        else:
            log.warning("%s: its %s block is undone", dispatch.generation, dispatch.state.value)
            state = State.OPEN
        if state is not dispatch.state:
            self._outbox.mark(dispatch, state)

    def _look(self, dispatch: Dispatch) -> ChainView:
        # Counts before receipts: a block in between can then only add a receipt.
        closed = max(0, self._rpc.block().number - self._policy.confirmations)
        counts = self._rpc.count(self.address), self._rpc.count(self.address, closed)
        hashes = [attempt.hash for attempt in dispatch.attempts]
        receipts = [found for h in hashes if (found := self._rpc.receipt(h)) is not None]
        known = frozenset(h for h in hashes if self._rpc.knows(h))
        return ChainView(*counts, closed, self._rpc.base_fee(), receipts, known)

    def _bump(self, dispatch: Dispatch, base_fee: int) -> None:
        fees = self._policy.fees.bumped(dispatch.newest.fees, base_fee, self._rpc.tip())
        if fees is None:
            log.warning("%s: the replacement costs more than the cap; waiting", dispatch.generation)
            return self._send(dispatch.newest)
        attempt = self._seal(dispatch, fees)
        self._fault_point("before:save")
        self._outbox.add(dispatch, attempt)
        self._fault_point("after:save")
        self._send(attempt)

    def _fill(self, first: int, last: int) -> None:
        """Sends the saved bytes of all nonces first..last again, after a reorganisation."""
        missing = [self._outbox.at(nonce) for nonce in range(first, last + 1)]
        for nonce, dispatch in enumerate(missing, start=first):
            if dispatch is None:
                detail = "the chain waits for a nonce never sent here; is the key used elsewhere?"
                raise Inconsistent(detail, field="nonce", value=nonce)
            if nonce == first:
                self._advance(dispatch)
            else:
                self._send(dispatch.newest)

    def _send(self, attempt: Attempt) -> None:
        # After either failure the transaction may still be mined: a node that timed out may have
        # passed it on.
        try:
            self._rpc.send(attempt.raw)
        except Rejected as error:
            log.info("%s: the node answers: %s", attempt.hash, error)
        except Unavailable as error:
            log.warning("%s: %s", attempt.hash, error)
        self._fault_point("after:send")

    def _seal(self, draft: Draft | Dispatch, fees: Fees) -> Attempt:
        unsigned = Unsigned(self._chain_id, draft.nonce, draft.to, draft.data, draft.gas)
        signed = seal(unsigned, fees, self._key)
        return Attempt(signed.hash, fees, self._clock.now(), signed.raw)

    def _gas(self, to: str, data: str) -> int:
        needed = self._rpc.estimate(self.address, to, data)
        if needed > GAS_LIMIT:
            raise Inconsistent("needs more gas than a transaction may have", value=needed)
        # A quarter more: storage slots may be cold or empty when the transaction is mined.
        return min(needed + needed // 4, GAS_LIMIT)

    def _first_fees(self, gas: int) -> Fees:
        base = self._rpc.base_fee()
        fees = self._policy.fees.first(base, self._rpc.tip())
        if fees is None:
            raise Unavailable("the base fee is above the cap of gas fees", value=base)
        held = self._rpc.balance(self.address)
        if held < gas * fees.max_fee:
            detail = f"has too little ether for gas: {gas * fees.max_fee} wei are needed"
            raise Unavailable(detail, field=self.address, value=held)
        return fees

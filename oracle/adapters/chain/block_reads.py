"""Views of contracts as of a block, named by its hash.

The state of a block never changes, so an answer is kept for as long as there is room. Callers that
wait at the same time share requests: what one asks goes out in one batch with what the others ask.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.joined import Joined
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import answering
from oracle.domain.errors import RefrainError, Unavailable

MOST = 20_000
"""Answers that are kept, the last read ones; about 1 KB each."""

_MISSING = object()

Call = tuple[str, list[Any]]
"""A method and its parameters."""


@dataclass(frozen=True)
class View:
    """One call of a contract's view. Lists in `args` are tuples; `block` is a hash in 0x-hex."""

    block: str
    contract: Contract
    name: str
    args: tuple[Any, ...] = ()

    def call(self) -> Call:
        """The call for the node, which refuses a block that is no longer on its chain."""
        data = self.contract.encode(self.name, *self.args)
        at = {"blockHash": self.block, "requireCanonical": True}
        return "eth_call", [{"to": self.contract.address, "data": data}, at]

    def result(self, answer: dict[str, Any]) -> Any:
        """The decoded answer.

        Raises:
            Unavailable: the node does not know the block, or it does not serve this contract.
        """
        with answering(self.name):
            if "error" in answer:
                said = answer["error"]["message"]
                raise Unavailable(f"the chain refused {self.name}", value=said)
            return self.contract.result(self.name, bytes.fromhex(answer["result"][2:]))


class BlockReads:
    """Reads views of one node's contracts.

    Args:
        most: answers that are kept.
    """

    def __init__(self, rpc: Rpc, most: int = MOST) -> None:
        self._rpc = rpc
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[View, Any] = {}
        self._asked: dict[View, Future[Any]] = {}
        self._waiting: list[tuple[View, Call]] = []
        self._send = Joined(self._send_waiting)

    def read(self, views: Sequence[View]) -> list[Any]:
        """The results, in order.

        Raises:
            Unavailable: the node does not answer one of them, or a block is not on its chain.
            InvalidInput: an argument does not fit its type.
        """
        # Without the lock: it would cost more than what it protects.
        kept = ((view, self._kept.get(view, _MISSING)) for view in views)
        found = {view: value for view, value in kept if value is not _MISSING}
        missing = [view for view in dict.fromkeys(views) if view not in found]
        if missing:
            found |= self._ask(missing)
        return [found[view] for view in views]

    def _ask(self, views: Sequence[View]) -> dict[View, Any]:
        # Encoded first, so that a value that does not fit concerns nobody else.
        calls = {view: view.call() for view in views if view not in self._asked}
        with self._lock:
            new = [view for view in calls if view not in self._asked]
            self._asked |= {view: Future() for view in new}
            self._waiting += [(view, calls[view]) for view in new]
            waits = {view: self._asked[view] for view in views if view in self._asked}
        if new:
            # A sending that begins now takes them with it.
            self._send.get()
        found = {view: _result(future) for view, future in waits.items()}
        # What another caller got in between is kept, unless it failed.
        rest = [view for view in views if view not in waits]
        return found | dict(zip(rest, self.read(rest), strict=True)) if rest else found

    def _send_waiting(self) -> None:
        with self._lock:
            taken, self._waiting = self._waiting, []
        outcomes: dict[View, Any] = {}
        try:
            answers = self._rpc.batch([call for _, call in taken])
            pairs = zip(taken, answers, strict=True)
            outcomes = {view: _decoded(view, answer) for (view, _), answer in pairs}
        except Exception as error:
            outcomes = {view: error for view, _ in taken}
        with self._lock:
            futures = [(self._asked.pop(view), outcomes[view]) for view, _ in taken]
            self._keep({v: one for v, one in outcomes.items() if not isinstance(one, Exception)})
        for future, outcome in futures:
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _keep(self, found: dict[View, Any]) -> None:
        self._kept |= found
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]


def _decoded(view: View, answer: dict[str, Any]) -> Any:
    """The result of a view, or the error in place of it."""
    try:
        return view.result(answer)
    except RefrainError as error:
        return error


def _result(future: Future[Any]) -> Any:
    try:
        return future.result()
    except RefrainError as error:
        # A copy for each caller: a traceback grows with every thread that raises its exception.
        raise copy.copy(error) from None

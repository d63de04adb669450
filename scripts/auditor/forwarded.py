"""Calls that reach the ledger through another contract, from the trace of their transaction.

A trace is what an RPC says; nothing follows from it alone. The calldata that it gives is checked
against signatures and events as that of a direct call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eth_utils import to_bytes

from .calls import CALLS
from .report import Unanswered, Unreadable, Untraced
from .rpc import Rpc

TRACER = {"tracer": "callTracer"}


def forwarded_calls(rpc: Rpc, transaction: str, ledger: str) -> list[bytes]:
    """The calldata of every call of a transaction that settles, in the order in which they ran.

    Raises:
        Untraced: the RPC has no trace of this transaction.
        Unreadable: the trace has no such call, or not the form of one.
    """
    found = [data for data in ledger_calls(trace_of(rpc, transaction), ledger) if data[:4] in CALLS]
    if not found:
        raise Unreadable(f"the trace of {transaction} has no call to a function that settles")
    return found


def trace_of(rpc: Rpc, transaction: str) -> dict[str, Any]:
    """The outermost call of a transaction; those that it made are inside."""
    try:
        found = rpc("debug_traceTransaction", transaction, TRACER)
    except Unanswered:
        raise
    except Unreadable as error:
        raise Untraced(f"another contract called the ledger in {transaction[:10]}.., and the RPC "
                       f"has no trace: {error}") from None
    if not isinstance(found, dict):
        raise Untraced(f"another contract called the ledger in {transaction[:10]}.., and the RPC "
                       f"has no trace: it answers {type(found).__name__}")
    return found


def ledger_calls(trace: dict[str, Any], ledger: str) -> Iterator[bytes]:
    """The calldata of the calls to the ledger that took effect, in the order in which they began.

    What a call did that failed is undone, with everything inside it. A DELEGATECALL runs the
    ledger's code on the storage of another contract, so it settles nothing.
    """
    waiting = [trace]
    while waiting:
        call = waiting.pop()
        if call.get("error") is not None:
            continue
        if call["type"] == "CALL" and str(call["to"]).lower() == ledger.lower():
            yield to_bytes(hexstr=call["input"])
        waiting.extend(reversed(call.get("calls") or []))

"""What a payout transaction sent to whom, read from its events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import TransactionReceipt


@dataclass(frozen=True)
class Payout:
    """Amounts by address, smallest units.

    Args:
        paid: transferred by the token.
        waiting: left the recordings, but waits in the ledger: the token refused the transfer, or a
            claim key has not named an address yet.
        transaction: its hash; empty where there was nothing to send.
    """

    paid: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    transaction: str = ""
    block: int = 0


def read_payout(
    rpc: Rpc, receipt: TransactionReceipt, ledger: Contract, token: Contract
) -> Payout:
    """The transfers out of the ledger in one transaction, and what it kept for somebody."""
    sender = "0x" + "0" * 24 + ledger.address[2:].lower()
    paid: Counter[str] = Counter()
    for event in events_of(rpc, receipt, token, "Transfer", sender):
        paid[event["to"]] += event["value"]
    waiting: Counter[str] = Counter()
    for name, who in (("Parked", "payee"), ("Accrued", "holder")):
        for event in events_of(rpc, receipt, ledger, name):
            waiting[event[who]] += event["amount"]
    return Payout(paid, waiting, receipt.hash, receipt.block)


def events_of(
    rpc: Rpc, receipt: TransactionReceipt, contract: Contract, name: str, *topics: str
) -> list[dict[str, Any]]:
    """Arguments of a contract's events of one name in one transaction; `topics` narrow them."""
    wanted = [contract.topic(name), *topics]
    logs = rpc.logs(contract.address, wanted, receipt.block, receipt.block)
    return [contract.event(log)[1] for log in logs if log.transaction == receipt.hash]

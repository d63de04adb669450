"""The token that a ledger pays in: its symbol, its decimals, and what an address holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oracle.adapters.chain.contract import Contract
from oracle.client.reader import Reader
from oracle.domain.errors import Inconsistent

MOST_DECIMALS = 36
LONGEST_SYMBOL = 20


@dataclass(frozen=True)
class Token:
    """Symbol and decimals as the token's contract tells them."""

    address: str
    symbol: str
    decimals: int


def read_token(reader: Reader, contract: Contract) -> Token:
    """Asks the contract.

    Raises:
        Inconsistent: an answer that no token in use gives.
    """
    decimals, symbol = reader.ask(contract, "decimals"), reader.ask(contract, "symbol")
    if decimals > MOST_DECIMALS:
        raise Inconsistent("has too many decimals", field="token", value=decimals)
    if not symbol.isprintable() or not 0 < len(symbol) <= LONGEST_SYMBOL:
        raise Inconsistent("has a symbol that cannot be shown", field="token", value=repr(symbol))
    return Token(contract.address, symbol, decimals)


@dataclass(frozen=True)
class Holdings:
    """What an address has, smallest units of the token except for `gas`, which is in wei.

    Args:
        wallet: on its own address.
        escrow: what it may still spend on orders.
        parked: what waits for it in the ledger, because the token refused a transfer.
        gas: the chain's own coin, which pays for transactions.
    """

    wallet: int
    escrow: int
    parked: int
    gas: int


def holdings(reader: Reader, token: Contract, ledger: Contract, address: str) -> Holdings:
    """What an address has now."""
    account: Any = reader.ask(ledger, "accounts", address)
    return Holdings(
        wallet=int(reader.ask(token, "balanceOf", address)),
        escrow=int(account["escrow"]),
        parked=int(reader.ask(ledger, "parked", address)),
        gas=reader.rpc.balance(address),
    )

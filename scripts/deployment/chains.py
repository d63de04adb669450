"""What is known of a chain before anything is deployed on it: hardhat-config/chains/<chainId>.json.

    {"name": "Ethereum", "tokens": {"USDC": {"address": "0x...", "decimals": 6}},
     "confirmations": 32, "window": 604800, "maxLag": 86400}

The tokens are the allow-list: a ledger is fixed to its token for ever, and one that rebases, takes
fees or can be exchanged by its owner leaves it short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.adapters.chain.deployment import address
from oracle.domain import canonical, fields
from oracle.domain.errors import InvalidInput
from scripts.toolchain import ROOT

CHAINS = ROOT / "hardhat-config" / "chains"
KEYS = ("name", "tokens", "confirmations", "window", "maxLag")
MOST_DECIMALS = 18
LONGEST = 90 * 86_400


@dataclass(frozen=True)
class Token:
    """A token on the allow-list; `address` in EIP-55."""

    symbol: str
    address: str
    decimals: int


@dataclass(frozen=True)
class Chain:
    """A chain's profile.

    Args:
        tokens: the allow-list, by symbol.
        confirmations: blocks after which an oracle may take one as closed.
        window, max_lag: what a ledger there is built with unless told otherwise, seconds.
    """

    name: str
    tokens: Mapping[str, Token]
    confirmations: int
    window: int
    max_lag: int

    def token(self, asked: str) -> Token | None:
        """The listed token of a symbol or an address; None when it is not listed."""
        listed = {asked, asked.upper()} & self.tokens.keys()
        if listed:
            return self.tokens[listed.pop()]
        same = (t for t in self.tokens.values() if t.address.lower() == asked.lower())
        return next(same, None)


def load(chain_id: int, folder: Path = CHAINS) -> Chain:
    """A chain's profile.

    Raises:
        InvalidInput: there is none, or a field of it is wrong; names the file and the field.
    """
    path = folder / f"{chain_id}.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        detail = "describes the chain and is not there; write it beside the others"
        raise InvalidInput(detail, field="chain", value=path) from error
    return parse(canonical.loads(data))


def parse(value: Any) -> Chain:
    """A profile from parsed JSON; every key is required and no other is allowed."""
    found = fields.mapping(value, "chain", KEYS)
    if not isinstance(found["tokens"], dict):
        raise InvalidInput("must be an object", field="chain.tokens")
    return Chain(
        name=fields.text(found["name"], "chain.name", 80),
        tokens={symbol: _token(symbol, token) for symbol, token in found["tokens"].items()},
        confirmations=fields.integer(found["confirmations"], "chain.confirmations", 0, 10_000),
        window=fields.integer(found["window"], "chain.window", 1, LONGEST),
        max_lag=fields.integer(found["maxLag"], "chain.maxLag", 1, LONGEST),
    )


def _token(symbol: str, value: Any) -> Token:
    field = f"chain.tokens.{symbol}"
    found = fields.mapping(value, field, ("address", "decimals"))
    decimals = fields.integer(found["decimals"], f"{field}.decimals", 0, MOST_DECIMALS)
    return Token(symbol, address(found["address"], f"{field}.address"), decimals)

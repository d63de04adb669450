"""Profiles of chains for deployments: hardhat-config/chains/<chainId>.json.

    {"name": "Ethereum", "tokens": {"USDC": {"address": "0x...", "decimals": 6}},
     "confirmations": 32, "release": "finalized", "releaseAbove": "0", "blockSeconds": 12,
     "window": 604800, "maxLag": 86400}

`release` says when a settlement counts as final: after the confirmations, or in a finalized block.
With `confirmations`, an amount above `releaseAbove` (smallest units) needs a finalized block too.
`blockSeconds` is 0 on a chain that makes blocks only for transactions.

The tokens are an allow-list, because a ledger can never change its token. If the token rebases,
takes fees or can be replaced by its owner, the ledger holds less than it owes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.adapters.chain.deployment import SLOWEST_BLOCK, address
from oracle.domain import canonical, fields
from oracle.domain.errors import InvalidInput
from oracle.domain.release import Release, parse_release
from scripts.solidity.toolchain import ROOT

CHAINS = ROOT / "hardhat-config" / "chains"
KEYS = (
    "name", "tokens", "confirmations", "release", "releaseAbove", "blockSeconds", "window",
    "maxLag",
)  # fmt: skip
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
        confirmations: blocks after which an oracle takes a block as closed.
        release: when a settlement counts as final.
        block_seconds: longest usual time between two blocks; 0 without regular blocks.
        window, max_lag: defaults for a ledger on this chain, seconds.
    """

    name: str
    tokens: Mapping[str, Token]
    confirmations: int
    release: Release
    block_seconds: int
    window: int
    max_lag: int

    def token(self, asked: str) -> Token | None:
        """The listed token with a symbol or address; None if there is none."""
        listed = {asked, asked.upper()} & self.tokens.keys()
        if listed:
            return self.tokens[listed.pop()]
        same = (t for t in self.tokens.values() if t.address.lower() == asked.lower())
        return next(same, None)


def load(chain_id: int, folder: Path = CHAINS) -> Chain:
    """A chain's profile.

    Raises:
        InvalidInput: the profile is missing or wrong; names the file or the field.
    """
    path = folder / f"{chain_id}.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        detail = "has no profile; add this file beside those of the other chains"
        raise InvalidInput(detail, field="chain", value=path) from error
    return parse(canonical.loads(data))


def parse(value: Any) -> Chain:
    """A profile from parsed JSON; every key is required, others are refused."""
    found = fields.mapping(value, "chain", KEYS)
    if not isinstance(found["tokens"], dict):
        raise InvalidInput("must be an object", field="chain.tokens")
    return Chain(
        name=fields.text(found["name"], "chain.name", 80),
        tokens={symbol: _token(symbol, token) for symbol, token in found["tokens"].items()},
        confirmations=fields.integer(found["confirmations"], "chain.confirmations", 0, 10_000),
        release=parse_release(found["release"], found["releaseAbove"], "chain"),
        block_seconds=fields.integer(found["blockSeconds"], "chain.blockSeconds", 0, SLOWEST_BLOCK),
        window=fields.integer(found["window"], "chain.window", 1, LONGEST),
        max_lag=fields.integer(found["maxLag"], "chain.maxLag", 1, LONGEST),
    )


def _token(symbol: str, value: Any) -> Token:
    field = f"chain.tokens.{symbol}"
    found = fields.mapping(value, field, ("address", "decimals"))
    decimals = fields.integer(found["decimals"], f"{field}.decimals", 0, MOST_DECIMALS)
    return Token(symbol, address(found["address"], f"{field}.address"), decimals)

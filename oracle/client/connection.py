"""From a profile to the chain: the wallet, the deployment and its contracts, opened when needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from oracle.adapters.chain import abi
from oracle.adapters.chain import deployment as deployments
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.keystore import Key, open_key
from oracle.client.app import App
from oracle.client.artist import Artist
from oracle.client.copies import Copies
from oracle.client.court import Court
from oracle.client.evidence import Payments
from oracle.client.kept_orders import KeptOrders
from oracle.client.profile import OVERRIDES, Profile, host_of
from oracle.client.reader import Reader
from oracle.client.settlements import Settlements
from oracle.client.splits import Splits
from oracle.client.token import Token, read_token
from oracle.client.wallet import Cost, Wallet
from oracle.domain.environment import path_of
from oracle.domain.errors import InvalidInput, Unavailable, require_same

_CONTRACTS = {
    "ledger": "RoyaltyLedger", "splits": "RightsSplits", "token": "TestDollar",
    "court": "DisputeCourt", "lens": "RoyaltyLens",
}  # fmt: skip
"""A deployment's member to the name of its ABI."""


class Connection:
    """What a profile connects to. Nothing is asked before it is needed.

    Args:
        orders: folder in which placed orders are kept; None keeps none.
        approve: told what each transaction costs before it is signed; what it raises stops it.
    """

    def __init__(
        self,
        profile: Profile,
        orders: Path | None = None,
        approve: Callable[[Cost], None] = lambda cost: None,
    ) -> None:
        self.profile = profile
        self.orders = KeptOrders(orders) if orders else None
        self._approve = approve

    def need(self, member: str) -> str:
        """A member of the profile that has to be set.

        Raises:
            InvalidInput: it is not; says how to set it.
        """
        found = str(getattr(self.profile, member))
        if not found:
            variable = f" or set {OVERRIDES[member]}" if member in OVERRIDES else ""
            raise InvalidInput(f"is not set: run `refrain init`{variable}", field=member)
        return found

    @cached_property
    def rpc(self) -> Rpc:
        return Rpc(self.need("rpc"), token=self.profile.rpc_token)

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.rpc)

    @cached_property
    def deployment(self) -> Deployment:
        """The deployment, once the chain is the one that it names."""
        found = _deployment(path_of(self.need("deployment"), "deployment"))
        there = chain_id(self.rpc, self.need("rpc"))
        require_same("chain id of the rpc", there, found.chain_id)
        return found

    @cached_property
    def key(self) -> Key:
        return open_key(self.need("key"))

    @cached_property
    def wallet(self) -> Wallet:
        return Wallet(self.rpc, self.key, approve=self._approve)

    @cached_property
    def token(self) -> Token:
        """Symbol and decimals of the settlement token."""
        return read_token(self.reader, self.contract("token"))

    @cached_property
    def splits(self) -> Splits:
        return Splits(self.reader, self.contract("splits"), self.deployment.ledger)

    @cached_property
    def ledger(self) -> ChainLedger:
        """The catalogue as of the newest block."""
        return ChainLedger(self.rpc, self.deployment, 0)

    @cached_property
    def artist(self) -> Artist:
        return Artist(self.wallet, self.key, self.deployment)

    @cached_property
    def app(self) -> App:
        several = [url for url in (self.profile.api, *self.profile.oracles) if url]
        return App(self.wallet, self.key, self.deployment, several, self.orders)

    @cached_property
    def copies(self) -> Copies:
        several = [url for url in (self.profile.api, *self.profile.oracles) if url]
        return Copies(several, self.key, self.deployment)

    @cached_property
    def court(self) -> Court:
        return Court(self.wallet, self.deployment)

    @cached_property
    def payments(self) -> Payments:
        """What was paid, as the chain has it."""
        settled = Settlements(self.wallet, self.deployment).of
        return Payments(self.rpc, self.deployment, self.court, settled)

    def contract(self, member: str) -> Contract:
        """A contract of the deployment: ledger, splits, token, court or lens."""
        return abi.contract(_CONTRACTS[member], getattr(self.deployment, member))


def chain_id(rpc: Rpc, url: str) -> int:
    """The id of a node's chain.

    Raises:
        Unavailable: no chain answers at the URL; names its host only, because the rest may hold
            a key.
    """
    try:
        return rpc.chain_id()
    except Unavailable as error:
        detail = f"no chain answers at {host_of(url)} ({error.detail})"
        raise Unavailable(detail, field="rpc", value=error.value) from None


def _deployment(path: Path) -> Deployment:
    """A deployment file; an error of its content names the file too."""
    try:
        return deployments.load(path)
    except InvalidInput as error:
        if error.value == str(path)[:120]:
            raise
        raise InvalidInput(f"{path} is no deployment file: {error}", field="deployment") from None

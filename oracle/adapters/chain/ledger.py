"""The ledger contract, read over JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from eth_utils import to_checksum_address

from oracle.adapters.chain.answers import Reverted
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.history import History, Registered
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.statement import statement
from oracle.adapters.signing.typed import TypedData
from oracle.domain.block import Block
from oracle.domain.errors import Inconsistent, InvalidInput, Unavailable
from oracle.domain.recording import Consent, Recording
from oracle.domain.statement import Movement
from oracle.ports import Account, SetTerms, Settlement

_NOBODY = "0x" + "0" * 40
VERSIONS = 256
"""Consents of one recording are counted modulo this."""


class ChainLedger:
    """Implements ports.Ledger. Nothing is cached: every answer is the chain's of now.

    Args:
        rpc: the node that is asked.
        deployment: where the contracts are and since when.
        artifacts: their ABIs.
        confirmations: how far behind the newest block the closed block is, 0 or more.

    Raises:
        Inconsistent: another chain, no contract there, or one that signs another domain.
        Unavailable: the node does not answer.
    """

    def __init__(
        self, rpc: Rpc, deployment: Deployment, artifacts: Artifacts, confirmations: int
    ) -> None:
        self.chain_id = deployment.chain_id
        self.address = deployment.ledger
        self.contract = artifacts.contract("RoyaltyLedger", deployment.ledger)
        splits = artifacts.contract("RightsSplits", deployment.splits)
        self._rpc = rpc
        self._confirmations = confirmations
        self._history = History(rpc, self.contract, splits, deployment.block, confirmations)
        self._verify(deployment)

    def check_chain(self) -> None:
        """Whether the node still serves the chain we were set up for; before money moves."""
        _same("chain id", self._rpc.chain_id(), self.chain_id)

    def closed_block(self) -> Block:
        """The newest block with the set number of confirmations."""
        newest = self._rpc.block()
        if not self._confirmations:
            return newest
        return self._rpc.block(max(0, newest.number - self._confirmations))

    def block_at(self, number: int) -> Block:
        """A block by number; NotFound when the chain is not that long."""
        return self._rpc.block(number)

    def recording(self, recording: int, block: int | None = None) -> Recording | None:
        """The recording as of the end of a block (default: the newest); None when unknown."""
        at = self._rpc.block().number if block is None else block
        found = self._recordings([recording], at)
        return found[0] if found else None

    def recordings_at(self, numbers: Iterable[int], block: int) -> dict[int, Recording]:
        """The recordings of these ids as of the end of a block; unknown ones left out."""
        return {found.id: found for found in self._recordings(list(numbers), block)}

    def recording_count(self) -> int:
        """How many are registered, which is also the highest id."""
        return int(self._read("recordingCount"))

    def recordings(self, first: int, last: int) -> Sequence[Recording]:
        """Recordings first..last, both included, as of the newest block; unknown ones left out."""
        at = self._rpc.block().number
        ids = range(max(first, 1), min(last, int(self._read("recordingCount", block=at))) + 1)
        return self._recordings(ids, at)

    def account(self, payer: str) -> Account:
        """A payer's standing as of the newest block."""
        address = _address(payer, "payer")
        found, exit_time = self._read("accounts", address), self._read("exitTime", address)
        return Account(found["escrow"], found["nextNonce"], exit_time)

    def nonce_used(self, payer: str, nonce: int) -> bool:
        """Whether an order with this nonce can no longer be settled: used, or too far behind."""
        return bool(self._read("isNonceUsed", _address(payer, "payer"), nonce))

    def set_terms(self, set_id: bytes) -> SetTerms:
        """Terms of an oracle set; all zero when the ledger does not know it."""
        found = self._read("sets", set_id)
        fees = (found["protocolBps"], found["nodeCapBps"])
        return SetTerms(found["active"], *fees, found["until"], found["cap"])

    def node_allowed(self, node: str) -> bool:
        return bool(self._read("isNodeAllowed", _address(node, "node")))

    def node_spent(self, node: str) -> int:
        """The sum of prices settled through a node in this epoch."""
        return int(self._read("nodeSpent", _address(node, "node")))

    def paused(self) -> bool:
        """Whether settling is stopped for now."""
        return bool(self._read("paused"))

    def settlement(self, order: str) -> Settlement | None:
        """The settlement of an order in a closed, canonical block."""
        return self._history.settlement(self.closed_block().number, order)

    def settlement_seen(self, order: str) -> Settlement | None:
        """The settlement of an order in any block yet: it may still be undone."""
        return self._history.settlement(self._rpc.block().number, order)

    def statement(self, payee: str) -> Sequence[Movement]:
        """Rows up to the closed block. Reads the ledger's whole history of settlements."""
        payee, last = _address(payee, "payee"), self.closed_block().number
        return statement(payee, self._history.money(last))

    def _recordings(self, ids: Sequence[int], block: int) -> list[Recording]:
        views = self._read_many("recordings", [(number,) for number in ids], block)
        known = {i: v for i, v in zip(ids, views, strict=True) if v["owner"] != _NOBODY}
        floors = self._read_many("floors", [(number,) for number in known], block)
        before = [(number, (view["version"] - 1) % VERSIONS) for number, view in known.items()]
        past = self._read_many("pastConsent", before, block)
        registered, revoked = self._history.catalogue(block)
        if not known.keys() <= registered.keys():
            self._history.forget()
            raise Unavailable("the chain's logs are behind its state", value=block)
        ended = {n: self._rpc.block(revoked[n]).timestamp for n in known if n in revoked}
        return [
            _recording(i, registered[i], view, ended.get(i, 0), _consent(word), tuple(per_second))
            for (i, view), word, per_second in zip(known.items(), past, floors, strict=True)
        ]

    def _read_many(self, name: str, args: Sequence[tuple[Any, ...]], block: int) -> list[Any]:
        calls = [(self.address, self.contract.encode(name, *each)) for each in args]
        answers = self._rpc.call_many(calls, block)
        return [self.contract.result(name, answer) for answer in answers]

    def _read(self, name: str, *args: Any, block: int | None = None) -> Any:
        try:
            data = self._rpc.call(self.address, self.contract.encode(name, *args), block)
        except Reverted as error:
            raise Inconsistent(f"the ledger refused {name}", value=error.data.hex()) from None
        return self.contract.result(name, data)

    def _verify(self, deployment: Deployment) -> None:
        self.check_chain()
        for name in ("token", "splits", "ledger"):
            if not self._rpc.code(getattr(deployment, name)):
                raise Inconsistent("no contract is deployed there", field=f"deployment.{name}")
        _same("token", self._read("token"), deployment.token)
        _same("splits", self._read("splits"), deployment.splits)
        separator = TypedData(self.chain_id, self.address).separator
        _same("signing domain", self._read("domainSeparator").hex(), separator.hex())


def _address(text: str, field: str) -> str:
    try:
        return str(to_checksum_address(text))
    except (ValueError, TypeError) as error:
        raise InvalidInput("must be an address", field=field, value=text) from error


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Inconsistent(f"the {what} should be {expected}", field="deployment", value=found)


def _recording(
    number: int,
    registered: Registered,
    view: dict[str, Any],
    revoked_at: int,
    past: Consent | None,
    floors: tuple[int, ...],
) -> Recording:
    return Recording(
        id=number,
        owner=view["owner"],
        split=view["split"],
        consent_from=view["consentFrom"],
        consent_until=view["consentUntil"],
        uses=view["uses"],
        max_share=view["maxShare"],
        audio=registered.audio,
        metadata=registered.metadata,
        isrc=registered.isrc,
        revoked_at=revoked_at,
        version=view["version"],
        past=past,
        floors=floors,
    )


def _consent(word: int) -> Consent | None:
    """A replaced consent out of the ledger's packed word (see RecordingWords); None for none."""
    fields = (word >> 168) % 2**32, (word >> 200) % 2**32, (word >> 232) % 2**8, word >> 240
    return Consent(*fields) if word else None

"""What an artist does: divide a recording among its holders, register it, hand its audio to the
generation nodes, take consent back, and be paid.

Each function is one or two transactions by the artist's own key, or one signed upload. Audio goes
to the nodes' vaults only; what is public is its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.adapters.chain.answers import Receipt
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.service import Service
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData
from oracle.domain import canonical
from oracle.domain.cid import cid_of, decode
from oracle.domain.errors import Inconsistent, InvalidInput
from scripts.wallet import Wallet

Pin = Callable[[bytes], str]
"""Makes bytes public on IPFS and returns their CID."""

CONDITIONING, COMMERCIAL = 1, 4
YEAR = 365 * 86_400
BATCH = 100
"""Registrations in one transaction: at 45,000 gas each, well below a block."""

UPLOAD_SECONDS = 900.0


@dataclass(frozen=True)
class Song:
    """A recording about to be registered.

    Args:
        path: the file exactly as it will be uploaded.
        split: table of holders; 0 pays the owner alone.
        uses: mask: 1 conditioning, 2 training, 4 commercial, 8 voice.
        max_share: largest share of one output, in 1/10,000.
        consent_from: seconds since 1970; what is past means "from now on".
        consent_until: seconds since 1970; 0 means ten years from now.
    """

    path: Path
    title: str
    artist: str
    isrc: str = ""
    split: int = 0
    uses: int = CONDITIONING | COMMERCIAL
    max_share: int = 10_000
    consent_from: int = 0
    consent_until: int = 0


class Artist:
    """An owner of recordings, with the key that registered them."""

    def __init__(
        self, wallet: Wallet, key: Key, deployment: Deployment, artifacts: Artifacts
    ) -> None:
        self.address = wallet.address
        self._wallet = wallet
        self._key = key
        self._typed = TypedData(deployment.chain_id, deployment.ledger)
        self._ledger = artifacts.contract("RoyaltyLedger", deployment.ledger)
        self._splits = artifacts.contract("RightsSplits", deployment.splits)

    def create_split(self, holders: Mapping[str, int]) -> int:
        """Stores a table of holders and returns its id; the same table has one id.

        Args:
            holders: EIP-55 address to millionths, in the order of payment; sum 1,000,000.
        """
        payees, shares = list(holders), list(holders.values())
        receipt = self._wallet.transact(self._splits, "create", payees, shares)
        return int(self._ask(self._splits, "create", payees, shares, block=receipt.block))

    def register(self, songs: Sequence[Song], pin: Pin | None = None) -> list[int]:
        """Registers songs in as few transactions as their number allows; ids in their order.

        Args:
            pin: makes each song's metadata public; None leaves that to the caller.
        """
        ids: list[int] = []
        for start in range(0, len(songs), BATCH):
            part = [self._registration(song, pin) for song in songs[start : start + BATCH]]
            receipt = self._wallet.transact(self._ledger, "registerBatch", part)
            ids += self._registered(receipt)
        return ids

    def upload(self, node: str, recording: int, path: Path, hours: int = 1) -> Mapping[str, Any]:
        """Hands a recording's file to a node's vault; what the node says of it.

        Args:
            node: URL of the node, without ``/v1``.
            hours: for which the signed permission holds.
        """
        data = path.read_bytes()
        deadline = self._wallet.rpc.block().timestamp + hours * 3_600
        digest = self._typed.upload_digest(recording, hashlib.sha256(data).digest(), deadline)
        headers = {"X-Refrain-Signature": "0x" + self._key.sign(digest).hex()}
        service = Service(node, "the generation node")
        answer = service.content(
            "PUT", f"/v1/vault/{recording}?deadline={deadline}", data,
            seconds=UPLOAD_SECONDS, headers=headers,
        )  # fmt: skip
        return dict(canonical.loads(answer))

    def revoke(self, recording: int) -> Receipt:
        """Ends consent from the next block on; what was made before may still be settled."""
        return self._wallet.transact(self._ledger, "revoke", recording)

    def withdraw(self, recordings: Sequence[int]) -> int:
        """Has recordings paid out to their holders; returns what was paid, smallest units."""
        receipt = self._wallet.transact(self._ledger, "withdrawMany", list(recordings))
        logs = self._events(receipt, ["Withdrawn"])
        return sum(event["amount"] for event in logs)

    def _registration(self, song: Song, pin: Pin | None) -> dict[str, Any]:
        data = song.path.read_bytes()
        metadata = metadata_of(song, data)
        cid = pin(metadata) if pin else cid_of(metadata)
        if cid != cid_of(metadata):
            raise Inconsistent("was pinned under another CID", field="metadata", value=cid)
        until = song.consent_until or self._wallet.rpc.block().timestamp + 10 * YEAR
        return {
            "owner": self.address, "split": song.split, "consentFrom": song.consent_from,
            "consentUntil": until, "uses": song.uses, "maxShare": song.max_share,
            "audio": hashlib.sha256(data).digest(), "metadata": decode(cid)[1],
            "isrc": song.isrc,
        }  # fmt: skip

    def _registered(self, receipt: Receipt) -> list[int]:
        events = self._events(receipt, ["Registered"])
        return [event["recording"] for event in events]

    def _events(self, receipt: Receipt, names: Sequence[str]) -> list[dict[str, Any]]:
        topics = [[self._ledger.topic(name) for name in names]]
        logs = self._wallet.rpc.logs(self._ledger.address, topics, receipt.block, receipt.block)
        return [self._ledger.event(g.raw)[1] for g in logs if g.transaction == receipt.hash]

    def _ask(self, contract: Contract, name: str, *args: Any, block: int) -> Any:
        data = contract.encode(name, *args)
        return contract.result(name, self._wallet.rpc.call(contract.address, data, block))


def metadata_of(song: Song, data: bytes) -> bytes:
    """The metadata of a song in canonical JSON, as it is pinned.

    Raises:
        InvalidInput: text that JSON cannot carry, or more than fits in one block.
    """
    made = canonical.dumps({
        "refrain_recording": 1, "title": song.title, "artist": song.artist, "isrc": song.isrc,
        "audio": {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)},
    })  # fmt: skip
    if len(made) > 1024 * 1024:
        raise InvalidInput("must fit in one block of 1 MiB", field="metadata", value=len(made))
    return made

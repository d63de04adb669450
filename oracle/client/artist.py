"""What an artist does: divide a recording among its holders, register it, hand its audio to the
generation nodes, take consent back, and be paid.

Each function is one or two transactions by the artist's own key, or one signed upload. Audio goes
to the nodes' vaults only; what is public is its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from oracle.adapters.chain import abi
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.rpc_types import TransactionReceipt
from oracle.adapters.http_client import Service
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData
from oracle.client.payouts import Payout, events_of, read_payout
from oracle.client.profile import host_of
from oracle.client.song import Pin, Song, digests, publish
from oracle.client.wallet import Wallet
from oracle.domain import canonical
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.recording import TIERS

YEAR = 365 * 86_400
BATCH = 100
"""Registrations in one transaction: at 45,000 gas each, well below a block."""

UPLOAD_SECONDS = 900.0
PAUSES = 60.0
"""Seconds to wait for a node that asks for a pause."""


class Artist:
    """An owner of recordings, with the key that registered them."""

    def __init__(
        self, wallet: Wallet, key: Key, deployment: Deployment
    ) -> None:
        self.address = wallet.address
        self._wallet = wallet
        self._key = key
        self._typed = TypedData(deployment.chain_id, deployment.ledger)
        self._ledger = abi.contract("RoyaltyLedger", deployment.ledger)
        self._splits = abi.contract("RightsSplits", deployment.splits)
        self._token = abi.contract("TestDollar", deployment.token)

    def create_split(self, holders: Mapping[str, int]) -> int:
        """Stores a table of holders and returns its id; the same table has one id.

        Args:
            holders: EIP-55 address to millionths, in the order of payment; sum 1,000,000.
        """
        payees, shares = list(holders), list(holders.values())
        receipt = self._wallet.transact(self._splits, "create", payees, shares)
        return int(
            self._wallet.ask(self._splits, "create", payees, shares, block=receipt.block)
        )

    def register(self, songs: Sequence[Song], pin: Pin | None = None) -> list[int]:
        """Registers songs, neighbours of the same terms in one transaction; ids in their order.

        Args:
            pin: makes each song's metadata public; None leaves that to the caller.
        """
        ids: list[int] = []
        for _, group in groupby(songs, lambda song: song.terms):
            same = list(group)
            for start in range(0, len(same), BATCH):
                ids += self._register(same[start : start + BATCH], pin)
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
        service = Service(node, "the generation node", patience=PAUSES)
        answer = service.content(
            "PUT", f"/v1/vault/{recording}?deadline={deadline}", data,
            seconds=UPLOAD_SECONDS, headers=headers,
        )  # fmt: skip
        return _object(answer, node)

    def revoke(self, recording: int) -> TransactionReceipt:
        """Ends consent from the next block on; what was made before may still be settled."""
        return self._wallet.transact(self._ledger, "revoke", recording)

    def amend(
        self, recording: int, until: int, uses: int, max_share: int, start: int = 0
    ) -> TransactionReceipt:
        """Replaces consent from now on, or from `start`; see `Song` for the values."""
        call = (recording, start, until, uses, max_share)
        return self._wallet.transact(self._ledger, "amend", *call)

    def set_floors(self, recording: int, floors: Sequence[int]) -> TransactionReceipt:
        """Asks for a least royalty a second by number of tier, smallest units; 0 asks for none."""
        if len(floors) > TIERS:
            raise InvalidInput(f"must be at most {TIERS}", field="floors", value=len(floors))
        padded = [*floors, *[0] * (TIERS - len(floors))]
        return self._wallet.transact(self._ledger, "setFloors", recording, padded)

    def offer(self, recording: int, to: str) -> TransactionReceipt:
        """Offers a recording to a new owner, who has to accept it; address 0 takes it back."""
        return self._wallet.transact(self._ledger, "offer", recording, to)

    def accept(self, recording: int, split: int = 0) -> TransactionReceipt:
        """Takes a recording that was offered, to be paid out by a table; 0 pays the owner."""
        return self._wallet.transact(self._ledger, "accept", recording, split)

    def assign(self, recording: int, split: int) -> TransactionReceipt:
        """Has a recording paid out by another table from now on; 0 pays the owner."""
        return self._wallet.transact(self._ledger, "assign", recording, split)

    def pay_out(self, recordings: Sequence[int]) -> Payout:
        """Has recordings paid out to their holders, as far as no window of dispute is open."""
        return self._paid("withdrawMany", list(recordings))

    def collect(self, payee: str) -> Payout:
        """Has what waits for a payee sent to it."""
        return self._paid("withdrawFor", payee)

    def collect_claimed(self, holder: str) -> Payout:
        """The same for a claim key, to the address that it has named."""
        return self._paid("withdrawClaimed", holder)

    def withdraw(self, recordings: Sequence[int]) -> int:
        """As `pay_out`; what left the recordings, smallest units."""
        payout = self.pay_out(recordings)
        return payout.paid.total() + payout.waiting.total()

    def time(self) -> int:
        """The chain's, in seconds since 1970."""
        return self._wallet.rpc.block().timestamp

    def _register(self, songs: Sequence[Song], pin: Pin | None) -> list[int]:
        song, files = songs[0], [digests(song) for song in songs]
        until = song.consent_until or self.time() + 10 * YEAR
        terms = {
            "split": song.split, "consentFrom": song.consent_from, "consentUntil": until,
            "uses": song.uses, "maxShare": song.max_share, "licence": song.licence,
        }  # fmt: skip
        audio, metadata = map(list, zip(*files, strict=True))
        isrcs = ",".join(song.isrc for song in songs)
        call = ("registerBatch", terms, audio, metadata, isrcs)
        if pin:
            # The caller agrees to the transaction before anything becomes public.
            self._wallet.preview(self._ledger, *call)
            for each in songs:
                publish(each, pin)
        receipt = self._wallet.transact(self._ledger, *call)
        (event,) = events_of(self._wallet.rpc, receipt, self._ledger, "Registered")
        return [event["first"] + place for place in range(len(songs))]

    def _paid(self, name: str, *args: Any) -> Payout:
        receipt = self._wallet.transact(self._ledger, name, *args)
        return read_payout(self._wallet.rpc, receipt, self._ledger, self._token)


def _object(answer: bytes, url: str) -> Mapping[str, Any]:
    """What a node answers; another service at its URL may answer with a page."""
    try:
        found = canonical.loads(answer)
    except InvalidInput:
        found = None
    if not isinstance(found, dict):
        detail = "the answer is not of a generation node"
        raise Inconsistent(detail, field="node", value=host_of(url))
    return found

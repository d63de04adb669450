"""What an artist does: divide a recording among its holders, register it, hand its audio to the
generation nodes, take consent back, and be paid.

Each function is one or two transactions by the artist's own key, or one signed upload. Audio goes
to the nodes' vaults only; what is public is its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from oracle.adapters.chain.answers import Receipt
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.service import Service
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData
from oracle.domain import canonical
from oracle.domain.cid import cid_of, decode
from oracle.domain.errors import Inconsistent, InvalidInput
from oracle.domain.recording import TIERS
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
        licence: reference to the licence's text: an SPDX identifier, a URL or a CID.
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
    licence: str = ""

    @property
    def terms(self) -> tuple[int, int, int, int, int, str]:
        """What songs of one transaction must have in common."""
        window = (self.consent_from, self.consent_until)
        return (self.split, *window, self.uses, self.max_share, self.licence)


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
        service = Service(node, "the generation node")
        answer = service.content(
            "PUT", f"/v1/vault/{recording}?deadline={deadline}", data,
            seconds=UPLOAD_SECONDS, headers=headers,
        )  # fmt: skip
        return dict(canonical.loads(answer))

    def revoke(self, recording: int) -> Receipt:
        """Ends consent from the next block on; what was made before may still be settled."""
        return self._wallet.transact(self._ledger, "revoke", recording)

    def amend(
        self, recording: int, until: int, uses: int, max_share: int, start: int = 0
    ) -> Receipt:
        """Replaces consent from now on, or from `start`; see `Song` for the values."""
        call = (recording, start, until, uses, max_share)
        return self._wallet.transact(self._ledger, "amend", *call)

    def set_floors(self, recording: int, floors: Sequence[int]) -> Receipt:
        """Asks for a least royalty a second by number of tier, smallest units; 0 asks for none."""
        if len(floors) > TIERS:
            raise InvalidInput(f"must be at most {TIERS}", field="floors", value=len(floors))
        padded = [*floors, *[0] * (TIERS - len(floors))]
        return self._wallet.transact(self._ledger, "setFloors", recording, padded)

    def offer(self, recording: int, to: str) -> Receipt:
        """Offers a recording to a new owner, who has to accept it; address 0 takes it back."""
        return self._wallet.transact(self._ledger, "offer", recording, to)

    def accept(self, recording: int, split: int = 0) -> Receipt:
        """Takes a recording that was offered, to be paid out by a table; 0 pays the owner."""
        return self._wallet.transact(self._ledger, "accept", recording, split)

    def withdraw(self, recordings: Sequence[int]) -> int:
        """Has recordings paid out to their holders, as far as no window of dispute is open.

        Returns:
            What left the recordings, smallest units; what a payee's token refused is parked.
        """
        receipt = self._wallet.transact(self._ledger, "withdrawMany", list(recordings))
        one = sum(event["amount"] for event in self._events(receipt, "Withdrawn"))
        return one + sum(sum(event["amounts"]) for event in self._events(receipt, "WithdrawnMany"))

    def collect(self, payee: str) -> int:
        """Has what waits for a payee sent to it; returns the amount, smallest units."""
        receipt = self._wallet.transact(self._ledger, "withdrawFor", payee)
        return sum(event["amount"] for event in self._events(receipt, "ParkedWithdrawn"))

    def collect_claimed(self, holder: str) -> int:
        """The same for a claim key, to the address that it has named."""
        receipt = self._wallet.transact(self._ledger, "withdrawClaimed", holder)
        return sum(event["amount"] for event in self._events(receipt, "ClaimedWithdrawn"))

    def time(self) -> int:
        """The chain's, in seconds since 1970."""
        return self._wallet.rpc.block().timestamp

    def _register(self, songs: Sequence[Song], pin: Pin | None) -> list[int]:
        files = [_published(song, pin) for song in songs]
        song = songs[0]
        until = song.consent_until or self.time() + 10 * YEAR
        terms = {
            "split": song.split, "consentFrom": song.consent_from, "consentUntil": until,
            "uses": song.uses, "maxShare": song.max_share, "licence": song.licence,
        }  # fmt: skip
        audio, metadata = map(list, zip(*files, strict=True))
        isrcs = ",".join(song.isrc for song in songs)
        call = ("registerBatch", terms, audio, metadata, isrcs)
        (event,) = self._events(self._wallet.transact(self._ledger, *call), "Registered")
        return [event["first"] + place for place in range(len(songs))]

    def _events(self, receipt: Receipt, name: str) -> list[dict[str, Any]]:
        topics = [self._ledger.topic(name)]
        logs = self._wallet.rpc.logs(self._ledger.address, topics, receipt.block, receipt.block)
        return [self._ledger.event(g.raw)[1] for g in logs if g.transaction == receipt.hash]


def _published(song: Song, pin: Pin | None) -> tuple[bytes, bytes]:
    """Digests of a song's file and of its metadata, which is public if there is a pinner."""
    data = song.path.read_bytes()
    metadata = metadata_of(song, data)
    cid = pin(metadata) if pin else cid_of(metadata)
    if cid != cid_of(metadata):
        raise Inconsistent("was pinned under another CID", field="metadata", value=cid)
    if "," in song.isrc:
        raise InvalidInput("must not hold a comma", field="isrc", value=song.isrc)
    return hashlib.sha256(data).digest(), decode(cid)[1]


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

"""An oracle set with its keys, and the papers that it and payers sign for generation nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.calls import CallSigner
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.domain import canonical
from oracle.domain.attestation import OracleSet
from oracle.domain.consent import TIERS
from oracle.domain.order import Order
from oracle.domain.ordered import Ordered, signed_json
from oracle.domain.request import parse_request
from oracle.domain.reservation import (
    Ballot,
    Reservation,
    SignedReservation,
    reservations_json,
)
from oracle.domain.typed_data import SigningDomain

PAYER = FileKey(b"\x77" * 32)
STRANGER = FileKey(b"\x99" * 32)


def member_keys(count: int = 3) -> list[FileKey]:
    """Keys in the order of the set: by ascending address."""
    made = [FileKey(bytes([number]) * 32) for number in range(1, count + 1)]
    return sorted(made, key=lambda key: int(key.address, 16))


@dataclass(frozen=True)
class Quorum:
    """Three oracles, two of which must sign, for one ledger."""

    domain: SigningDomain
    keys: Sequence[FileKey]
    threshold: int = 2

    @property
    def typed(self) -> TypedData:
        return TypedData(self.domain.chain_id, self.domain.ledger)

    @property
    def oracle_set(self) -> OracleSet:
        return OracleSet(self.threshold, tuple(key.address for key in self.keys))

    def signer(self, index: int = 0) -> CallSigner:
        return CallSigner(self.keys[index], self.domain)

    def ordered(
        self,
        weights: Mapping[int, int],
        payer: FileKey = PAYER,
        nonce: int = 0,
        **changes: Any,
    ) -> Ordered:
        """A signed order of a request for these recordings; `changes` by member of the request."""
        request = parse_request(request_json(weights) | changes)
        tier = TIERS[request.tier]
        order = Order(
            payer.address, nonce, request.digest(), 10**7, tier.number, tier.use, 0, 2_000_000_000
        )
        return Ordered(request, order, self.sign(payer, self.typed.order_digest(order)))

    def sign(self, key: FileKey, digest: bytes) -> str:
        return "0x" + key.sign(digest).hex()

    def reserved(
        self,
        ordered: Ordered,
        until: int,
        by: Iterable[int] = (0, 1),
        ballot: Ballot = Ballot(1, 0),
        keys: Sequence[FileKey] | None = None,
        set_id: bytes | None = None,
    ) -> list[dict[str, Any]]:
        """Reservations of an order by these oracles, as JSON."""
        made: dict[str, SignedReservation] = {}
        order = ordered.order
        generation = self.typed.order_hash(order)
        wanted = Reservation(generation, order.payer, order.nonce, ballot, until)
        for index in by:
            key = (keys or self.keys)[index]
            signature = KeyAttester(key, self.typed).sign_reservation(
                wanted, set_id or self.typed.set_id(self.oracle_set)
            )
            made[key.address] = SignedReservation(until, signature)
        return reservations_json(made, ballot)

    def job(
        self, ordered: Ordered, audio: Mapping[int, str], until: int, **changes: Any
    ) -> dict[str, Any]:
        """The body of a job; `audio` by recording."""
        references = [{"recording": number, "audio": audio[number]} for number in sorted(audio)]
        made = signed_json(ordered) | {"references": references, "controls": {}}
        return made | {"reservations": self.reserved(ordered, until)} | changes


def request_json(weights: Mapping[int, int]) -> dict[str, Any]:
    """A request for five seconds of these recordings."""
    listed = [{"recording": number, "weight": weights[number]} for number in sorted(weights)]
    return {
        "engine": "mosaic", "length": 5, "references": listed, "rule": "realised",
        "tier": "personal", "prompt": "warm, slow",
    }  # fmt: skip


def check_form(
    ordered: Ordered, trace: bytes, audio: bytes, records: bytes = b"[]"
) -> tuple[bytes, str]:
    """Body and content type of a check."""
    order = canonical.dumps(signed_json(ordered))
    parts = {"order": order, "trace": trace, "audio": audio, "records": records}
    return form_of({name: (name, content) for name, content in parts.items()})


def form_of(files: Any) -> tuple[bytes, str]:
    """A multipart body of files as httpx takes them, and its content type."""
    made = httpx.Request("POST", "http://node", files=files)
    return made.read(), made.headers["content-type"]

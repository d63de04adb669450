"""This oracle's signatures of attestations, reservations and deliveries."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.adapters.signing import signatures
from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation
from oracle.domain.copies import Decision
from oracle.domain.delivery import Delivery
from oracle.domain.reservation import Reservation


class KeyAttester:
    """Implements ports.Attester with any key of SIGNERS. It signs without checking."""

    def __init__(self, key: Key, typed: TypedData) -> None:
        self._key = key
        self._typed = typed
        self.address = key.address

    def sign(self, attestation: Attestation, order: str, set_id: bytes) -> str:
        """The compact signature (0x-hex) of the attestation of the order with hash `order`."""
        return self._signed(self._typed.attestation_digest(attestation, order, set_id))

    def sign_batch(self, attestations: Sequence[bytes]) -> str:
        """The compact signature (0x-hex) of attestations with these struct hashes."""
        return self._signed(self._typed.batch_digest(attestations))

    def sign_reservation(self, reservation: Reservation, set_id: bytes) -> str:
        """The compact signature (0x-hex) of a reservation."""
        return self._signed(self._typed.reservation_digest(reservation, set_id))

    def sign_delivery(self, made: Delivery) -> str:
        """The compact signature (0x-hex) of a statement whether a track is delivered."""
        return self._signed(self._typed.delivery_digest(made))

    def sign_ruling(self, decision: Decision, set_id: bytes) -> str:
        """The compact signature (0x-hex) of a ruling about copies."""
        return self._signed(self._typed.ruling_digest(decision, set_id))

    def _signed(self, digest: bytes) -> str:
        return "0x" + signatures.compact(self._key.sign(digest)).hex()

    def __repr__(self) -> str:
        return f"KeyAttester({self.address})"

"""EIP-712 hashes and signers of orders, attestations, uploads and calls.

The encoding follows the type's text in a few lines, which are easy to compare with the contract's.
Tests compare it with an independent implementation and with the deployed ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from eth_abi import encode
from eth_abi.exceptions import EncodingError
from eth_utils import keccak

from oracle.adapters.signing import signatures
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.call import CALL, Call
from oracle.domain.cancel import CANCEL
from oracle.domain.copies import DECISION, RULING, Decision, decision_json
from oracle.domain.delivery import DELIVERY, Delivery
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order
from oracle.domain.quote_request import QUOTE, QuoteRequest
from oracle.domain.reservation import RESERVATION, Reservation, reservation_message
from oracle.domain.typed_data import DOMAIN, SigningDomain, parse, typed_data
from oracle.domain.upload import UPLOAD, upload_typed_data

ORDER = (
    "Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,"
    "uint256 use,uint256 rule,uint256 deadline)"
)
ATTESTATION = (
    "Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,"
    "uint256 generatedAt,bytes entries,bytes32 manifest)"
)
BATCH = "Batch(Attestation[] attestations)" + ATTESTATION


class TypedData:
    """Implements ports.Typed for one ledger on one chain."""

    def __init__(self, chain_id: int, ledger: str) -> None:
        self.domain = SigningDomain(chain_id, ledger)
        self.separator = hash_struct(DOMAIN, list(self.domain.to_json().values()))

    def order_hash(self, order: Order) -> str:
        """`hashStruct` of the order in 0x-hex: the generation's id."""
        return "0x" + _order_struct(order).hex()

    def order_digest(self, order: Order) -> bytes:
        """The 32 bytes that the payer signs."""
        return self._digest(_order_struct(order))

    def attestation_digest(self, attestation: Attestation, order: str, set_id: bytes) -> bytes:
        """The 32 bytes that an oracle signs for the order whose struct hash is `order`."""
        return self._digest(_attestation_struct(attestation, order, set_id))

    def attestation_hash(self, attestation: Attestation, order: str, set_id: bytes) -> bytes:
        """`hashStruct` of an attestation, 32 bytes; a batch's signature covers these."""
        return _attestation_struct(attestation, order, set_id)

    def batch_digest(self, attestations: Sequence[bytes]) -> bytes:
        """The 32 bytes that an oracle signs for a batch with these attestation struct hashes."""
        listed = keccak(b"".join(attestations))
        return self._digest(bytes(keccak(keccak(text=BATCH) + listed)))

    def upload_digest(self, recording: int, audio: bytes, deadline: int) -> bytes:
        """The 32 bytes that an owner signs to store a file with sha256 `audio` in a vault."""
        message = upload_typed_data(self.domain, recording, audio, deadline)["message"]
        return self._digest(hash_struct(UPLOAD, list(message.values())))

    def decision_digest(self, decision: Decision) -> bytes:
        """The 32 bytes that owners or an arbiter sign to decide about a pair of copies."""
        return self._digest(hash_struct(DECISION, list(decision_json(decision).values())))

    def decision_signer(self, decision: Decision, signature: str) -> str:
        """The address that decided; InvalidInput unless 65 bytes, low s, v 27 or 28."""
        return signatures.recover(self.decision_digest(decision), signatures.from_hex(signature))

    def ruling_digest(self, decision: Decision, set_id: bytes) -> bytes:
        """The 32 bytes that an oracle signs when it agrees to a decision."""
        return self._digest(hash_struct(RULING, [set_id, *decision_json(decision).values()]))

    def ruling_signer(self, decision: Decision, set_id: bytes, signature: str) -> str:
        """The oracle that signed a ruling; InvalidInput unless 64 bytes and low s."""
        made = signatures.from_hex(signature, length=signatures.COMPACT)
        return signatures.recover(self.ruling_digest(decision, set_id), signatures.expand(made))

    def call_digest(self, made: Call) -> bytes:
        """The 32 bytes that an oracle signs for one request to another oracle or to a node."""
        place = [made.audience, made.method, made.target]
        return self._digest(hash_struct(CALL, [*place, made.body, made.time, made.nonce]))

    def call_signer(self, made: Call, signature: str) -> str:
        """The address that signed the call; InvalidInput unless 65 bytes, low s, v 27 or 28."""
        return signatures.recover(self.call_digest(made), signatures.from_hex(signature))

    def order_signer(self, order: Order, signature: str) -> str:
        """The address that signed the order; InvalidInput unless 65 bytes, low s, v 27 or 28."""
        return signatures.recover(self.order_digest(order), signatures.from_hex(signature))

    def attestation_signer(
        self, attestation: Attestation, order: str, set_id: bytes, signature: str
    ) -> str:
        """The address that signed the attestation; InvalidInput unless 64 bytes and low s."""
        digest = self.attestation_digest(attestation, order, set_id)
        made = signatures.from_hex(signature, length=signatures.COMPACT)
        return signatures.recover(digest, signatures.expand(made))

    def batch_signer(self, attestations: Sequence[bytes], signature: str) -> str:
        """The address that signed a batch; InvalidInput unless 64 bytes and low s."""
        made = signatures.from_hex(signature, length=signatures.COMPACT)
        return signatures.recover(self.batch_digest(attestations), signatures.expand(made))

    def reservation_digest(self, reservation: Reservation, set_id: bytes) -> bytes:
        """The 32 bytes that an oracle signs when it reserves a nonce."""
        message = reservation_message(set_id, reservation)
        return self._digest(hash_struct(RESERVATION, list(message.values())))

    def reservation_signer(self, reservation: Reservation, set_id: bytes, signature: str) -> str:
        """The address that signed the reservation; InvalidInput unless 64 bytes and low s."""
        made = signatures.from_hex(signature, length=signatures.COMPACT)
        digest = self.reservation_digest(reservation, set_id)
        return signatures.recover(digest, signatures.expand(made))

    def quote_digest(self, asked: QuoteRequest) -> bytes:
        """The 32 bytes that a payer signs to be told its reserved money."""
        return self._digest(hash_struct(QUOTE, [asked.payer, asked.request, asked.time]))

    def quote_signer(self, asked: QuoteRequest, signature: str) -> str:
        """The address that asked; InvalidInput unless 65 bytes, low s, v 27 or 28."""
        return signatures.recover(self.quote_digest(asked), signatures.from_hex(signature))

    def delivery_digest(self, made: Delivery) -> bytes:
        """The 32 bytes that an oracle signs when it states whether it delivers a track."""
        order = _word(made.order, "order")
        return self._digest(
            hash_struct(DELIVERY, [order, made.manifest, made.delivered, made.time])
        )

    def delivery_signer(self, made: Delivery, signature: str) -> str:
        """The address that signed the statement; InvalidInput unless 64 bytes and low s."""
        found = signatures.from_hex(signature, length=signatures.COMPACT)
        return signatures.recover(self.delivery_digest(made), signatures.expand(found))

    def cancel_digest(self, order: str) -> bytes:
        """The 32 bytes that a payer signs to cancel the order whose struct hash is `order`."""
        return self._digest(hash_struct(CANCEL, [_word(order, "order")]))

    def cancel_signer(self, order: str, signature: str) -> str:
        """The address that cancelled the order; InvalidInput unless 65 bytes, low s, v 27 or 28."""
        return signatures.recover(self.cancel_digest(order), signatures.from_hex(signature))

    def set_id(self, oracle_set: OracleSet) -> bytes:
        """keccak256(abi.encode(uint256 threshold, address[] signers)), 32 bytes."""
        return _set_id(oracle_set)

    def order_typed_data(self, order: Order) -> dict[str, Any]:
        """The order for a wallet's `eth_signTypedData_v4`; numbers are decimal strings."""
        names = [member["name"] for member in parse(ORDER)[1]]
        values = [_plain(value) for value in _order_values(order)]
        return typed_data(self.domain, ORDER, dict(zip(names, values, strict=True)))

    def _digest(self, struct: bytes) -> bytes:
        return bytes(keccak(b"\x19\x01" + self.separator + struct))


@lru_cache(maxsize=64)
def _set_id(oracle_set: OracleSet) -> bytes:
    members = [oracle_set.threshold, list(oracle_set.signers)]
    return bytes(keccak(_encode(["uint256", "address[]"], members)))


def hash_struct(type_text: str, values: Sequence[Any]) -> bytes:
    """EIP-712 `hashStruct`; `bytes` and `string` members are encoded as their keccak256."""
    type_hash, members = _type(type_text)
    kinds, words = ["bytes32"], [type_hash]
    for kind, value in zip(members, values, strict=True):
        if kind in ("bytes", "string"):
            kind, value = "bytes32", keccak(value.encode() if kind == "string" else value)
        kinds.append(kind)
        words.append(value)
    return bytes(keccak(_encode(kinds, words)))


@lru_cache(maxsize=64)
def _type(text: str) -> tuple[bytes, tuple[str, ...]]:
    """The hash of a type and the types of its members."""
    return keccak(text=text), tuple(member["type"] for member in parse(text)[1])


def _encode(kinds: list[str], values: list[Any]) -> bytes:
    # The library pads a short word with zeros, which would sign another value.
    for kind, value in zip(kinds, values, strict=True):
        if kind == "bytes32" and len(value) != 32:
            raise InvalidInput("must be 32 bytes", field="word", value=len(value))
    try:
        return encode(kinds, values)
    except (EncodingError, TypeError, ValueError) as error:
        raise InvalidInput("does not fit the signed type", value=error) from error


def _order_values(order: Order) -> list[Any]:
    money = [order.max_price, order.tier, order.use, order.rule, order.deadline]
    return [order.payer, order.nonce, order.request, *money]


@lru_cache(maxsize=1_024)
def _order_struct(order: Order) -> bytes:
    return hash_struct(ORDER, _order_values(order))


def _attestation_struct(attestation: Attestation, order: str, set_id: bytes) -> bytes:
    fees = [attestation.price, attestation.node, attestation.node_fee]
    content = [attestation.generated_at, attestation.entries, attestation.manifest]
    return hash_struct(ATTESTATION, [set_id, _word(order, "order"), *fees, *content])


def _word(text: str, field: str) -> bytes:
    try:
        word = bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise InvalidInput("must be 32 bytes in 0x-hex", field=field, value=text) from error
    if len(word) != 32:
        raise InvalidInput("must be 32 bytes in 0x-hex", field=field, value=text)
    return word


def _plain(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)

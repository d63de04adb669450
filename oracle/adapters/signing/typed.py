"""EIP-712 of our domain: hashes of orders, attestations and uploads, and who signed them.

Encoded here by hand from the type's text, in a few lines that can be read beside the contract's;
tests compare them with an independent implementation and with the deployed ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi import encode
from eth_abi.exceptions import EncodingError
from eth_utils import keccak

from oracle.adapters.signing import signatures
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.errors import InvalidInput
from oracle.domain.order import Order

NAME = "Refrain"
VERSION = "1"

DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
ORDER = (
    "Order(address payer,uint256 nonce,bytes32 request,uint256 maxPrice,uint256 tier,"
    "uint256 use,uint256 rule,uint256 deadline)"
)
ATTESTATION = (
    "Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,"
    "uint256 generatedAt,bytes entries,bytes32 manifest)"
)
BATCH = "Batch(Attestation[] attestations)" + ATTESTATION
UPLOAD = "Upload(uint256 recording,bytes32 audio,uint256 deadline)"


class TypedData:
    """Implements ports.Typed for one ledger on one chain; a pure function of the two."""

    def __init__(self, chain_id: int, ledger: str) -> None:
        self._domain = {"name": NAME, "version": VERSION, "chainId": chain_id}
        self._domain["verifyingContract"] = ledger
        self.separator = hash_struct(DOMAIN, [NAME, VERSION, chain_id, ledger])

    def order_hash(self, order: Order) -> str:
        """`hashStruct` of the order in 0x-hex: the generation's id."""
        return "0x" + _order_struct(order).hex()

    def order_digest(self, order: Order) -> bytes:
        """The 32 bytes that the payer signs."""
        return self._digest(_order_struct(order))

    def attestation_digest(self, attestation: Attestation, order: str, set_id: bytes) -> bytes:
        """The 32 bytes that an oracle signs about the order whose struct hash is `order`."""
        return self._digest(_attestation_struct(attestation, order, set_id))

    def attestation_hash(self, attestation: Attestation, order: str, set_id: bytes) -> bytes:
        """`hashStruct` of what an oracle signs, 32 bytes: what stands for it in a batch."""
        return _attestation_struct(attestation, order, set_id)

    def batch_digest(self, attestations: Sequence[bytes]) -> bytes:
        """The 32 bytes that an oracle signs about attestations with these struct hashes."""
        listed = keccak(b"".join(attestations))
        return self._digest(bytes(keccak(keccak(text=BATCH) + listed)))

    def upload_digest(self, recording: int, audio: bytes, deadline: int) -> bytes:
        """The 32 bytes that an owner signs to put a file with sha256 `audio` into a vault."""
        return self._digest(hash_struct(UPLOAD, [recording, audio, deadline]))

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

    def set_id(self, oracle_set: OracleSet) -> bytes:
        """keccak256(abi.encode(uint256 threshold, address[] signers)), 32 bytes."""
        return bytes(
            keccak(
                _encode(["uint256", "address[]"], [oracle_set.threshold, list(oracle_set.signers)])
            )
        )

    def order_typed_data(self, order: Order) -> dict[str, Any]:
        """What a wallet's `eth_signTypedData_v4` takes: whole numbers as decimal strings."""
        name, members = parse(ORDER)
        values = [_plain(value) for value in _order_values(order)]
        return {
            "domain": dict(self._domain),
            "types": {"EIP712Domain": parse(DOMAIN)[1], name: members},
            "primaryType": name,
            "message": {
                member["name"]: value for member, value in zip(members, values, strict=True)
            },
        }

    def _digest(self, struct: bytes) -> bytes:
        return bytes(keccak(b"\x19\x01" + self.separator + struct))


def parse(type_text: str) -> tuple[str, list[dict[str, str]]]:
    """``Name(type member,...)`` to the name and ``[{"name", "type"}, ...]``."""
    name, _, rest = type_text.rstrip(")").partition("(")
    pairs = [member.split(" ") for member in rest.split(",")]
    return name, [{"name": member, "type": kind} for kind, member in pairs]


def hash_struct(type_text: str, values: Sequence[Any]) -> bytes:
    """EIP-712 `hashStruct`; `bytes` and `string` members go in by their keccak256."""
    kinds, words = ["bytes32"], [keccak(text=type_text)]
    for member, value in zip(parse(type_text)[1], values, strict=True):
        kind = member["type"]
        if kind in ("bytes", "string"):
            kind, value = "bytes32", keccak(value.encode() if kind == "string" else value)
        kinds.append(kind)
        words.append(value)
    return bytes(keccak(_encode(kinds, words)))


def _encode(kinds: list[str], values: list[Any]) -> bytes:
    # The library would fill a short word with zeros, and so sign something nobody wrote.
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


def _order_struct(order: Order) -> bytes:
    return hash_struct(ORDER, _order_values(order))


def _attestation_struct(attestation: Attestation, order: str, set_id: bytes) -> bytes:
    fees = [attestation.price, attestation.node, attestation.node_fee]
    shown = [attestation.generated_at, attestation.entries, attestation.manifest]
    return hash_struct(ATTESTATION, [set_id, _word(order, "order"), *fees, *shown])


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

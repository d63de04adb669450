"""One contract's ABI: encodes calls; decodes results, events and errors to Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils import keccak, to_checksum_address
from eth_utils.abi import collapse_if_tuple

from oracle.adapters.chain.rpc_types import Log, answering
from oracle.domain.errors import InvalidInput


def _error(name: str, *members: str) -> dict[str, Any]:
    inputs = [dict(zip(("type", "name"), member.split(), strict=True)) for member in members]
    return {"type": "error", "name": name, "inputs": inputs}


_TOKEN_ERRORS = (
    _error("ERC20InsufficientBalance", "address sender", "uint256 balance", "uint256 needed"),
    _error("ERC20InsufficientAllowance", "address spender", "uint256 allowance", "uint256 needed"),
)
"""Errors of a token (ERC-6093), which a contract that moves the token passes on."""


@dataclass(frozen=True)
class _Function:
    """A function of an ABI with what follows from it, since each call needs it.

    Args:
        selector: 0x-hex.
        takes, gives: types of inputs and outputs, tuples written out.
    """

    item: Mapping[str, Any]
    selector: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]


class Contract:
    """A deployed contract and its ABI.

    Args:
        address: EIP-55.
        abi: as solc writes it.
    """

    def __init__(self, address: str, abi: Sequence[Mapping[str, Any]]) -> None:
        self.address = to_checksum_address(address)
        named = [item for item in abi if "name" in item]
        self._functions = {i["name"]: _function(i) for i in named if i["type"] == "function"}
        called = self._functions.values()
        self._selectors = {bytes.fromhex(each.selector[2:]): each for each in called}
        self._events = {topic(i): i for i in named if i["type"] == "event"}
        errors = [i for i in named if i["type"] == "error"]
        self._errors = {selector(i): i for i in [*_TOKEN_ERRORS, *errors]}

    def encode(self, name: str, *args: Any) -> str:
        """Call data of a function in 0x-hex. Structs are tuples or dicts by member name.

        Raises:
            InvalidInput: a value does not fit its type; names the function.
        """
        function = self._functions[name]
        pairs = zip(function.item["inputs"], args, strict=True)
        values = [_flat(item, value) for item, value in pairs]
        try:
            data = encode(function.takes, values)
        except EncodingError as error:
            raise InvalidInput(f"does not fit: {error}", field=name) from None
        return function.selector + data.hex()

    def call(self, data: bytes) -> tuple[str, dict[str, Any]]:
        """Name and arguments of call data, structs as dicts; InvalidInput when unknown."""
        function = self._selectors.get(bytes(data[:4]))
        if function is None:
            detail = "does not call a function of the contract"
            raise InvalidInput(detail, value="0x" + data[:4].hex())
        with answering("the call data"):
            values = decode(function.takes, data[4:])
        pairs = zip(function.item["inputs"], values, strict=True)
        return function.item["name"], {item["name"]: _shape(item, value) for item, value in pairs}

    def result(self, name: str, data: bytes) -> Any:
        """A function's result: structs as dicts, addresses in EIP-55, several values as a tuple.

        Raises:
            Unavailable: the data does not match the ABI: the node does not serve this contract.
        """
        function = self._functions[name]
        with answering(name):
            values = decode(function.gives, data)
        pairs = zip(function.item["outputs"], values, strict=True)
        shaped = tuple(_shape(output, value) for output, value in pairs)
        return shaped[0] if len(shaped) == 1 else shaped

    def selector(self, name: str) -> bytes:
        """The four-byte selector of a function."""
        return bytes.fromhex(self._functions[name].selector[2:])

    def topic(self, event: str) -> str:
        """The first topic of an event, 0x-hex."""
        return next(found for found, item in self._events.items() if item["name"] == event)

    def event(self, log: Log) -> tuple[str, dict[str, Any]]:
        """Name and arguments of a log of this contract; Unavailable for any other log."""
        with answering("eth_getLogs"):
            item = self._events["0x" + log.topics[0].hex()]
            indexed = [each for each in item["inputs"] if each["indexed"]]
            others = [each for each in item["inputs"] if not each["indexed"]]
            values = decode([collapse_if_tuple(each) for each in others], log.data)
            found = {each["name"]: _shape(each, v) for each, v in zip(others, values, strict=True)}
            for each, topic_ in zip(indexed, log.topics[1:], strict=True):
                # A topic of a type without fixed size would be its hash; no event has one.
                (value,) = decode([each["type"]], topic_)
                found[each["name"]] = _shape(each, value)
            return item["name"], {each["name"]: found[each["name"]] for each in item["inputs"]}

    def error(self, data: bytes) -> str:
        """A revert as text: ``Settlement_NoConsent(recording=3, generatedAt=1700000000)``."""
        found = self._errors.get("0x" + data[:4].hex())
        if found is None:
            return _builtin_error(data)
        try:
            values = decode([collapse_if_tuple(i) for i in found["inputs"]], data[4:])
        except DecodingError:
            return f"{found['name']}(unreadable)"
        pairs = [
            f"{i['name']}={_text(_shape(i, v))}"
            for i, v in zip(found["inputs"], values, strict=True)
        ]
        return f"{found['name']}({', '.join(pairs)})"


def signature(item: Mapping[str, Any]) -> str:
    """The canonical signature of an ABI item, such as ``pause()``."""
    return f"{item['name']}({','.join(collapse_if_tuple(i) for i in item['inputs'])})"


def topic(item: Mapping[str, Any]) -> str:
    """keccak256 of an ABI item's signature, 0x-hex."""
    return "0x" + keccak(text=signature(item)).hex()


def selector(item: Mapping[str, Any]) -> str:
    """The four-byte selector of an ABI item, 0x-hex."""
    return topic(item)[:10]


def _function(item: Mapping[str, Any]) -> _Function:
    takes, gives = (tuple(map(collapse_if_tuple, item[part])) for part in ("inputs", "outputs"))
    return _Function(item, selector(item), takes, gives)


def _shape(member: Mapping[str, Any], value: Any) -> Any:
    kind = member["type"]
    if kind.endswith("]"):
        inner = {**member, "type": kind[: kind.rindex("[")]}
        return [_shape(inner, item) for item in value]
    if kind == "tuple":
        parts = zip(member["components"], value, strict=True)
        return {part["name"]: _shape(part, item) for part, item in parts}
    return to_checksum_address(value) if kind == "address" else value


def _flat(member: Mapping[str, Any], value: Any) -> Any:
    """The reverse of `_shape`: dicts become tuples in the order of the ABI."""
    kind = member["type"]
    if kind.endswith("]"):
        inner = {**member, "type": kind[: kind.rindex("[")]}
        return [_flat(inner, item) for item in value]
    if kind == "tuple":
        parts = member["components"]
        values = [value[part["name"]] for part in parts] if isinstance(value, Mapping) else value
        return tuple(_flat(part, item) for part, item in zip(parts, values, strict=True))
    return value


def _text(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _builtin_error(data: bytes) -> str:
    # The two errors of solc itself: require with a text, and a panic.
    try:
        if data[:4].hex() == "08c379a0":
            return f"Error({decode(['string'], data[4:])[0]})"
        if data[:4].hex() == "4e487b71":
            return f"Panic(0x{decode(['uint256'], data[4:])[0]:02x})"
    except DecodingError:
        pass
    return f"an unknown error 0x{data[:4].hex()}" if data else "no reason given"

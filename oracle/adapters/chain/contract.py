"""One contract's ABI: calls in, results, events and errors out, as plain Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils import keccak, to_checksum_address
from eth_utils.abi import collapse_if_tuple
from web3 import Web3

from oracle.adapters.chain.answers import answering
from oracle.domain.errors import InvalidInput


def _error(name: str, *members: str) -> dict[str, Any]:
    inputs = [dict(zip(("type", "name"), member.split(), strict=True)) for member in members]
    return {"type": "error", "name": name, "inputs": inputs}


_TOKEN_ERRORS = (
    _error("ERC20InsufficientBalance", "address sender", "uint256 balance", "uint256 needed"),
    _error("ERC20InsufficientAllowance", "address spender", "uint256 allowance", "uint256 needed"),
)
"""A token's refusals (ERC-6093), which a contract that moves it passes on."""


class Contract:
    """An address and the ABI that is spoken there.

    Args:
        address: EIP-55.
        abi: as solc gives it.
    """

    def __init__(self, address: str, abi: Sequence[Mapping[str, Any]]) -> None:
        self.address = to_checksum_address(address)
        self._web3: Any = Web3().eth.contract(address=self.address, abi=abi)
        named = [item for item in abi if "name" in item]
        self._functions = {i["name"]: i for i in named if i["type"] == "function"}
        called = self._functions.values()
        self._selectors = {bytes.fromhex(selector(i)[2:]): i for i in called}
        self._events = {topic(i): i["name"] for i in named if i["type"] == "event"}
        errors = [i for i in named if i["type"] == "error"]
        self._errors = {selector(i): i for i in [*_TOKEN_ERRORS, *errors]}

    def encode(self, name: str, *args: Any) -> str:
        """Call data of a function in 0x-hex. Structs are tuples or dicts by member name."""
        return str(self._web3.encode_abi(name, args=list(args)))

    def call(self, data: bytes) -> tuple[str, dict[str, Any]]:
        """Name and arguments of call data, structs as dicts; InvalidInput when it is none."""
        function = self._selectors.get(bytes(data[:4]))
        if function is None:
            raise InvalidInput("calls no function of the contract", value="0x" + data[:4].hex())
        with answering("the call data"):
            values = decode([collapse_if_tuple(item) for item in function["inputs"]], data[4:])
        pairs = zip(function["inputs"], values, strict=True)
        return function["name"], {item["name"]: _shape(item, value) for item, value in pairs}

    def result(self, name: str, data: bytes) -> Any:
        """What a function returned: structs as dicts, addresses in EIP-55, several as a tuple.

        Raises:
            Unavailable: the data is not what the ABI says: the node does not serve this contract.
        """
        outputs = self._functions[name]["outputs"]
        with answering(name):
            values = decode([collapse_if_tuple(output) for output in outputs], data)
        shaped = tuple(_shape(o, v) for o, v in zip(outputs, values, strict=True))
        return shaped[0] if len(shaped) == 1 else shaped

    def selector(self, name: str) -> bytes:
        """The four bytes by which a function is called."""
        return bytes.fromhex(selector(self._functions[name])[2:])

    def topic(self, event: str) -> str:
        """First topic of an event, 0x-hex."""
        return next(found for found, name in self._events.items() if name == event)

    def event(self, log: Any) -> tuple[str, dict[str, Any]]:
        """Name and arguments of a log of this contract; Unavailable when it is none."""
        with answering("eth_getLogs"):
            name = self._events["0x" + bytes(log["topics"][0]).hex()]
            return name, dict(self._web3.events[name]().process_log(log)["args"])

    def error(self, data: bytes) -> str:
        """A revert in words: ``Settlement_NoConsent(recording=3, generatedAt=1700000000)``."""
        found = self._errors.get("0x" + data[:4].hex())
        if found is None:
            return _builtin_error(data)
        try:
            values = decode([collapse_if_tuple(i) for i in found["inputs"]], data[4:])
        except DecodingError:
            return f"{found['name']}(unreadable)"
        pairs = [
            f"{i['name']}={_words(_shape(i, v))}"
            for i, v in zip(found["inputs"], values, strict=True)
        ]
        return f"{found['name']}({', '.join(pairs)})"


def signature(item: Mapping[str, Any]) -> str:
    return f"{item['name']}({','.join(collapse_if_tuple(i) for i in item['inputs'])})"


def topic(item: Mapping[str, Any]) -> str:
    return "0x" + keccak(text=signature(item)).hex()


def selector(item: Mapping[str, Any]) -> str:
    return topic(item)[:10]


def _shape(member: Mapping[str, Any], value: Any) -> Any:
    kind = member["type"]
    if kind.endswith("]"):
        inner = {**member, "type": kind[: kind.rindex("[")]}
        return [_shape(inner, item) for item in value]
    if kind == "tuple":
        parts = zip(member["components"], value, strict=True)
        return {part["name"]: _shape(part, item) for part, item in parts}
    return to_checksum_address(value) if kind == "address" else value


def _words(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _builtin_error(data: bytes) -> str:
    # The two errors that solc itself raises: require with a text, and a panic.
    try:
        if data[:4].hex() == "08c379a0":
            return f"Error({decode(['string'], data[4:])[0]})"
        if data[:4].hex() == "4e487b71":
            return f"Panic(0x{decode(['uint256'], data[4:])[0]:02x})"
    except DecodingError:
        pass
    return f"an unknown error 0x{data[:4].hex()}" if data else "no reason given"

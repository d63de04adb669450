"""JSON-RPC of one node. Returns our own types, and every failure is one of our errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils import to_checksum_address
from web3 import Web3
from web3.exceptions import BlockNotFound, TransactionNotFound, Web3RPCError
from web3.types import RPCEndpoint

from oracle.adapters.chain.rpc_types import (
    Log,
    Rejected,
    TransactionReceipt,
    answering,
    log_of,
    message_of,
    reverting,
)
from oracle.adapters.chain.transport import TooLarge, Transport
from oracle.domain.block import Block
from oracle.domain.errors import NotFound, Unavailable

BATCH = 100
"""Largest number of calls in one batch request; providers refuse more than a few hundred."""


class Rpc:
    """One node.

    Args:
        url: http or https; may contain a secret, so it is never printed.
        seconds: total time of one request.
        token: bearer token for the node; empty for none.
    """

    def __init__(self, url: str, seconds: float = 10.0, token: str = "") -> None:
        self._transport = Transport(url, seconds, token)
        # No middleware, because it adds requests of its own (chain id, names).
        self._eth = Web3(self._transport, middleware=[]).eth

    def __repr__(self) -> str:
        return "Rpc(********)"

    def chain_id(self) -> int:
        """The id of the node's chain."""
        with answering("eth_chainId"):
            return int(self._eth.chain_id)

    def block(self, number: int | None = None) -> Block:
        """A block by number, by default the latest. NotFound when the chain has no such block."""
        with answering("eth_getBlockByNumber"):
            try:
                found = self._eth.get_block("latest" if number is None else number)
            except BlockNotFound:
                raise NotFound("the chain has no such block", value=number) from None
            return Block(int(found["number"]), _hex(found["hash"]), int(found["timestamp"]))

    def batch(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[dict[str, Any]]:
        """The answers to several calls (method and parameters), in order, in few requests.

        An answer has `result`, or the node's `error` for this call. Both are unchecked: read them
        inside `answering`.
        """
        answers: list[dict[str, Any]] = []
        for start in range(0, len(asked), BATCH):
            part = [(RPCEndpoint(name), params) for name, params in asked[start : start + BATCH]]
            with answering(f"a batch of {part[0][0]}"):
                found = self._transport.make_batch_request(part)
                if not isinstance(found, list):
                    raise Web3RPCError("refused", rpc_response=found)
                answers += found
        if len(answers) != len(asked):
            raise Unavailable("the chain answered only a part of a batch", value=len(answers))
        return answers

    def base_fee(self) -> int:
        """The base fee of the latest block, wei for each gas; 0 on chains without EIP-1559."""
        with answering("eth_getBlockByNumber"):
            return int(self._eth.get_block("latest").get("baseFeePerGas", 0))

    def tip(self) -> int:
        """The priority fee that the node suggests, wei for each gas."""
        with answering("eth_maxPriorityFeePerGas"):
            return int(self._eth.max_priority_fee)

    def code(self, address: str) -> bytes:
        """The code at an address; empty without a contract."""
        with answering("eth_getCode"):
            return bytes(self._eth.get_code(to_checksum_address(address)))

    def balance(self, address: str) -> int:
        """The balance of an address in wei."""
        with answering("eth_getBalance"):
            return int(self._eth.get_balance(to_checksum_address(address)))

    def set_balance(self, address: str, wei: int) -> bool:
        """Gives an address ether, as development chains can; False where the chain cannot."""
        with answering("anvil_setBalance"):
            asked = [to_checksum_address(address), hex(wei)]
            answer = self._transport.make_request(RPCEndpoint("anvil_setBalance"), asked)
        return "error" not in answer

    def count(self, address: str, block: int | None = None) -> int:
        """Mined transactions of `address` up to a block (default: latest), so its next nonce."""
        with answering("eth_getTransactionCount"):
            at: Any = "latest" if block is None else block
            return int(self._eth.get_transaction_count(to_checksum_address(address), at))

    def knows(self, transaction: str) -> bool:
        """Whether the node has the transaction, in its pool or in a block."""
        with answering("eth_getTransactionByHash"):
            try:
                return self._eth.get_transaction(transaction) is not None  # type: ignore[arg-type]
            except TransactionNotFound:
                return False

    def input(self, transaction: str) -> bytes:
        """The call data of a transaction. NotFound when the node does not have it."""
        with answering("eth_getTransactionByHash"):
            try:
                return bytes(self._eth.get_transaction(transaction)["input"])  # type: ignore[arg-type]
            except TransactionNotFound:
                pass
        raise NotFound("no such transaction", value=transaction)

    def receipt(self, transaction: str) -> TransactionReceipt | None:
        """The receipt, if its block is canonical; None otherwise."""
        with answering("eth_getTransactionReceipt"):
            try:
                found = self._eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]
            except TransactionNotFound:
                return None
            number, block_hash = int(found["blockNumber"]), _hex(found["blockHash"])
            receipt = TransactionReceipt(transaction, number, block_hash, int(found["status"]) == 1)
        return receipt if self.canonical(number, block_hash) else None

    def canonical(self, number: int, block_hash: str) -> bool:
        """Whether the chain's block of this number has this hash."""
        try:
            return self.block(number).hash == block_hash
        except NotFound:
            return False

    def call(
        self, to: str, data: str, block: int | None = None, sender: str | None = None
    ) -> bytes:
        """The result of `eth_call`. Raises Reverted with the contract's error data."""
        with answering("eth_call"), reverting():
            at: Any = "latest" if block is None else block
            return bytes(self._eth.call(_transaction(to, data, sender), at))

    def call_many(self, calls: Sequence[tuple[str, str]], block: int | None = None) -> list[bytes]:
        """Several `eth_call` of (to, data) at one block in few requests; no call may revert."""
        at = "latest" if block is None else hex(block)
        answers = self.batch([("eth_call", [{"to": t, "data": d}, at]) for t, d in calls])
        with answering("a batch of eth_call"):
            return [bytes.fromhex(answer["result"][2:]) for answer in answers]

    def estimate(self, sender: str, to: str | None, data: str) -> int:
        """The gas that a call needs now; `to` None creates a contract. Raises Reverted."""
        with answering("eth_estimateGas"), reverting():
            return int(self._eth.estimate_gas(_transaction(to, data, sender)))

    def logs(
        self, address: str | Sequence[str], topics: Sequence[Any], first: int, last: int
    ) -> list[Log]:
        """Logs of one contract, or of several ones, of blocks first..last, in order.

        A range that the node refuses, or whose logs are too large for one answer, is halved.

        Args:
            topics: as eth_getLogs takes them: 0x-hex, None for any, or a list of alternatives.
        """
        if first > last:
            return []
        asked: Any = {"address": address, "topics": list(topics)}
        asked |= {"fromBlock": hex(first), "toBlock": hex(last)}
        with answering("eth_getLogs"):
            try:
                answer = self._transport.make_request(RPCEndpoint("eth_getLogs"), [asked])
                if "error" in answer:
                    raise Web3RPCError("refused", rpc_response=answer)
                return [log_of(raw) for raw in answer["result"]]
            except (Web3RPCError, TooLarge):
                if first == last:
                    raise
        middle = (first + last) // 2
        left = self.logs(address, topics, first, middle)
        return left + self.logs(address, topics, middle + 1, last)

    def send(self, raw: bytes) -> None:
        """Sends a signed transaction. After Rejected or Unavailable it may still be mined."""
        with answering("eth_sendRawTransaction"):
            try:
                self._eth.send_raw_transaction(raw)
            except Web3RPCError as error:
                raise Rejected(message_of(error)) from None


def _transaction(to: str | None, data: str, sender: str | None) -> Any:
    made = {"data": data}
    if to is not None:
        made["to"] = to_checksum_address(to)
    if sender is not None:
        made["from"] = to_checksum_address(sender)
    return made


def _hex(value: Any) -> str:
    return "0x" + bytes(value).hex()

"""One node's JSON-RPC. Nothing of web3 comes out, and every failure is one of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils import to_checksum_address
from web3 import Web3
from web3.exceptions import BlockNotFound, TransactionNotFound, Web3RPCError
from web3.types import RPCEndpoint

from oracle.adapters.chain.answers import Log, Receipt, Rejected, answering, reverting, words
from oracle.adapters.chain.transport import Transport
from oracle.domain.block import Block
from oracle.domain.errors import NotFound, Unavailable

BATCH = 100
"""Calls in one batch request; providers refuse more than a few hundred."""


class Rpc:
    """One node.

    Args:
        url: http or https; may hold a secret, so it is not printed.
        seconds: the whole time that one request may take.
    """

    def __init__(self, url: str, seconds: float = 10.0) -> None:
        self._transport = Transport(url, seconds)
        # No middleware: it would add requests of its own (chain id, names) to ours.
        self._eth = Web3(self._transport, middleware=[]).eth

    def __repr__(self) -> str:
        return "Rpc(********)"

    def chain_id(self) -> int:
        with answering("eth_chainId"):
            return int(self._eth.chain_id)

    def block(self, number: int | None = None) -> Block:
        """A block by number, or the latest. NotFound when the chain has no such block."""
        with answering("eth_getBlockByNumber"):
            try:
                found = self._eth.get_block("latest" if number is None else number)
            except BlockNotFound:
                raise NotFound("the chain has no such block", value=number) from None
            return Block(int(found["number"]), _hex(found["hash"]), int(found["timestamp"]))

    def base_fee(self) -> int:
        """Of the latest block, in wei for each gas; 0 on chains without EIP-1559."""
        with answering("eth_getBlockByNumber"):
            return int(self._eth.get_block("latest").get("baseFeePerGas", 0))

    def tip(self) -> int:
        """The priority fee the node suggests, in wei for each gas."""
        with answering("eth_maxPriorityFeePerGas"):
            return int(self._eth.max_priority_fee)

    def code(self, address: str) -> bytes:
        with answering("eth_getCode"):
            return bytes(self._eth.get_code(to_checksum_address(address)))

    def balance(self, address: str) -> int:
        """In wei."""
        with answering("eth_getBalance"):
            return int(self._eth.get_balance(to_checksum_address(address)))

    def count(self, address: str, block: int | None = None) -> int:
        """Transactions of `address` mined up to a block, or the latest: its next nonce there."""
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

    def receipt(self, transaction: str) -> Receipt | None:
        """The receipt, if the block that it names is the canonical one of its number."""
        with answering("eth_getTransactionReceipt"):
            try:
                found = self._eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]
            except TransactionNotFound:
                return None
            number, block_hash = int(found["blockNumber"]), _hex(found["blockHash"])
            receipt = Receipt(transaction, number, block_hash, int(found["status"]) == 1)
        return receipt if self.canonical(number, block_hash) else None

    def canonical(self, number: int, block_hash: str) -> bool:
        """Whether the chain's block of that number has that hash."""
        try:
            return self.block(number).hash == block_hash
        except NotFound:
            return False

    def call(
        self, to: str, data: str, block: int | None = None, sender: str | None = None
    ) -> bytes:
        """`eth_call`. Raises Reverted with the contract's bytes."""
        with answering("eth_call"), reverting():
            at: Any = "latest" if block is None else block
            return bytes(self._eth.call(_transaction(to, data, sender), at))

    def call_many(self, calls: Sequence[tuple[str, str]], block: int | None = None) -> list[bytes]:
        """Several `eth_call` of (to, data) at one block, in few requests. None may revert."""
        results: list[bytes] = []
        at = "latest" if block is None else hex(block)
        for start in range(0, len(calls), BATCH):
            part = calls[start : start + BATCH]
            asked = [(RPCEndpoint("eth_call"), [{"to": t, "data": d}, at]) for t, d in part]
            with answering("a batch of eth_call"):
                answers = self._transport.make_batch_request(asked)
                results += [bytes.fromhex(answer["result"][2:]) for answer in answers]
        if len(results) != len(calls):
            raise Unavailable("the chain answered a part of a batch", value=len(results))
        return results

    def estimate(self, sender: str, to: str | None, data: str) -> int:
        """Gas the call would use now; `to` None creates a contract. Raises Reverted."""
        with answering("eth_estimateGas"), reverting():
            return int(self._eth.estimate_gas(_transaction(to, data, sender)))

    def logs(self, address: str, topics: Sequence[Any], first: int, last: int) -> list[Log]:
        """Logs of blocks first..last, in order; a range that the node refuses is halved.

        Args:
            topics: as eth_getLogs takes them: 0x-hex, None for any, or a list of alternatives.
        """
        if first > last:
            return []
        asked: Any = {"address": address, "topics": list(topics)}
        asked |= {"fromBlock": hex(first), "toBlock": hex(last)}
        with answering("eth_getLogs"):
            try:
                return [_log(raw) for raw in self._eth.get_logs(asked)]
            except Web3RPCError:
                if first == last:
                    raise
        middle = (first + last) // 2
        left = self.logs(address, topics, first, middle)
        return left + self.logs(address, topics, middle + 1, last)

    def send(self, raw: bytes) -> None:
        """Gives the node a signed transaction. Rejected and Unavailable leave its fate unknown."""
        with answering("eth_sendRawTransaction"):
            try:
                self._eth.send_raw_transaction(raw)
            except Web3RPCError as error:
                raise Rejected(words(error)) from None


def _transaction(to: str | None, data: str, sender: str | None) -> Any:
    made = {"data": data}
    if to is not None:
        made["to"] = to_checksum_address(to)
    if sender is not None:
        made["from"] = to_checksum_address(sender)
    return made


def _hex(value: Any) -> str:
    return "0x" + bytes(value).hex()


def _log(raw: Any) -> Log:
    number, index = int(raw["blockNumber"]), int(raw["logIndex"])
    return Log(number, _hex(raw["blockHash"]), index, _hex(raw["transactionHash"]), raw)

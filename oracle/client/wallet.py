"""A key that sends transactions one after the other and waits for each: for scripts and tests.

No outbox: a script that dies is started again by a person. What an oracle posts goes through
oracle.adapters.chain.outbox instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import rlp
from eth_utils import keccak, to_canonical_address, to_checksum_address

from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.fees import FeePolicy, Fees
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Rejected, Reverted, TransactionReceipt
from oracle.adapters.chain.signed_transaction import Unsigned, seal
from oracle.adapters.signing.keystore import Key
from oracle.client.reader import Reader, refusing
from oracle.domain.errors import Inconsistent, Unavailable

GAS_LIMIT = 16_777_216
"""Of one transaction (EIP-7825)."""


@dataclass(frozen=True)
class Cost:
    """Gas of a transaction that is about to be sent, in wei.

    Args:
        expected: at the price of gas of the newest block.
        most: what the sender has to hold; the chain takes no transaction from less.
    """

    expected: int
    most: int


class Wallet(Reader):
    """Sends as `key` through `rpc`.

    Args:
        seconds: how long to wait for each transaction to be mined.
        approve: told what each transaction costs before it is signed; what it raises stops it.
    """

    def __init__(
        self,
        rpc: Rpc,
        key: Key,
        seconds: float = 120,
        approve: Callable[[Cost], None] = lambda cost: None,
    ) -> None:
        super().__init__(rpc)
        self.address = key.address
        self._key = key
        self._seconds = seconds
        self._approve = approve
        self._chain_id = rpc.chain_id()

    def transact(self, contract: Contract, name: str, *args: Any) -> TransactionReceipt:
        """Calls a function of a contract and waits until it is mined.

        Raises:
            Inconsistent: the contract refuses; carries its own error and the numbers in it.
            Unavailable: the node does not answer, or nothing was mined in time.
        """
        with refusing(contract, name):
            return self._send(contract.address, contract.encode(name, *args))

    def preview(self, contract: Contract, name: str, *args: Any) -> None:
        """Has what a call would cost approved, and sends nothing.

        Raises:
            Inconsistent: the contract refuses; carries its own error and the numbers in it.
        """
        with refusing(contract, name):
            self._price(contract.address, contract.encode(name, *args))

    def create(self, code: bytes) -> tuple[str, TransactionReceipt]:
        """Deploys init code; returns the new contract's EIP-55 address."""
        nonce = self.rpc.count(self.address)
        try:
            receipt = self._send(None, "0x" + code.hex())
        except Reverted as error:
            raise Inconsistent("the constructor refuses", value="0x" + error.data.hex()) from None
        preimage = rlp.encode([to_canonical_address(self.address), nonce])
        return str(to_checksum_address(keccak(preimage)[12:])), receipt

    def _price(self, to: str | None, data: str) -> tuple[int, Fees]:
        """Limit of gas and fees of a transaction, once its cost is approved."""
        gas = self.rpc.estimate(self.address, to, data)
        # A quarter more: what a call costs can change before it is mined.
        limit = min(gas + gas // 4, GAS_LIMIT)
        base, fees = self._fees()
        self._approve(Cost(gas * min(base + fees.tip, fees.max_fee), limit * fees.max_fee))
        return limit, fees

    def _send(self, to: str | None, data: str) -> TransactionReceipt:
        limit, fees = self._price(to, data)
        nonce = self.rpc.count(self.address)
        signed = seal(Unsigned(self._chain_id, nonce, to, data, limit), fees, self._key)
        try:
            self.rpc.send(signed.raw)
        except Rejected as error:
            # A node that was busy at the first try may have taken the same transaction then.
            if not self.rpc.knows(signed.hash):
                raise Unavailable("the chain does not take the transaction", value=error) from None
        return self._await(signed.hash)

    def _fees(self) -> tuple[int, Fees]:
        """The base fee of the newest block, and what to offer."""
        base = self.rpc.base_fee()
        fees = FeePolicy().first(base, self.rpc.tip())
        if fees is None:
            raise Unavailable("gas costs more than 500 gwei now")
        return base, fees

    def _await(self, transaction: str) -> TransactionReceipt:
        end, pause = time.monotonic() + self._seconds, 0.01
        while (receipt := self.rpc.receipt(transaction)) is None:
            if time.monotonic() > end:
                raise Unavailable("the transaction was not mined in time", value=transaction)
            time.sleep(pause)
            pause = min(2 * pause, 0.5)
        if not receipt.succeeded:
            raise Inconsistent("the transaction was reverted", value=transaction)
        return receipt

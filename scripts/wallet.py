"""A key that sends transactions one after the other and waits for each: for scripts and tests.

No outbox: a script that dies is started again by a person. What an oracle posts goes through
oracle.adapters.chain.outbox instead.
"""

from __future__ import annotations

import time
from typing import Any

import rlp
from eth_utils import keccak, to_canonical_address, to_checksum_address

from oracle.adapters.chain.answers import Receipt, Rejected, Reverted
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.envelope import Unsigned, seal
from oracle.adapters.chain.fees import FeePolicy, Fees
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.keystore import Key
from oracle.domain.errors import Inconsistent, Unavailable

GAS_LIMIT = 16_777_216
"""Of one transaction (EIP-7825)."""


class Wallet:
    """Sends as `key` through `rpc`.

    Args:
        seconds: how long to wait for each transaction to be mined.
    """

    def __init__(self, rpc: Rpc, key: Key, seconds: float = 120) -> None:
        self.rpc = rpc
        self.address = key.address
        self._key = key
        self._seconds = seconds
        self._chain_id = rpc.chain_id()

    def transact(self, contract: Contract, name: str, *args: Any) -> Receipt:
        """Calls a function of a contract and waits until it is mined.

        Raises:
            Inconsistent: the contract refuses; carries its own error and the numbers in it.
            Unavailable: the node does not answer, or nothing was mined in time.
        """
        try:
            return self._send(contract.address, contract.encode(name, *args))
        except Reverted as error:
            reason = contract.error(error.data)
            raise Inconsistent(f"the contract refuses {name}", value=reason) from None

    def ask(self, contract: Contract, name: str, *args: Any, block: int | None = None) -> Any:
        """What a function of a contract returns, at the end of a block (default: the newest).

        Raises:
            Inconsistent: the contract refuses; carries its own error and the numbers in it.
        """
        try:
            data = self.rpc.call(contract.address, contract.encode(name, *args), block)
        except Reverted as error:
            reason = contract.error(error.data)
            raise Inconsistent(f"the contract refuses {name}", value=reason) from None
        return contract.result(name, data)

    def create(self, code: bytes) -> tuple[str, Receipt]:
        """Deploys init code; returns the new contract's EIP-55 address."""
        nonce = self.rpc.count(self.address)
        try:
            receipt = self._send(None, "0x" + code.hex())
        except Reverted as error:
            raise Inconsistent("the constructor refuses", value="0x" + error.data.hex()) from None
        preimage = rlp.encode([to_canonical_address(self.address), nonce])
        return str(to_checksum_address(keccak(preimage)[12:])), receipt

    def _send(self, to: str | None, data: str) -> Receipt:
        gas = self.rpc.estimate(self.address, to, data)
        # A quarter more: what a call costs can change before it is mined.
        limit = min(gas + gas // 4, GAS_LIMIT)
        nonce = self.rpc.count(self.address)
        signed = seal(Unsigned(self._chain_id, nonce, to, data, limit), self._fees(), self._key)
        try:
            self.rpc.send(signed.raw)
        except Rejected as error:
            raise Unavailable("the chain does not take the transaction", value=error) from None
        return self._await(signed.hash)

    def _fees(self) -> Fees:
        fees = FeePolicy().first(self.rpc.base_fee(), self.rpc.tip())
        if fees is None:
            raise Unavailable("gas costs more than 500 gwei now")
        return fees

    def _await(self, transaction: str) -> Receipt:
        end, pause = time.monotonic() + self._seconds, 0.01
        while (receipt := self.rpc.receipt(transaction)) is None:
            if time.monotonic() > end:
                raise Unavailable("the transaction was not mined in time", value=transaction)
            time.sleep(pause)
            pause = min(2 * pause, 0.5)
        if not receipt.succeeded:
            raise Inconsistent("the transaction was reverted", value=transaction)
        return receipt

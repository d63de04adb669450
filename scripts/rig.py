"""A deployed ledger with keys for every part, for gas figures and contract tests.

It speaks the ledger's interface straight from the contract's page: typed data by eth_account,
calls by web3. Nothing of the oracle is used, so that the two can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils import keccak
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.types import RPCEndpoint, TxReceipt

from scripts.compile import compile_contracts

MILLION = 1_000_000
DAY = 86_400
MAX_LAG = 2 * DAY

Fields = list[tuple[str, str]]

ORDER: Fields = [
    ("address", "payer"), ("uint256", "nonce"), ("bytes32", "request"), ("uint256", "maxPrice"),
    ("uint256", "tier"), ("uint256", "use"), ("uint256", "rule"), ("uint256", "deadline"),
]
ATTESTATION: Fields = [
    ("bytes32", "set"), ("bytes32", "order"), ("uint256", "price"), ("address", "node"),
    ("uint256", "nodeFee"), ("uint256", "generatedAt"), ("bytes", "entries"),
    ("bytes32", "manifest"),
]


def key(name: str) -> LocalAccount:
    """An account whose key is the hash of a name."""
    return cast(LocalAccount, Account.from_key(keccak(text=f"refrain {name}")))


def pack_entries(weights: dict[int, int]) -> bytes:
    """Entries as the ledger reads them: 8 bytes each, ascending by recording."""
    return b"".join(i.to_bytes(4, "big") + w.to_bytes(4, "big") for i, w in sorted(weights.items()))


def even_weights(recordings: Sequence[int]) -> dict[int, int]:
    """Nearly equal weights that sum to 1,000,000."""
    share, rest = divmod(MILLION, len(recordings))
    return {r: share + (i < rest) for i, r in enumerate(sorted(recordings))}


class Rig:
    """One ledger on a fresh chain, with a 2-of-3 set, an allowed node and a guardian."""

    def __init__(self, url: str) -> None:
        self.w3 = Web3(HTTPProvider(url))
        self.folder = compile_contracts()
        self.admin, self.guardian, self.anyone = (str(a) for a in self.w3.eth.accounts[:3])
        self.oracles = sorted((key(f"oracle {i}") for i in range(3)), key=lambda a: a.address)
        self.token = self.deploy("TestDollar")
        self.splits = self.deploy("RightsSplits")
        self.ledger = self.deploy(
            "RoyaltyLedger", self.token.address, self.splits.address, self.admin, self.guardian,
            MAX_LAG,
        )
        self._install_set()

    def artifact(self, name: str) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(Path(self.folder, f"{name}.json").read_text()))

    def deploy(self, name: str, *arguments: Any) -> Contract:
        found = self.artifact(name)
        factory = self.w3.eth.contract(abi=found["abi"], bytecode=found["bytecode"])
        receipt = self.send(factory.constructor(*arguments))
        place = receipt["contractAddress"]
        made = self.w3.eth.contract(address=place, abi=found["abi"], decode_tuples=True)
        return cast(Contract, made)

    def send(self, call: Any, sender: str | None = None, value: int = 0) -> TxReceipt:
        """Sends a call from an account of the development chain and waits for its receipt."""
        sent = call.transact({"from": sender or self.admin, "value": value})
        receipt = self.w3.eth.wait_for_transaction_receipt(sent, poll_latency=0.01)
        if receipt["status"] != 1:
            raise RuntimeError(f"reverted: {sent.hex()}")
        return receipt

    def _install_set(self) -> None:
        signers = [oracle.address for oracle in self.oracles]
        until = self.now() + 365 * DAY
        install = self.ledger.functions.installFirstSet(2, signers, 250, 1_000, until)
        self.set = install.call({"from": self.admin})
        self.send(install)

    def now(self) -> int:
        """The time of the latest block."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def pass_time(self, seconds: int) -> None:
        """Mines a block that is `seconds` later than the last."""
        self.w3.provider.make_request(RPCEndpoint("evm_increaseTime"), [seconds])
        self.w3.provider.make_request(RPCEndpoint("evm_mine"), [])

    def domain(self) -> dict[str, Any]:
        chain = self.w3.eth.chain_id
        ledger = self.ledger.address
        return {"name": "Refrain", "version": "1", "chainId": chain, "verifyingContract": ledger}

    def sign(self, name: str, fields: Fields, message: Any, by: LocalAccount) -> bytes:
        """The 65-byte signature over a typed message of this ledger."""
        types = {name: [{"type": kind, "name": field} for kind, field in fields]}
        typed = encode_typed_data(self.domain(), types, message)
        return bytes(by.sign_message(typed).signature)

    def register(self, count: int, owner: str, **changes: Any) -> list[int]:
        """Registers recordings that consent to everything, and returns their ids."""
        before = self.ledger.functions.recordingCount().call()
        rows = [self.registration(owner, index, changes) for index in range(count)]
        for start in range(0, count, 50):
            self.send(self.ledger.functions.registerBatch(rows[start : start + 50]), owner)
        return list(range(before + 1, before + 1 + count))

    def registration(self, owner: str, index: int, changes: dict[str, Any]) -> dict[str, Any]:
        plain = {
            "owner": owner, "split": 0, "consentFrom": 0, "consentUntil": 2**32 - 1, "uses": 15,
            "maxShare": 10_000, "audio": keccak(text=f"audio {index}"),
            "metadata": keccak(text=f"metadata {index}"), "isrc": f"QZABC25{index:05}",
        }
        return {**plain, **changes}

    def fund(self, payer: str, amount: int) -> TxReceipt:
        self.send(self.token.functions.mint(self.anyone, amount))
        self.send(self.token.functions.approve(self.ledger.address, amount), self.anyone)
        return self.send(self.ledger.functions.fund(payer, amount), self.anyone)

    def order(self, payer: str, nonce: int, **changes: Any) -> dict[str, Any]:
        plain = {
            "payer": payer, "nonce": nonce, "request": keccak(text="request"),
            "maxPrice": 2 * MILLION, "tier": 1, "use": 5, "rule": 0, "deadline": self.now() + DAY,
        }
        return {**plain, **changes}

    def attestation(self, node: str, weights: dict[int, int], **changes: Any) -> dict[str, Any]:
        plain = {
            "price": 1_234_567, "node": node, "nodeFee": 123_456, "generatedAt": self.now(),
            "entries": pack_entries(weights), "manifest": keccak(text="manifest"),
        }
        return {**plain, **changes}

    def settlement(self, payer: LocalAccount, order: Any, attestation: Any) -> Any:
        """The call that settles: order and attestation with all that has to sign them."""
        struct = self.ledger.functions.orderHash(order).call()
        signed = self.sign("Order", ORDER, order, payer)
        message = {"set": self.set, "order": struct, **attestation}
        by = [self.sign("Attestation", ATTESTATION, message, oracle) for oracle in self.oracles[:2]]
        signers = [oracle.address for oracle in self.oracles]
        quorum = {"threshold": 2, "signers": signers, "signatures": b"".join(by)}
        return self.ledger.functions.settle(order, signed, attestation, quorum)

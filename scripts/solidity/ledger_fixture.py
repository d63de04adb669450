"""A deployed ledger with keys for every role, for gas figures and contract tests.

It uses eth_account for typed data and web3 for calls, and no code of the oracle, so that tests can
compare the two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import requests
from eth_account import Account
from eth_account.datastructures import SignedMessage
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils import keccak
from eth_utils.abi import function_signature_to_4byte_selector
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.types import RPCEndpoint, TxReceipt

from scripts.solidity.batch_packer import pack_batch
from scripts.solidity.compile import compile_contracts

MILLION = 1_000_000
DAY = 86_400
MAX_LAG = 2 * DAY
WINDOW = 7 * DAY
CAP = 10**15
BOND = 50 * MILLION
RULING_TIME = 14 * DAY
PERIOD = 30 * DAY

GUARDIAN, COURT, ARBITER = 1, 2, 3

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


def compact(signed: SignedMessage) -> bytes:
    """A signature in 64 bytes: r, then s with the parity in its top bit (EIP-2098)."""
    parity_and_s = signed.s | (signed.v - 27) << 255
    return signed.r.to_bytes(32, "big") + parity_and_s.to_bytes(32, "big")


class LedgerFixture:
    """One ledger on a fresh chain, with a 2-of-3 set and a guardian.

    With it come a court with an arbiter, a lens, and a training pool. The pool receives nothing
    until a test calls `setReceivers`.
    """

    def __init__(self, url: str) -> None:
        session = requests.Session()
        session.trust_env = False  # no proxy: the chain is on this machine
        self.w3 = Web3(HTTPProvider(url, session=session))
        self.folder = compile_contracts()
        self.admin, self.guardian, self.anyone, self.arbiter = map(str, self.w3.eth.accounts[:4])
        self.oracles = sorted((key(f"oracle {i}") for i in range(3)), key=lambda a: a.address)
        self.token = self.deploy("TestDollar")
        self.splits = self.deploy("RightsSplits")
        self.authority = self.deploy("AccessManager", self.admin)
        self.ledger = self._deploy_ledger()
        self._grant(self.ledger, GUARDIAN, self.guardian, ["pause", "removeSet"])
        self._install_set()
        place = self.ledger.address
        self.court = self.deploy("DisputeCourt", place, self.authority.address, BOND, RULING_TIME)
        self._grant(self.ledger, COURT, self.court.address, ["freeze", "release"])
        self._grant(self.court, ARBITER, self.arbiter, ["rule"])
        self.pool = self.deploy("TrainingPool", place, PERIOD)
        self.lens = self.deploy("RoyaltyLens", place)

    def _deploy_ledger(self) -> Contract:
        places = (self.token.address, self.splits.address, self.authority.address)
        setup = (*places, MAX_LAG, WINDOW)
        names = ("CatalogueModule", "SettlementModule", "OversightModule", "PayoutModule")
        modules = tuple(self.deploy(name, setup).address for name in names)
        return self.deploy("RoyaltyLedger", setup, modules)

    def _grant(self, target: Contract, role: int, holder: str, names: Sequence[str]) -> None:
        found = [target.get_function_by_name(name).signature for name in names]
        selectors = [function_signature_to_4byte_selector(text) for text in found]
        functions = self.authority.functions
        self.send(functions.setTargetFunctionRole(target.address, selectors, role))
        self.send(functions.grantRole(role, holder, 0))

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
        terms = (250, 1_000, until, CAP)
        install = self.ledger.functions.installFirstSet(2, signers, terms)
        self.set = install.call({"from": self.admin})
        self.send(install)

    def now(self) -> int:
        """The time of the latest block."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def pass_time(self, seconds: int) -> None:
        """Mines a block `seconds` after the last one."""
        self.w3.provider.make_request(RPCEndpoint("evm_increaseTime"), [seconds])
        self.w3.provider.make_request(RPCEndpoint("evm_mine"), [])

    def domain(self) -> dict[str, Any]:
        chain = self.w3.eth.chain_id
        ledger = self.ledger.address
        return {"name": "Refrain", "version": "1", "chainId": chain, "verifyingContract": ledger}

    def typed(self, message: Any, **structs: Fields) -> SignableMessage:
        """A typed message of this ledger; its `body` is the struct hash."""
        types = {
            name: [{"type": kind, "name": field} for kind, field in fields]
            for name, fields in structs.items()
        }
        return encode_typed_data(self.domain(), types, message)

    def sign(self, name: str, fields: Fields, message: Any, by: LocalAccount) -> bytes:
        """The compact signature (EIP-2098) over a typed message of this ledger."""
        return compact(by.sign_message(self.typed(message, **{name: fields})))

    def register(self, count: int, owner: str, **changes: Any) -> list[int]:
        """Registers recordings that consent to everything, and returns their ids."""
        before = self.ledger.functions.recordingCount().call()
        for start in range(0, count, 50):
            number = min(50, count - start)
            self.send(self.registration(number, start, **changes), owner)
        return list(range(before + 1, before + 1 + count))

    def registration(self, count: int, start: int = 0, **changes: Any) -> Any:
        """The call that registers recordings under the same terms."""
        terms = {
            "split": 0, "consentFrom": 0, "consentUntil": 2**32 - 1, "uses": 15,
            "maxShare": 10_000, "licence": "", **changes,
        }
        numbers = range(start, start + count)
        audio = [keccak(text=f"audio {i}") for i in numbers]
        metadata = [keccak(text=f"metadata {i}") for i in numbers]
        isrcs = ",".join(f"QZABC25{i:05}" for i in numbers)
        return self.ledger.functions.registerBatch(terms, audio, metadata, isrcs)

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
        """The call that settles an order and its attestation, with all signatures."""
        struct = self.ledger.functions.orderHash(order).call()
        signed = self.sign("Order", ORDER, order, payer)
        message = {"set": self.set, "order": struct, **attestation}
        by = [self.sign("Attestation", ATTESTATION, message, oracle) for oracle in self.oracles[:2]]
        signers = [oracle.address for oracle in self.oracles]
        quorum = {"threshold": 2, "signers": signers, "signatures": b"".join(by)}
        return self.ledger.functions.settle(order, signed, attestation, quorum)

    def batch(self, payers: Sequence[LocalAccount], orders: Any, attestations: Any) -> Any:
        """The call that settles many generations, each order signed by its payer."""
        keys = {payer.address: payer for payer in payers}
        signed = [self.sign("Order", ORDER, order, keys[order["payer"]]) for order in orders]
        packed = pack_batch(orders, attestations, signed)
        quorum = self.batch_quorum(orders, attestations)
        return self.ledger.functions.settleBatch(packed, quorum)

    def order_list(self, payer: LocalAccount, orders: Any, attestations: Any) -> Any:
        """The call that settles many generations of one payer, with one signature over all."""
        fields = {"Orders": [("Order[]", "orders")], "Order": ORDER}
        signed = compact(payer.sign_message(self.typed({"orders": orders}, **fields)))
        packed = pack_batch(orders, attestations)
        quorum = self.batch_quorum(orders, attestations)
        return self.ledger.functions.settleOrders(packed, signed, quorum)

    def batch_quorum(self, orders: Any, attestations: Any) -> dict[str, Any]:
        """Two oracles' signatures over a batch."""
        hashes = [self.typed(order, Order=ORDER).body for order in orders]
        stated = [
            {"set": self.set, "order": order, **given}
            for order, given in zip(hashes, attestations, strict=True)
        ]
        fields = {"Batch": [("Attestation[]", "attestations")], "Attestation": ATTESTATION}
        message = self.typed({"attestations": stated}, **fields)
        by = [compact(oracle.sign_message(message)) for oracle in self.oracles[:2]]
        signers = [oracle.address for oracle in self.oracles]
        return {"threshold": 2, "signers": signers, "signatures": b"".join(by)}

"""The real contracts for the model: calls by any sender at an exact time, with the error's name."""

from __future__ import annotations

from functools import cached_property
from time import sleep
from typing import Any

import httpx
from eth_abi import decode, encode
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils import is_address, keccak, to_checksum_address
from eth_utils.abi import get_abi_output_types

from scripts.solidity.anvil import LocalChain
from scripts.solidity.compile import artifact, run_solc, standard_input
from scripts.solidity.ledger_fixture import ATTESTATION, COURT, ORDER, LedgerFixture, compact, key
from scripts.solidity.toolchain import ROOT, solc
from tests.model.reference_parts import Settlement
from tests.model.reference_views import LEDGER

TOKENS = "tests/contracts/tokens/OddTokens.sol"
GAS = 5_000_000
REQUEST, MANIFEST = keccak(text="request"), keccak(text="manifest")
SETS = {0: (2, (0, 1, 2)), 1: (1, (0, 1, 2)), 2: (2, (0, 1))}
"""Threshold and oracles of the sets there are; the rig installs the first."""


class ModelFixture(LedgerFixture):
    """A ledger fixture whose token can refuse transfers to an address."""

    def artifact(self, name: str) -> dict[str, Any]:
        return _blocking_token() if name == "TestDollar" else super().artifact(name)

    @cached_property
    def _domain(self) -> dict[str, Any]:
        return super().domain()

    def domain(self) -> dict[str, Any]:
        return self._domain


def _blocking_token() -> dict[str, Any]:
    request = standard_input({TOKENS: (ROOT / TOKENS).read_text(encoding="utf-8")})
    return artifact(run_solc(request, solc())["contracts"][TOKENS]["BlockingToken"])


class Contracts:
    """One chain with the contracts on it."""

    def __init__(self, chain: LocalChain, court: str, payers: dict[str, str]) -> None:
        self.client = httpx.Client(base_url=chain.url, trust_env=False, timeout=30)
        self.fixture = ModelFixture(chain.url)
        self.keys = {payer: self.fixture.w3.eth.account.from_key(k) for payer, k in payers.items()}
        self.fixture.send(self.fixture.authority.functions.grantRole(COURT, court, 0))
        self.calls: dict[Any, tuple[str, str, list[str]]] = {}
        self.errors = self._errors()

    def rpc(self, *asked: tuple[str, list[Any]]) -> list[Any]:
        """Calls in one request; the answers in their order."""
        batch = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(asked)
        ]
        answers = self.client.post("/", json=batch).raise_for_status().json()
        for answer in answers:
            assert "error" not in answer, answer
        return [answer["result"] for answer in sorted(answers, key=lambda a: a["id"])]

    def perform(self, name: str, sender: str, arguments: Any, time: int) -> str | None:
        """Sends a call in the block of `time`; returns None or the name of its error."""
        data = self.contract(name).encode_abi(name, args=self._arguments(name, arguments))
        to = self.contract(name).address
        call = {"from": sender, "to": to, "data": data, "gas": hex(GAS)}
        # One request for each, because Anvil does not keep the order of simultaneous ones.
        self.rpc(("evm_setNextBlockTimestamp", [time]))
        [sent] = self.rpc(("eth_sendTransaction", [call]))
        while (receipt := self.rpc(("eth_getTransactionReceipt", [sent]))[0]) is None:
            sleep(0.001)
        if int(receipt["status"], 16) == 1:
            return None
        [trace] = self.rpc(("debug_traceTransaction", [sent, {"tracer": "callTracer"}]))
        return self.errors.get(trace["output"][:10], trace["output"])

    def wait(self, time: int) -> None:
        """Mines the block of `time`."""
        self.rpc(("evm_setNextBlockTimestamp", [time]))
        self.rpc(("evm_mine", []))

    def see(self, asked: list[tuple[str, tuple[Any, ...]]]) -> list[Any]:
        """The time of the latest block, then the results of the views."""
        calls = [self._view(name, arguments) for name, arguments in asked]
        wanted = [("eth_call", [{"to": to, "data": data}, "latest"]) for to, data, _ in calls]
        block, *answers = self.rpc(("eth_getBlockByNumber", ["latest", False]), *wanted)
        found = [
            _plain(decode(kinds, bytes.fromhex(answer[2:]))[0])
            for answer, (_, _, kinds) in zip(answers, calls, strict=True)
        ]
        return [int(block["timestamp"], 16), *found]

    def snapshot(self) -> str:
        return str(self.rpc(("evm_snapshot", []))[0])

    def revert(self, snapshot: str) -> None:
        assert self.rpc(("evm_revert", [snapshot])) == [True]

    def contract(self, name: str) -> Any:
        return self.fixture.token if name in ("block_", "balanceOf") else self.fixture.ledger

    def set_id(self, name: int) -> bytes:
        threshold, signers = self._signers(name)
        return keccak(encode(["uint256", "address[]"], [threshold, signers]))

    def _signers(self, name: int) -> tuple[int, list[str]]:
        threshold, members = SETS[name]
        return threshold, [self.fixture.oracles[member].address for member in members]

    def _view(self, name: str, arguments: Any) -> tuple[str, str, list[str]]:
        if (name, arguments) not in self.calls:
            contract = self.contract(name)
            data = contract.encode_abi(name, args=self._arguments(name, arguments))
            kinds = get_abi_output_types(contract.get_function_by_name(name).abi)
            self.calls[name, arguments] = (contract.address, data, kinds)
        return self.calls[name, arguments]

    def _arguments(self, name: str, given: Any) -> list[Any]:
        match name, *given:
            case "settle", settlement:
                return self._settle(settlement)
            case ("freeze" | "release"), settlement, *rest:
                order, _, attestation, _ = self._parts(settlement)
                return [order, attestation, self.set_id(settlement.set), *rest]
            case "frozen", settlement:
                return [self._parts(settlement)[3].body]
            case "registerBatch", split, *terms:
                return [(split, *terms, ""), [REQUEST], [MANIFEST], ""]
            case "proposeSet", named, *terms:
                fee, node_cap, until, cap = terms
                return [*self._signers(named), (fee, node_cap, until, cap)]
            case "activateSet", named:
                return [*self._signers(named)]
            case ("removeSet" | "sets"), named:
                return [self.set_id(named)]
            case "balanceOf", who:
                return [self.fixture.ledger.address if who == LEDGER else who]
        return list(given)

    def _settle(self, given: Settlement) -> list[Any]:
        order, stated, attestation, said = self._parts(given)
        by = self.keys[given.payer] if given.signed else key("stranger")
        threshold, signers = self._signers(given.set)
        good = [compact(o.sign_message(said)) for o in self.fixture.oracles[: given.signatures]]
        quorum = (threshold, signers, b"".join(good))
        return [order, compact(by.sign_message(stated)), attestation, quorum]

    def _parts(self, given: Settlement) -> tuple[Any, SignableMessage, Any, SignableMessage]:
        """Order and attestation, each with its typed data, whose body is its struct hash."""
        order = {
            "payer": given.payer, "nonce": given.nonce, "request": REQUEST,
            "maxPrice": given.max_price, "tier": 1, "use": given.use, "rule": 0,
            "deadline": given.deadline,
        }  # fmt: skip
        packed = (r.to_bytes(4, "big") + w.to_bytes(4, "big") for r, w in given.entries)
        attestation = {
            "price": given.price, "node": given.node, "nodeFee": given.node_fee,
            "generatedAt": given.made, "entries": b"".join(packed), "manifest": MANIFEST,
        }  # fmt: skip
        stated = self._typed("Order", ORDER, order)
        names = {"set": self.set_id(given.set), "order": stated.body}
        return order, stated, attestation, self._typed(
            "Attestation", ATTESTATION, {**names, **attestation}
        )

    def _typed(self, name: str, fields: list[tuple[str, str]], message: Any) -> SignableMessage:
        types = {name: [{"type": kind, "name": field} for kind, field in fields]}
        return encode_typed_data(self.fixture.domain(), types, message)

    def _errors(self) -> dict[str, str]:
        modules = ("CatalogueModule", "SettlementModule", "OversightModule", "PayoutModule")
        pages = [self.fixture.artifact(name)["abi"] for name in ("RoyaltyLedger", *modules)]
        found = {}
        for error in (item for page in pages for item in page if item["type"] == "error"):
            kinds = ",".join(argument["type"] for argument in error["inputs"])
            found["0x" + keccak(text=f"{error['name']}({kinds})")[:4].hex()] = error["name"]
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return to_checksum_address(value) if isinstance(value, str) and is_address(value) else value

"""A chain with the contracts on it, three oracles, a node, two artists and a payer with escrow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import TransactionReceipt
from oracle.adapters.chain.sender import receipt_structs
from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.client.app import App
from oracle.client.artist import Artist, Song
from oracle.client.wallet import Wallet
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.attestation import SettlementReceipt as Proof
from oracle.domain.attribution import encode_entries
from oracle.domain.order import Order
from scripts.deploy.deploy import Plan, deploy
from scripts.solidity.anvil import LocalChain, local_chain
from scripts.solidity.artifacts import Artifacts
from scripts.solidity.compile import compile_contracts
from tests.support.containers_made import wav

ESCROW = 1_000_000_000
PRICE = 1_200_000
ROLES = (
    "deployer", "oracle-1", "oracle-2", "oracle-3", "node", "mara", "jonas", "payer", "sender",
    "holder", "stranger", "guardian", "receiver", "arbiter",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One order with everything that settles it."""

    generation: str
    order: Order
    order_signature: str
    attestation: Attestation
    signatures: dict[str, str]


class ChainWorld:
    """The chain and its roles. `mara` owns recordings 1 and 2; `jonas` owns 3 and shares it with
    `holder`."""

    def __init__(self, chain: LocalChain, folder: Path, built: Deployment | None = None) -> None:
        self.chain = chain
        self.rpc = Rpc(chain.url)
        secrets = (bytes.fromhex(secret[2:]) for secret in chain.keys)
        self.keys = {role: FileKey(secret) for role, secret in zip(ROLES, secrets, strict=False)}
        self.artifacts = compiled()
        self.deployment = built or self._deploy()
        self.typed = TypedData(self.deployment.chain_id, self.deployment.ledger)
        self.folder = folder
        self.songs = self._songs(folder)
        if built is None:
            self._register()
            self.app.mint(ESCROW)
            self.app.fund(ESCROW)

    def address(self, role: str) -> str:
        return self.keys[role].address

    def wallet(self, role: str) -> Wallet:
        return Wallet(self.rpc, self.keys[role], seconds=20)

    def artist(self, role: str) -> Artist:
        return Artist(self.wallet(role), self.keys[role], self.deployment)

    @property
    def app(self) -> App:
        key = self.keys["payer"]
        return App(self.wallet("payer"), key, self.deployment, "http://unused")

    @property
    def oracle_set(self) -> OracleSet:
        return self.deployment.oracle_set

    def ledger(self, confirmations: int = 0) -> ChainLedger:
        return ChainLedger(self.rpc, self.deployment, confirmations)

    def case(self, nonce: int = 0, weights: dict[int, int] | None = None, **changes) -> Case:
        """A signed order and attestation; `changes` go into the attestation."""
        order = Order(
            self.address("payer"), nonce, hashlib.sha256(b"request %d" % nonce).digest(),
            2 * PRICE, 1, 5, 0, 2**32 - 1,
        )  # fmt: skip
        made = Attestation(
            PRICE, self.address("node"), PRICE // 10, self.rpc.block().timestamp,
            encode_entries(weights or {1: 600_000, 3: 400_000}),
            hashlib.sha256(b"manifest %d" % nonce).digest(),
        )  # fmt: skip
        return self.sign(order, replace(made, **changes))

    def sign(self, order: Order, attestation: Attestation) -> Case:
        generation, set_id = self.typed.order_hash(order), self.typed.set_id(self.oracle_set)
        made = {s.address: s.sign(attestation, generation, set_id) for s in self._quorum()}
        return Case(generation, order, self.app.sign(order), attestation, made)

    def sign_batch(self, cases: Sequence[Case]) -> dict[str, str]:
        """The oracles' signatures over all of them."""
        set_id = self.typed.set_id(self.oracle_set)
        hashes = [
            self.typed.attestation_hash(case.attestation, case.generation, set_id) for case in cases
        ]
        return {signer.address: signer.sign_batch(hashes) for signer in self._quorum()}

    def _quorum(self) -> list[KeyAttester]:
        chosen = self.oracle_set.signers[: self.oracle_set.threshold]
        keys = [key for role, key in self.keys.items() if role.startswith("oracle")]
        return [KeyAttester(key, self.typed) for key in keys if key.address in chosen]

    def settle(self, case: Case, role: str = "stranger") -> str:
        """Settles with another role's key, as anyone may; returns the transaction's hash."""
        return self.transact(role, "settle", *self._call(case)).hash

    def upgrade(self, case: Case, original: Case, role: str = "stranger") -> str:
        """Settles an upgrade in the same way."""
        order, _, attestation, quorum = self._call(original)
        receipt = (order, attestation, quorum, [])
        return self.transact(role, "upgrade", receipt, *self._call(case)).hash

    def _call(self, case: Case) -> tuple[Any, ...]:
        own = Proof(case.order, case.attestation, self.oracle_set, case.signatures)
        order, attestation, quorum = receipt_structs(own)
        return order, bytes.fromhex(case.order_signature[2:]), attestation, quorum

    def pass_time(self, seconds: int) -> None:
        """Mines a block that is `seconds` later than the newest one."""
        self.chain.rpc("evm_increaseTime", seconds)
        self.chain.mine()

    def pass_windows(self) -> None:
        """Passes two dispute epochs, after which earlier credits can be withdrawn."""
        self.pass_time(2 * self.deployment.window)

    def transact(self, role: str, name: str, *args: Any) -> TransactionReceipt:
        """Calls a function of the ledger with a role's key."""
        ledger = self.artifacts.contract("RoyaltyLedger", self.deployment.ledger)
        return self.wallet(role).transact(ledger, name, *args)

    def _deploy(self) -> Deployment:
        signers = sorted((self.address(f"oracle-{n}") for n in (1, 2, 3)), key=lambda a: int(a, 16))
        nodes = (self.address("node"),)
        plan = Plan(OracleSet(2, tuple(signers)), nodes, guardian=self.address("guardian"),
                    receiver=self.address("receiver"), arbiter=self.address("arbiter"),
                    keep_admin=True)  # fmt: skip
        return deploy(self.wallet("deployer"), self.artifacts, plan)

    def _songs(self, folder: Path) -> list[Song]:
        songs = []
        for number, title in enumerate(("Dawn", "Tide", "Ember"), start=1):
            path = folder / f"{title}.wav"
            path.write_bytes(wav(hertz=1_000 + number))
            songs.append(Song(path, title, "Mara" if number < 3 else "Jonas", f"XX-{number}"))
        return songs

    def _register(self) -> None:
        self.artist("mara").register(self.songs[:2])
        jonas = self.artist("jonas")
        table = jonas.create_split(
            {self.address("jonas"): 700_000, self.address("holder"): 300_000}
        )
        jonas.register([replace(self.songs[2], split=table)])


@cache
def compiled() -> Artifacts:
    """The contracts, compiled once for each test run."""
    return Artifacts(compile_contracts())


@contextmanager
def chain_world(folder: Path) -> Iterator[ChainWorld]:
    """A new chain with contracts, roles and registered recordings."""
    with local_chain() as chain:
        yield ChainWorld(chain, folder)


@cache
def _built() -> tuple[str, Deployment]:
    """The saved state of such a chain, made once."""
    with TemporaryDirectory() as folder, chain_world(Path(folder)) as world:
        return world.chain.rpc("anvil_dumpState"), world.deployment


@contextmanager
def copied_world(folder: Path) -> Iterator[ChainWorld]:
    """As `chain_world`, from a saved state: three times as fast, without earlier blocks."""
    state, deployment = _built()
    with local_chain() as chain:
        chain.rpc("anvil_loadState", state)
        # Anvil reads and reverts only its own blocks; tests look back at most this many.
        chain.mine(5)
        yield ChainWorld(chain, folder, deployment)

"""A chain with the contracts, recordings and funded payers, and an oracle on it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.file import FileKey
from oracle.client.artist import Artist, Song
from oracle.client.wallet import Wallet
from oracle.domain.attestation import OracleSet
from scripts.bench.api.stub_nodes import stub_nodes
from scripts.deploy.deploy import Plan, deploy
from scripts.solidity.anvil import LocalChain, local_chain
from scripts.solidity.artifacts import Artifacts
from scripts.solidity.compile import ARTIFACTS, compile_contracts
from scripts.stack.layout import ROOT
from scripts.stack.processes import Processes, answers, free_port

PAYERS = 24
ESCROW = 10**12
BLOCK_SECONDS = 1


@dataclass(frozen=True)
class World:
    """What the benchmark sends to: the oracle's URL and pid, the ledger, payers, recordings."""

    url: str
    pid: int
    deployment: Deployment
    payers: tuple[FileKey, ...]
    recordings: tuple[int, ...]


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A chain with a block each second, and one oracle of a set of three with two stub nodes."""
    artifacts = Artifacts(compile_contracts(ARTIFACTS))
    processes = Processes(folder)
    with local_chain() as chain:
        keys = [FileKey(bytes.fromhex(secret[2:])) for secret in chain.keys]
        wallet = Wallet(Rpc(chain.url), keys[0])
        signers = sorted((key.address for key in keys[1:4]), key=lambda a: int(a, 16))
        nodes = (keys[4].address, keys[5].address)
        plan = Plan(OracleSet(2, tuple(signers)), nodes, keep_admin=True)
        made = deploy(wallet, artifacts, plan)
        made.write(folder / "deployment.json")
        recordings = _register(wallet, keys[0], made, folder)
        payers = tuple(FileKey(hashlib.sha256(b"payer %d" % n).digest()) for n in range(PAYERS))
        _fund(wallet, artifacts, made, [payer.address for payer in payers])
        chain.mine(3)
        chain.rpc("evm_setIntervalMining", BLOCK_SECONDS)
        with stub_nodes(nodes) as urls:
            try:
                url, pid = _oracle(processes, folder, chain, urls)
                yield World(url, pid, made, payers, tuple(recordings))
            finally:
                processes.stop()


def _register(wallet: Wallet, key: FileKey, made: Deployment, folder: Path) -> list[int]:
    path = folder / "song.wav"
    path.write_bytes(b"RIFF")
    songs = [Song(path, f"Song {number}", "Mara") for number in range(12)]
    return Artist(wallet, key, made).register(songs)


def _fund(wallet: Wallet, artifacts: Artifacts, made: Deployment, payers: list[str]) -> None:
    token = artifacts.contract("TestDollar", made.token)
    ledger = artifacts.contract("RoyaltyLedger", made.ledger)
    wallet.transact(token, "mint", wallet.address, ESCROW * len(payers))
    wallet.transact(token, "approve", made.ledger, ESCROW * len(payers))
    for payer in payers:
        wallet.transact(ledger, "fund", payer, ESCROW)


def _oracle(
    processes: Processes, folder: Path, chain: LocalChain, nodes: list[str]
) -> tuple[str, int]:
    port = free_port()
    for name, secret in (("oracle", chain.keys[1]), ("sender", chain.keys[6])):
        path = folder / f"{name}.key"
        path.write_text(secret)
        path.chmod(0o600)
    environment = {
        "PYTHONPATH": str(ROOT),
        "REFRAIN_RPC": chain.url,
        "REFRAIN_DEPLOYMENT": str(folder / "deployment.json"),
        "REFRAIN_ORACLE_KEY": str(folder / "oracle.key"),
        "REFRAIN_SENDER_KEY": str(folder / "sender.key"),
        "REFRAIN_DATABASE": str(folder / "oracle.sqlite"),
        "REFRAIN_NODES": ",".join(nodes),
        "REFRAIN_PIN_FOLDER": str(folder / "pins"),
        "REFRAIN_CONFIRMATIONS": "2",
        "REFRAIN_PORT": str(port),
    }
    command = [sys.executable, "-m", "scripts.bench.api.server"]
    url, pid = f"http://127.0.0.1:{port}", processes.start("oracle", command, environment)
    processes.wait_until("oracle", lambda: answers(f"{url}/v1/health"))
    return url, pid

"""A generation node in its own process, for a ledger on a real chain, and an artist with songs."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from oracle.adapters.generator import HttpGenerationNode
from oracle.adapters.signing import signatures
from oracle.domain.ordered import Ordered
from oracle.domain.typed_data import SigningDomain
from oracle.ports import Job
from scripts.solidity.ledger_fixture import LedgerFixture, key
from scripts.stack.processes import free_port
from tests.support.deployment_file import deployment_file
from tests.support.quorum import Quorum, member_keys
from tests.unit.generator import songs

ROOT = Path(__file__).resolve().parents[2]
PAYEE = key("node").address
UPLOAD = [("uint256", "recording"), ("bytes32", "audio"), ("uint256", "deadline")]


class Artist:
    """An owner with its own key and two registered songs of eight seconds; `files` by recording."""

    def __init__(self, deployed: LedgerFixture) -> None:
        self.key = key("artist")
        address = self.key.address
        deployed.w3.provider.make_request("anvil_setBalance", [address, hex(10**20)])
        deployed.w3.provider.make_request("anvil_impersonateAccount", [address])
        files = [songs.song(seed, seconds=8) for seed in (1, 2)]
        digests = [hashlib.sha256(content).digest() for content in files]
        terms = (0, 0, 2**32 - 1, 15, 10_000, "")
        call = deployed.ledger.functions.registerBatch(terms, digests, digests, "")
        first = call.call({"from": address})
        deployed.send(call, address)
        self.files = dict(enumerate(files, first))

    def upload(self, deployed: LedgerFixture, url: str, recording: int, by: Any = None) -> Any:
        """Uploads a song to a node, signed by the owner or by another account."""
        audio = hashlib.sha256(self.files[recording]).digest()
        deadline = int(time.time()) + 600
        message = {"recording": recording, "audio": audio, "deadline": deadline}
        signed = signatures.expand(deployed.sign("Upload", UPLOAD, message, by or self.key))
        return httpx.put(
            f"{url}/v1/vault/{recording}?deadline={deadline}",
            content=self.files[recording],
            headers={"X-Refrain-Signature": "0x" + signed.hex()},
            timeout=120,
            trust_env=False,
        )

    def stock(self, deployed: LedgerFixture, url: str) -> dict[int, str]:
        """Uploads both songs; their audio by recording."""
        answers = {number: self.upload(deployed, url, number) for number in self.files}
        assert {answer.status_code for answer in answers.values()} == {201}, answers
        return {number: answer.json()["audio"] for number, answer in answers.items()}


def quorum_of(deployed: LedgerFixture) -> Quorum:
    """The oracle set that the nodes of a deployment know."""
    return Quorum(SigningDomain(31337, deployed.ledger.address), member_keys())


class RunningNode:
    """`python -m generator serve` with its own vault."""

    def __init__(
        self,
        deployed: LedgerFixture,
        folder: Path,
        deployment: Mapping[str, Any] = {},
    ) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        path = folder / "deployment.json"
        oracles = quorum_of(deployed).oracle_set
        signers = {"threshold": oracles.threshold, "signers": list(oracles.signers)}
        content = {"set": signers} | dict(deployment)
        path.write_text(json.dumps(deployment_file(deployed.ledger.address, **content)))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "REFRAIN_RPC": deployed.url,
            "REFRAIN_DEPLOYMENT": str(path),
            "REFRAIN_VAULT": str(folder / "vault"),
            "REFRAIN_NODE_PAYEE": PAYEE,
            "REFRAIN_PORT": str(self.port),
        }
        self.start()

    def start(self) -> None:
        self.log = (self.folder / "node.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "generator", "serve"],
            cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def ready(self, seconds: float = 40) -> Any:
        end = time.monotonic() + seconds
        while True:
            try:
                return httpx.get(f"{self.url}/v1/health", trust_env=False).json()
            except httpx.TransportError:
                assert self.process.poll() is None and time.monotonic() < end, self.said()
                time.sleep(0.05)

    def said(self) -> str:
        return (self.folder / "node.log").read_text()

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        status = self.process.wait(20)
        self.log.close()
        return status


def wanted(
    quorum: Quorum, audio: Mapping[int, str], number: int = 1, length: int = 10
) -> tuple[str, dict[str, Any], Ordered]:
    """A job of a new order of both songs: its id, its body and the order."""
    weights = dict(zip(sorted(audio), (300_000, 700_000), strict=True))
    ordered = quorum.ordered(weights, nonce=number, length=length)
    body = quorum.job(ordered, audio, int(time.time()) + 60)
    return quorum.typed.order_hash(ordered.order), body, ordered


def ended(client: HttpGenerationNode, generation: str, seconds: float = 120) -> Job:
    """The job once it is done or failed."""
    end = time.monotonic() + seconds
    while (job := client.job(generation)).state in ("queued", "running"):
        assert time.monotonic() < end, job
        time.sleep(0.05)
    return job

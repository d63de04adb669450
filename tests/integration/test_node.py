"""A generation node as it is run: its own process, a real chain, the mosaic engine, short songs."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from generator.repertoire import DEEP, ChainRepertoire
from generator.settings import Deployment, Secret
from oracle.adapters.generator import HttpGenerationNode
from oracle.adapters.signing import signatures
from oracle.domain.attribution import vector_of
from oracle.domain.audio import read_wave
from oracle.domain.errors import Conflict, Inconsistent, NotFound, Unauthorised, Unavailable
from scripts.chain import local_chain
from scripts.processes import free_port
from scripts.rig import Rig, key
from tests.unit.generator import songs

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "integration token, long enough"
PAYEE = key("node").address
UPLOAD = [("uint256", "recording"), ("bytes32", "audio"), ("uint256", "deadline")]


@pytest.fixture(scope="module")
def rig():
    with local_chain() as chain:
        made = Rig(chain.url)
        made.url = chain.url
        yield made


@pytest.fixture(scope="module")
def artist(rig):
    """An owner with a key of its own, and two registered songs: recording to bytes."""
    owner = key("artist")
    rig.w3.provider.make_request("anvil_setBalance", [owner.address, hex(10**20)])
    rig.w3.provider.make_request("anvil_impersonateAccount", [owner.address])
    files = [songs.song(seed, seconds=8) for seed in (1, 2)]
    digests = [hashlib.sha256(content).digest() for content in files]
    terms = (0, 0, 2**32 - 1, 15, 10_000, "")
    call = rig.ledger.functions.registerBatch(terms, digests, digests, "")
    first = call.call({"from": owner.address})
    rig.send(call, owner.address)
    return owner, dict(enumerate(files, first))


class RunningNode:
    """`python -m generator serve` with a vault of its own."""

    def __init__(self, rig, folder, deployment=None):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        path = folder / "deployment.json"
        plain = {"chainId": 31337, "ledger": rig.ledger.address, "block": 0}
        path.write_text(json.dumps(plain | (deployment or {})))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "REFRAIN_RPC": rig.url,
            "REFRAIN_DEPLOYMENT": str(path),
            "REFRAIN_VAULT": str(folder / "vault"),
            "REFRAIN_NODE_PAYEE": PAYEE,
            "REFRAIN_NODE_TOKEN": TOKEN,
            "REFRAIN_PORT": str(self.port),
        }
        self.start()

    def start(self):
        self.log = (self.folder / "node.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "generator", "serve"],
            cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def ready(self, seconds=40):
        end = time.monotonic() + seconds
        while True:
            try:
                return httpx.get(f"{self.url}/v1/health").json()
            except httpx.TransportError:
                assert self.process.poll() is None and time.monotonic() < end, self.said()
                time.sleep(0.05)

    def said(self):
        return (self.folder / "node.log").read_text()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(20)
        self.log.close()
        return status


@pytest.fixture(scope="module")
def node(rig, tmp_path_factory):
    made = RunningNode(rig, tmp_path_factory.mktemp("one"))
    made.ready()
    yield made
    if made.process.poll() is None:
        made.stop()


def upload(rig, node, artist, recording, by=None):
    owner, files = artist
    audio = hashlib.sha256(files[recording]).digest()
    deadline = int(time.time()) + 600
    message = {"recording": recording, "audio": audio, "deadline": deadline}
    signed = signatures.expand(rig.sign("Upload", UPLOAD, message, by or owner))
    return httpx.put(
        f"{node.url}/v1/vault/{recording}?deadline={deadline}",
        content=files[recording],
        headers={"X-Refrain-Signature": "0x" + signed.hex()},
        timeout=120,
    )


@pytest.fixture(scope="module")
def stocked(rig, node, artist):
    """The references of a job with both songs, held by the node."""
    references = []
    for weight, recording in zip((300_000, 700_000), artist[1], strict=True):
        answer = upload(rig, node, artist, recording)
        assert answer.status_code == 201, answer.text
        assert answer.json()["seconds"] == 8
        references.append(
            {"recording": recording, "audio": answer.json()["audio"], "weight": weight}
        )
    return references


def terms(references, number=1, length=10):
    seed = str(7 + number)
    job = {"id": f"0x{number:064x}", "engine": "mosaic", "length": length, "seed": seed}
    return job | {"references": references}


def ended(client, job_id, seconds=120):
    end = time.monotonic() + seconds
    while (job := client.job(job_id)).state in ("queued", "running"):
        assert time.monotonic() < end, job
        time.sleep(0.05)
    return job


@pytest.fixture
def client(node):
    return HttpGenerationNode(node.url, TOKEN)


def test_the_chain_decides_who_may_upload(rig, node, artist):
    recording = min(artist[1])
    answer = upload(rig, node, artist, recording, by=key("somebody"))
    assert answer.status_code == 403
    assert answer.json()["field"] == "X-Refrain-Signature"


def test_a_track_from_upload_to_replay_as_the_oracle_sees_it(client, stocked):
    wanted = terms(stocked)
    assert client.payee() == PAYEE
    client.start(wanted)
    job = ended(client, wanted["id"])
    assert (job.state, job.progress, job.error) == ("done", 100, None)
    audio, trace = client.audio(wanted["id"]), client.trace(wanted["id"])
    assert abs(read_wave(audio).frames - 10 * 44_100) < 4 * 44_100
    plain = json.loads(trace)
    assert plain["seed"] == wanted["seed"] and plain["prior"] == [0, 300_000, 700_000]
    realised = {item["recording"]: item["weight"] for item in job.vectors["realised"]}
    assert realised == vector_of(plain, "realised")
    assert set(job.vectors) == {"declared", "realised", "audible", "responsibility", "shapley"}
    assert client.replay(trace) == audio


def test_a_trace_that_was_tampered_with_renders_something_else(client, stocked):
    wanted = terms(stocked)
    client.start(wanted)
    ended(client, wanted["id"])
    plain = json.loads(client.trace(wanted["id"]))
    plain["edits"][0]["gain"] //= 2
    replayed = client.replay(json.dumps(plain).encode())
    assert replayed != client.audio(wanted["id"])


def test_the_oracles_adapter_understands_refusals(client, node, stocked):
    client.start(terms(stocked))
    with pytest.raises(Conflict):
        client.start(terms(stocked, length=11))
    with pytest.raises(NotFound):
        client.job(f"0x{99:064x}")
    with pytest.raises(Unauthorised):
        HttpGenerationNode(node.url, "another token").job(f"0x{1:064x}")


def test_a_job_in_hand_outlives_kill_9(rig, node, client, stocked):
    first, second = terms(stocked, 2, 12), terms(stocked, 3, 5)
    client.start(first)
    client.start(second)
    while client.job(first["id"]).state == "queued":
        time.sleep(0.01)
    children = psutil.Process(node.process.pid).children(recursive=True)
    assert node.stop(signal.SIGKILL) == -signal.SIGKILL
    assert children and not psutil.wait_procs(children, timeout=10)[1]
    node.start()
    assert node.ready()["held"] == sorted(item["recording"] for item in stocked)
    assert ended(client, first["id"]).state == "done"
    assert ended(client, second["id"]).state == "done"
    assert client.replay(client.trace(first["id"])) == client.audio(first["id"])


def test_it_stops_when_told_and_leaves_no_process_behind(node, client, stocked):
    client.start(terms(stocked, 4, 12))
    while client.job(f"0x{4:064x}").state == "queued":
        time.sleep(0.01)
    children = psutil.Process(node.process.pid).children(recursive=True)
    assert node.stop() in (0, -signal.SIGTERM)
    assert children and not psutil.wait_procs(children, timeout=5)[1]
    node.start()
    node.ready()
    assert ended(client, f"0x{4:064x}").state == "done"


def test_another_chain_than_the_deployments_is_refused_at_start(rig, tmp_path):
    made = RunningNode(rig, tmp_path / "other", deployment={"chainId": 1})
    assert made.process.wait(30) == 1
    assert "serves another chain than 1" in made.said()


@pytest.fixture
def repertoire(rig):
    deployment = Deployment(31337, rig.ledger.address, 0)
    return ChainRepertoire(Secret(rig.url), deployment)


def test_the_repertoire_reads_owner_and_audio(repertoire, artist):
    owner, files = artist
    for recording, content in files.items():
        entry = repertoire.entry(recording)
        assert (entry.recording, entry.owner) == (recording, owner.address)
        assert entry.audio == hashlib.sha256(content).hexdigest()


def test_old_registrations_are_read_once(rig, repertoire, artist):
    recordings = list(artist[1])
    rig.w3.provider.make_request("anvil_mine", [hex(DEEP)])
    before = repertoire.entry(recordings[0])
    # Of old blocks nothing is asked again, though what is there now says otherwise.
    repertoire._audio[recordings[1]] = "cd" * 32
    assert repertoire.entry(recordings[0]) == before
    assert repertoire.entry(recordings[1]).audio == "cd" * 32


def test_an_unregistered_recording_is_not_found(repertoire):
    with pytest.raises(NotFound, match="is not registered"):
        repertoire.entry(4_000_000_000)


def test_a_chain_that_does_not_answer_is_told_without_its_url(rig):
    secret = f"http://127.0.0.1:{free_port()}/key-of-a-provider"
    dead = ChainRepertoire(Secret(secret), Deployment(31337, rig.ledger.address, 0))
    with pytest.raises(Unavailable) as told:
        dead.entry(1)
    assert "key-of" not in str(told.value) and told.value.__cause__ is None


def test_another_chain_is_never_believed(rig):
    other = ChainRepertoire(Secret(rig.url), Deployment(1, rig.ledger.address, 0))
    with pytest.raises(Inconsistent, match="another chain"):
        other.entry(1)

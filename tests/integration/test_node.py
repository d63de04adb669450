"""A generation node in its own process, with a real chain, the mosaic engine and short songs."""

import hashlib
import json
import signal
import time

import psutil
import pytest

from generator.node.chain_registry import DEEP, ChainRegistry
from oracle.adapters.generator import HttpGenerationNode
from oracle.adapters.signing.calls import CallSigner
from oracle.domain import canonical
from oracle.domain.attribution import vector_of
from oracle.domain.audio import read_wave
from oracle.domain.check import Check
from oracle.domain.errors import Inconsistent, NotFound, Unavailable
from oracle.domain.generation import seed_of
from oracle.domain.secret import Secret
from oracle.domain.typed_data import SigningDomain
from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import LedgerFixture, key
from scripts.stack.processes import free_port
from tests.support.quorum import STRANGER
from tests.support.rpc_proxy import proxy_of
from tests.support.running_node import PAYEE, Artist, RunningNode, ended, quorum_of, wanted

SAME = Check(steps=0, gain=0, envelope=0, audible=0)


@pytest.fixture(scope="module")
def deployed():
    with local_chain() as chain:
        made = LedgerFixture(chain.url)
        made.url = chain.url
        yield made


@pytest.fixture(scope="module")
def artist(deployed):
    return Artist(deployed)


@pytest.fixture(scope="module")
def node(deployed, tmp_path_factory):
    made = RunningNode(deployed, tmp_path_factory.mktemp("one"))
    made.ready()
    yield made
    if made.process.poll() is None:
        made.stop()


@pytest.fixture(scope="module")
def stocked(deployed, node, artist):
    """Both songs in the vault: recording to the sha256 of its audio."""
    return artist.stock(deployed, node.url)


@pytest.fixture(scope="module")
def quorum(deployed):
    return quorum_of(deployed)


@pytest.fixture
def client(node, quorum):
    return HttpGenerationNode(node.url, quorum.signer())


def test_only_the_owner_on_the_chain_may_upload(deployed, node, artist):
    recording = min(artist.files)
    answer = artist.upload(deployed, node.url, recording, by=key("somebody"))
    assert answer.status_code == 403
    assert answer.json()["field"] == "X-Refrain-Signature"


def test_a_track_from_upload_to_check_as_the_oracle_sees_it(client, quorum, stocked):
    generation, body, ordered = wanted(quorum, stocked)
    assert client.payee() == PAYEE
    assert client.held([*stocked, 4_000_000]).keys() == set(stocked)
    client.start(generation, body)
    job = ended(client, generation)
    assert (job.state, job.progress, job.error) == ("done", 100, None)
    audio, trace = client.audio(generation), client.trace(generation)
    assert abs(read_wave(audio).frames - 10 * 44_100) < 4 * 44_100
    plain = json.loads(trace)
    assert plain["seed"] == str(seed_of(generation)) and plain["prior"] == [0, 300_000, 700_000]
    realised = {item["recording"]: item["weight"] for item in job.vectors["realised"]}
    assert realised == vector_of(plain, "realised")
    assert set(job.vectors) == {"declared", "realised", "audible", "responsibility", "shapley"}
    assert client.check(ordered, trace, audio, b"[]") == SAME
    records = canonical.loads(client.records(generation))
    assert [hashlib.sha256(canonical.dumps(each)).hexdigest() for each in records] == [
        reference["record"] for reference in plain["references"]
    ]


def test_a_changed_trace_is_not_what_composing_gives(client, quorum, stocked):
    generation, body, ordered = wanted(quorum, stocked)
    client.start(generation, body)
    ended(client, generation)
    audio, plain = client.audio(generation), json.loads(client.trace(generation))
    for edit in plain["edits"][:20]:
        edit["gain"] //= 2
    found = client.check(ordered, canonical.dumps(plain), audio, b"[]")
    assert found == Check(differs="edits.gain")


def test_the_oracles_adapter_raises_the_nodes_errors(client, node, quorum, stocked):
    generation, body, _ = wanted(quorum, stocked)
    with pytest.raises(NotFound):
        client.job(f"0x{99:064x}")
    client.start(generation, body)
    with pytest.raises(NotFound, match="not a job of this oracle"):
        HttpGenerationNode(node.url, quorum.signer(1)).job(generation)
    stranger = HttpGenerationNode(node.url, CallSigner(STRANGER, quorum.domain))
    with pytest.raises(Unavailable, match="must be an oracle of the set"):
        stranger.start(generation, body)
    other = node.url.replace("127.0.0.1", "localhost")
    with pytest.raises(Unavailable, match=f"for this request to {node.url}"):
        HttpGenerationNode(other, quorum.signer()).job(generation)


def test_a_running_job_survives_sigkill(node, client, quorum, stocked):
    (first, one, ordered), (second, two, _) = (
        wanted(quorum, stocked, 2, 12), wanted(quorum, stocked, 3, 5),
    )  # fmt: skip
    client.start(first, one)
    client.start(second, two)
    while client.job(first).state == "queued":
        time.sleep(0.01)
    children = psutil.Process(node.process.pid).children(recursive=True)
    assert node.stop(signal.SIGKILL) == -signal.SIGKILL
    assert children and not psutil.wait_procs(children, timeout=10)[1]
    node.start()
    node.ready()
    assert client.held(stocked).keys() == set(stocked)
    assert ended(client, first).state == "done"
    assert ended(client, second).state == "done"
    found = client.check(ordered, client.trace(first), client.audio(first), b"[]")
    assert found == SAME


def test_sigterm_stops_the_node_and_its_children(node, client, quorum, stocked):
    generation, body, _ = wanted(quorum, stocked, 4, 12)
    client.start(generation, body)
    while client.job(generation).state == "queued":
        time.sleep(0.01)
    children = psutil.Process(node.process.pid).children(recursive=True)
    assert node.stop() in (0, -signal.SIGTERM)
    assert children and not psutil.wait_procs(children, timeout=5)[1]
    node.start()
    node.ready()
    assert ended(client, generation).state == "done"


def test_another_chain_than_the_deployments_is_refused_at_start(deployed, tmp_path):
    made = RunningNode(deployed, tmp_path / "other", deployment={"chainId": 1})
    assert made.process.wait(30) == 1
    assert "serves another chain than 1" in made.said()


@pytest.fixture
def registry(deployed):
    domain = SigningDomain(31337, deployed.ledger.address)
    return ChainRegistry(Secret(deployed.url), domain, start=0)


def test_the_registry_reads_owner_and_audio(registry, artist):
    for recording, content in artist.files.items():
        entry = registry.entry(recording)
        assert (entry.recording, entry.owner) == (recording, artist.key.address)
        assert entry.audio == hashlib.sha256(content).hexdigest()


def test_old_registrations_are_read_once(deployed, artist):
    first, second = list(artist.files)[:2]
    deployed.w3.provider.make_request("anvil_mine", [hex(DEEP)])
    asked = []
    with proxy_of(deployed.url) as proxy:
        proxy.watch = lambda method, params: method == "eth_getLogs" and asked.append(params[0])
        domain = SigningDomain(31337, deployed.ledger.address)
        registry = ChainRegistry(Secret(proxy.url), domain, start=0)
        before = registry.entry(first), registry.entry(second)
        assert [log["fromBlock"] for log in asked].count("0x0") == 1
        read = len(asked)
        assert (registry.entry(first), registry.entry(second)) == before
        assert len(asked) == read
        deployed.w3.provider.make_request("anvil_mine", [])
        assert (registry.entry(first), registry.entry(second)) == before
    newest = deployed.w3.eth.block_number
    assert len(asked) == read + 1
    assert all(int(log["fromBlock"], 16) >= newest - DEEP for log in asked[read:])


def test_an_unregistered_recording_is_not_found(registry):
    with pytest.raises(NotFound, match="is not registered"):
        registry.entry(4_000_000_000)


def test_the_error_of_a_silent_chain_does_not_hold_its_url(deployed):
    secret = f"http://127.0.0.1:{free_port()}/key-of-a-provider"
    dead = ChainRegistry(Secret(secret), SigningDomain(31337, deployed.ledger.address), 0)
    with pytest.raises(Unavailable) as told:
        dead.entry(1)
    assert "key-of" not in str(told.value) and told.value.__cause__ is None


@pytest.mark.parametrize("mode", ["garbage", "nothing", "null result", "refuse", "moved", "close"])
def test_a_nonsense_answer_of_the_chain_counts_as_no_answer(deployed, mode):
    with proxy_of(deployed.url) as proxy:
        proxy.mode = mode
        domain = SigningDomain(31337, deployed.ledger.address)
        with pytest.raises(Unavailable):
            ChainRegistry(Secret(proxy.url), domain, start=0).entry(1)


def test_an_endless_answer_of_the_chain_is_cut_off(deployed):
    with proxy_of(deployed.url) as proxy:
        proxy.mode = "drip"
        domain = SigningDomain(31337, deployed.ledger.address)
        with pytest.raises(Unavailable):
            ChainRegistry(Secret(proxy.url), domain, start=0, seconds=0.3).entry(1)


def test_an_address_without_a_ledger_counts_as_no_answer(deployed):
    domain = SigningDomain(31337, key("nobody").address)
    with pytest.raises(Unavailable):
        ChainRegistry(Secret(deployed.url), domain, start=0).entry(1)


def test_another_chain_is_refused(deployed):
    other = ChainRegistry(Secret(deployed.url), SigningDomain(1, deployed.ledger.address), 0)
    with pytest.raises(Inconsistent, match="another chain"):
        other.entry(1)

"""Attacks on withheld files: to have a track unpaid, and to keep a paid one from its payer.

The attacker reads everything that is public, knows every CID from the public manifest, and has the
key of a stranger, of the payer, or of one oracle of the set. It can kill oracles and lie as one.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from oracle.adapters.chain.deployment import load
from oracle.adapters.signing.calls import CallSigner
from oracle.adapters.signing.file import FileKey
from oracle.adapters.withheld import FolderWithheld
from oracle.domain.cid import blocks_of
from oracle.domain.manifest import Manifest
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.typed_data import SigningDomain
from scripts.stack.chain import give_ether, local_chain
from scripts.stack.layout import NODES, ORACLES
from scripts.stack.processes import ProcessFailed
from tests.e2e.conftest import catalogue, request_of, world  # noqa: F401  (fixtures)
from tests.support.fakes import FakeClock
from tests.support.http_script import scripted
from tests.support.trio import key

pytestmark = [pytest.mark.e2e, pytest.mark.long]

SENDERS = [f"sender-{name}" for name in ORACLES]
NOT_FOUND, UNAUTHORISED, FORBIDDEN = 404, 401, 403
FORMS = ("", "?format=raw", "?format=car")


def until(found, seconds=90):
    """The first true answer of a function that looks at the stack."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    raise AssertionError("did not come in time")


def without_gas(world):  # noqa: F811
    """No oracle can post, so every order stops once it is signed."""
    for role in SENDERS:
        address = world.stack.accounts.account(role).address
        local_chain(world.stack).rpc("anvil_setBalance", address, "0x0")


def stage_at(world, name, generation):  # noqa: F811
    answer = httpx.get(f"{world.stack.url(name)}/v1/generations/{generation}", timeout=10)
    return answer.json().get("stage", "")


def is_signed(world, generation):  # noqa: F811
    """At the oracle that leads it, which need not be the first one on a busy machine."""
    return any(stage_at(world, name, generation) == "signed" for name in ORACLES)


def manifest_of(world, generation) -> Manifest:  # noqa: F811
    """What the public manifest says, as anyone reads it."""
    link = until(lambda: world.app.view(generation)["links"]["manifest"])
    return parse_manifest(until(lambda: _content(link)))


def _content(url):
    answer = httpx.get(url, timeout=30)
    return answer.content if answer.is_success else b""


def store_of(world, name) -> FolderWithheld:  # noqa: F811
    return FolderWithheld(folder_of(world, name), FakeClock())


def folder_of(world, name) -> Path:  # noqa: F811
    return world.stack.folder / f"{name}.sqlite.withheld"


def holders(world, generation, made):  # noqa: F811
    """The oracles that hold both files."""
    cids = (made.audio.cid, made.trace.cid)
    return [name for name in ORACLES
            if all(store_of(world, name).holds(generation, cid) for cid in cids)]  # fmt: skip


@pytest.fixture
def signed(world, request_of):  # noqa: F811
    """An order that is signed by the threshold and cannot be posted: id and manifest."""
    without_gas(world)
    try:
        generation = world.place(request_of())
        until(lambda: is_signed(world, generation), 400)
        yield generation, manifest_of(world, generation)
        assert not world.settlements(generation)
    finally:
        give_ether(world.stack, SENDERS)
    world.app.wait(generation)


@pytest.fixture
def blocks(world, signed):  # noqa: F811
    """Every CID of audio and trace, from the leader's own folder."""
    generation, made = signed
    store = store_of(world, ORACLES[0])
    files = [store.fetch(generation, cid) for cid in (made.audio.cid, made.trace.cid)]
    assert len(files[0]) > 1 << 20
    return [cid for data in files for cid, _ in blocks_of(data)]


def read(world, name, generation, cid, by=None):  # noqa: F811
    """The peer route of an oracle, asked with the key `by`; unsigned without one."""
    url = world.stack.url(name)
    target = f"/v1/peers/withheld/{generation}/{cid}"
    headers = {}
    if by is not None:
        found = load(world.stack.deployment)
        signer = CallSigner(by, SigningDomain(found.chain_id, found.ledger))
        headers = signer.headers(url, "GET", target, b"")
    return httpx.get(url + target, headers=headers, timeout=30)


def key_of(world, role):  # noqa: F811
    return FileKey(bytes.fromhex(world.stack.accounts.key_file(role).read_text().strip()))


def test_no_public_path_has_a_block_before_the_payment(world, signed, blocks):  # noqa: F811
    gateway = world.stack.pinning.gateway
    for cid in blocks:
        for form in FORMS:
            assert httpx.get(f"{gateway}/ipfs/{cid}{form}", timeout=60).status_code == NOT_FOUND
    generation, made = signed
    for name in ORACLES:
        url = world.stack.url(name)
        assert httpx.get(f"{url}/ipfs/{made.audio.cid}").status_code == NOT_FOUND
        view = httpx.get(f"{url}/v1/generations/{generation}").json()
        assert (view["links"]["audio"], view["links"]["trace"]) == (None, None)
        assert httpx.get(f"{url}/v1/generations/{generation}/delivery").status_code == NOT_FOUND


def test_after_the_payment_the_same_paths_have_the_track(world, request_of):  # noqa: F811
    view = world.app.wait(world.place(request_of()))
    assert view["stage"] == "settled", view["detail"]
    made = manifest_of(world, view["id"])
    for link, content in (("audio", made.audio), ("trace", made.trace)):
        data = _content(view["links"][link])
        assert hashlib.sha256(data).hexdigest() == content.sha256
        for form in FORMS:
            assert _content(view["links"][link] + form)
    stated = httpx.get(f"{world.api}/v1/generations/{view['id']}/delivery", timeout=60).json()
    assert stated["delivered"] is True


def test_nothing_of_it_lies_in_the_folder_of_pins_and_others_cannot_read_where_it_lies(
    world, signed, blocks  # noqa: F811
):
    from oracle.domain.cid import decode

    pinned = {path.name for path in (world.stack.folder / "pins").rglob("*") if path.is_file()}
    assert pinned and not pinned & {decode(cid)[1].hex() for cid in blocks}
    for name in ORACLES:
        for path in [folder_of(world, name), *folder_of(world, name).rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path
    generation, _ = signed
    made = [path for path in world.stack.vaults.rglob(f"jobs/{generation}/*") if path.is_file()]
    assert {"audio.wav", "trace.json"} <= {path.name for path in made}
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)


@pytest.mark.parametrize("role", ["stranger", "app", "oracle outside of the set", "token", None])
def test_no_other_key_than_of_the_set_reads_at_the_peer_route(
    world, signed, blocks, role  # noqa: F811
):
    generation, _ = signed
    by = {"app": lambda: key_of(world, "app"), "token": lambda: None, None: lambda: None}
    made = by.get(role, lambda: key(role))()
    for name in ORACLES:
        answer = read(world, name, generation, blocks[0], made)
        assert answer.status_code == UNAUTHORISED
    token = {"Authorization": "Bearer the token that all oracles and nodes shared"}
    url = f"{world.api}/v1/peers/withheld/{generation}/{blocks[0]}"
    assert httpx.get(url, headers=token).status_code == UNAUTHORISED


def test_an_oracle_of_the_set_reads_only_where_it_has_a_part(world, signed, blocks):  # noqa: F811
    generation, made = signed
    leader, *others = ORACLES
    [co_signer, *_] = [name for name in holders(world, generation, made) if name != leader]
    [third] = [name for name in others if name != co_signer]
    # The co-signer promised its leader, and proposed nothing to the third one.
    assert read(world, co_signer, generation, blocks[0], key_of(world, leader)).is_success
    refused = read(world, co_signer, generation, blocks[0], key_of(world, third))
    assert refused.status_code == NOT_FOUND
    # No part in an order of which it was never told.
    other = "0x" + hashlib.sha256(b"another order").hexdigest()
    assert read(world, leader, other, blocks[0], key_of(world, third)).status_code == NOT_FOUND
    log = (world.stack.folder / "logs" / f"{co_signer}.log").read_text()
    for name, word in ((leader, "reads"), (third, "may not read")):
        address = world.stack.accounts.account(name).address
        assert f"{address} {word} {blocks[0]} of {generation}" in log


def test_a_node_gives_the_track_to_no_stranger(world, signed):  # noqa: F811
    generation, _ = signed
    for node in NODES:
        for file in ("audio", "trace"):
            url = f"{world.stack.url(node)}/v1/jobs/{generation}/{file}"
            assert httpx.get(url).status_code == FORBIDDEN


def restart(world, name, **extra):  # noqa: F811
    world.stack.processes.kill(name)
    world.stack.start_oracle(name, extra)
    world.stack.await_health(name)


def await_death(world, name):  # noqa: F811
    with pytest.raises(ProcessFailed):
        world.stack.processes.wait_until(name, lambda: False, seconds=120)


def test_a_leader_killed_after_the_post_and_all_signers_but_one_cost_the_payer_nothing(
    world, request_of  # noqa: F811
):
    leader = ORACLES[0]
    dead = []
    restart(world, leader, REFRAIN_CRASH="after:signed:1")
    try:
        generation = world.place(request_of())
        await_death(world, leader)
        until(lambda: world.settlements(generation))
        made = _manifest_anywhere(world, generation)
        holding = [name for name in holders(world, generation, made) if name != leader]
        assert holding, "the leader alone held the files when they were paid"
        survivor, dead = holding[0], [n for n in ORACLES if n not in (leader, holding[0])]
        for name in dead:
            world.stack.processes.kill(name)
        until(lambda: stage_at(world, survivor, generation) == "settled", 120)
        view = httpx.get(f"{world.stack.url(survivor)}/v1/generations/{generation}").json()
        for link, content in (("audio", made.audio), ("trace", made.trace)):
            found = hashlib.sha256(_content(view["links"][link])).hexdigest()
            assert found == content.sha256
    finally:
        world.stack.processes.kill(leader)
        for name in (leader, *dead):
            world.stack.start_oracle(name)
        for name in ORACLES:
            world.stack.await_ready(name)


def _manifest_anywhere(world, generation) -> Manifest:  # noqa: F811
    """The manifest by the digest that the chain has."""
    [log] = world.settlements(generation)
    folder = world.stack.folder / "pins" / "blocks"
    for path in folder.glob("*/*"):
        if path.name in log["data"] + "".join(log["topics"]):
            return parse_manifest(path.read_bytes())
    raise AssertionError("the settlement names no pinned manifest")


def test_a_lying_oracle_that_serves_wrong_blocks_delays_no_signature(world, request_of):  # noqa: F811
    leader, signer, third = ORACLES
    with scripted() as liar:
        liar.body, liar.headers = b"other bytes", {"Content-Type": "application/vnd.ipld.raw"}
        peers = ",".join([liar.url, world.stack.url(leader), world.stack.url(third)])
        restart(world, signer, REFRAIN_PEERS=peers)
        os.kill(world.stack.processes.pid(third), signal.SIGSTOP)
        try:
            generation = world.place(request_of())
            view = world.app.wait(generation, 150)
        finally:
            os.kill(world.stack.processes.pid(third), signal.SIGCONT)
        assert view["stage"] == "settled", view["detail"]
        asked = [one.path for one in liar.asked if one.method == "GET"]
        assert any(path.startswith(f"/v1/peers/withheld/{generation}/") for path in asked)
    restart(world, signer)
    world.stack.await_ready(signer)


def test_files_of_an_order_that_was_never_paid_are_deleted_after_the_time_to_keep(
    world, request_of  # noqa: F811
):
    """The last test: it moves the chain's time past the end of the order."""
    without_gas(world)
    generation = world.place(request_of())
    until(lambda: is_signed(world, generation), 400)
    made = manifest_of(world, generation)
    kept = holders(world, generation, made)
    assert ORACLES[0] in kept
    chain = local_chain(world.stack)
    chain.rpc("evm_increaseTime", 30 * 86_400)
    for _ in range(world.stack.confirmations + 1):
        chain.mine()
    until(lambda: stage_at(world, ORACLES[0], generation) == "expired", 120)
    assert ORACLES[0] in holders(world, generation, made)
    restart(world, ORACLES[0], REFRAIN_KEEP_UNPAID="0")
    until(lambda: ORACLES[0] not in holders(world, generation, made))
    assert not (folder_of(world, ORACLES[0]) / generation).exists()

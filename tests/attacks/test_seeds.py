"""Twenty random scripts on the real stack, and the rules of the simulation, from outside."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
import soundfile

from oracle.domain.cid import blocks_of, cid_of
from oracle.domain.generation import ENDS
from oracle.domain.manifest_reader import parse_manifest
from scripts.stack.chain import local_chain
from scripts.stack.layout import NODES, ORACLES
from scripts.stack.registration import _on_chain, artist_of
from tests.attacks.ordering import until, view_at
from tests.attacks.quick_stack import payer_of, quick_world
from tests.attacks.seeds import Script
from tests.e2e.conftest import catalogue, four_offers  # noqa: F401  (fixture)

pytestmark = [pytest.mark.e2e, pytest.mark.long]

SEEDS = 20
NOT_FOUND = 404
FORMS = ("", "?format=raw", "?format=car")


@pytest.fixture(scope="module")
def world(tmp_path_factory, catalogue):  # noqa: F811
    """The stack on which all seeds run, one after another."""
    with quick_world(tmp_path_factory.mktemp("stack"), catalogue) as made:
        yield made


@pytest.fixture(scope="module")
def lone(world, catalogue, tmp_path_factory):  # noqa: F811
    """A recording that only the first node has; its audio is new, as the vaults are kept."""
    offer = four_offers(catalogue)[0]
    samples, rate = soundfile.read(offer.path)
    path = tmp_path_factory.mktemp("lone") / "lone.wav"
    made = hashlib.sha256(str(path).encode()).digest()[0] / 256
    soundfile.write(path, samples * (0.5 + made / 4), rate)
    [number] = _on_chain(world.stack, [replace(offer, path=path, title="Lone", isrc="")])
    artist_of(world.stack, offer.owner).upload(world.stack.url(NODES[0]), number, path)
    return number


@pytest.fixture(scope="module")
def payers(world):
    """An app with an account of its own for each seed. Its escrow is in a closed block."""
    with ThreadPoolExecutor(8) as pool:
        apps = list(pool.map(
            lambda seed: payer_of(world, f"payer-{seed}", Script(seed).escrow), range(SEEDS)
        ))  # fmt: skip
    local_chain(world.stack).mine(world.stack.confirmations + 1)
    return apps


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_rules_hold_on_the_real_stack(world, lone, payers, seed):
    script, app = Script(seed), payers[seed]
    try:
        script.play(world, app, lone)
        views = {name: ends_of(world, script, name) for name in script.taken}
        settled = {name for name in views if world.settlements(name)}
        require_paid_once(world, app, script, views, settled)
        for name in settled:
            require_delivered(world, views[name])
        for name in views.keys() - settled:
            require_private(world, name, views[name])
    except BaseException:
        print(script)
        raise


def ends_of(world, script, generation):
    """The last view at each oracle that knows a generation; every oracle runs."""

    def ended():
        views = [view_at(world, oracle, generation) for oracle in ORACLES]
        known = [view for view in views if view]
        paid = {view["stage"] == "settled" for view in known}
        return known if all(v["stage"] in ENDS for v in known) and len(paid) == 1 else []

    found = until(ended, 90)
    script.said += [f"{v['id']} ends as {v['stage']}: {v['detail']}" for v in found]
    return found


def require_paid_once(world, app, script, views, settled):
    for name, found in views.items():
        assert len(world.settlements(name)) == (found[0]["stage"] == "settled")
    nonces = [script.taken[name].nonce for name in settled]
    assert len(set(nonces)) == len(nonces)
    paid = sum(int(views[name][0]["price"]) for name in settled)
    assert script.escrow - app.escrow() == paid


def require_delivered(world, views):
    for view in views:
        made = parse_manifest(content(view["links"]["manifest"]))
        for name, file in (("audio", made.audio), ("trace", made.trace)):
            found = content(view["links"][name])
            assert hashlib.sha256(found).hexdigest() == file.sha256


def content(link):
    answer = httpx.get(link, timeout=60, trust_env=False)
    answer.raise_for_status()
    return answer.content


def require_private(world, generation, views):
    """No public path has a file that any node made for an order that nobody paid."""
    for view in views:
        assert (view["links"]["audio"], view["links"]["trace"]) == (None, None)
    for path in made_files(world, generation):
        data = path.read_bytes()
        for cid in {cid_of(data), *(name for name, _ in blocks_of(data)[:2])}:
            for url in (world.stack.pinning.gateway, *map(world.stack.url, ORACLES)):
                for form in FORMS:
                    answer = httpx.get(f"{url}/ipfs/{cid}{form}", timeout=30, trust_env=False)
                    assert answer.status_code == NOT_FOUND, f"{url} has {cid} of {generation}"
    for oracle in ORACLES:
        url = f"{world.stack.url(oracle)}/v1/generations/{generation}/delivery"
        assert httpx.get(url, timeout=30, trust_env=False).status_code == NOT_FOUND


def made_files(world, generation):
    """Audio and trace as the nodes keep them."""
    found = world.stack.vaults.rglob(f"jobs/{generation}/*")
    return [path for path in found if path.name in ("audio.wav", "trace.json")]

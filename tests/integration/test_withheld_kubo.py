"""An IPFS daemon gets audio and trace of a track after the payment, and not a block before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.adapters.pinning.kubo import open_kubo
from oracle.domain.cid import blocks_of
from oracle.domain.errors import NotFound, Unavailable
from oracle.domain.generation import Stage
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.settings import Pinning
from tests.support.ipfs_daemon import ipfs_api  # noqa: F401  (a fixture)
from tests.support.samples import ordered, request
from tests.support.trio import make_trio


@pytest.fixture
def kubo(ipfs_api):  # noqa: F811
    made = open_kubo(Pinning("kubo", None, ipfs_api))
    made.patience = 1
    return made


@pytest.fixture
def trio(tmp_path, kubo):
    """Three oracles that pin into one daemon."""
    trio = make_trio(tmp_path)
    trio.contexts[:] = [replace(context, pinner=kubo) for context in trio.contexts]
    for index, peers in trio.peers.items():
        others = [other for other in range(3) if other != index]
        for peer, other in zip(peers, others, strict=True):
            peer.context = trio.contexts[other]
    return trio


def until(trio, generation, stage):
    pipeline = Pipeline(trio.contexts[0])
    for _ in range(60):
        done = pipeline.advance(generation)
        if done.stage is stage:
            return done
    raise AssertionError(f"stays {done.stage}: {done.detail}")


def test_the_daemon_has_no_block_of_an_unpaid_track_and_the_whole_of_a_paid_one(trio, kubo):
    asked = request()
    order, signature = trio.order(asked)
    trio.sender.fault = Unavailable("no gas")
    taken = take(trio.contexts[0], ordered(asked, order, signature))
    made = until(trio, taken.id, Stage.SIGNED)
    assert kubo.fetch(made.manifest)
    withheld = trio.contexts[0].withheld
    files = [withheld.fetch(made.id, cid) for cid in (made.audio, made.trace)]
    for cid in {cid for data in files for cid, _ in blocks_of(data)}:
        assert not kubo.pinned(cid)
        with pytest.raises(NotFound):
            kubo.block(cid)
    trio.sender.fault = None
    done = until(trio, made.id, Stage.SETTLED)
    assert [kubo.fetch(cid) for cid in (done.audio, done.trace)] == files
    assert kubo.pinned(done.audio) and kubo.pinned(done.trace)

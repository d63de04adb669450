"""The release rule on a real chain: by confirmations, or by the block that the node finalized."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.domain.errors import Unavailable
from oracle.domain.release import CONFIRMATIONS, FINALIZED, WATCHED, Release
from tests.support.chain_world import chain_world
from tests.support.rpc_proxy import proxy_of

LIMIT = 5_000_000


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A chain with more blocks than Anvil needs to name a finalized one."""
    with chain_world(tmp_path_factory.mktemp("songs")) as made:
        made.chain.mine(WATCHED + 10)
        yield made


def ledger(world, rule, above=0, url="", confirmations=2):
    deployment = replace(world.deployment, release=Release(rule, above))
    return ChainLedger(Rpc(url or world.chain.url), deployment, confirmations)


def test_by_confirmations_a_closed_block_is_final(world):
    found = ledger(world, CONFIRMATIONS, LIMIT)
    assert found.final_block(LIMIT) == found.closed_block()
    assert found.final_block(LIMIT).number == world.chain.height() - 2


def test_an_amount_above_the_limit_needs_a_finalized_block(world):
    found = ledger(world, CONFIRMATIONS, LIMIT)
    assert found.final_block(LIMIT + 1).number == world.chain.height() - WATCHED


@pytest.mark.parametrize("amount", [0, 1, LIMIT])
def test_by_finality_every_amount_needs_a_finalized_block(world, amount):
    found = ledger(world, FINALIZED, LIMIT)
    assert found.final_block(amount) == found.finalized_block()
    assert found.final_block(amount).number == world.chain.height() - WATCHED


@pytest.mark.parametrize(
    "message", ["finalized block not found", "Unknown block"]
)  # of geth --dev and of others
def test_a_node_without_finalized_blocks_never_makes_an_amount_final(world, message):
    with proxy_of(world.chain.url) as proxy:
        found = ledger(world, FINALIZED, url=proxy.url)
        proxy.refuse_tag(message)
        with pytest.raises(Unavailable, match="the node: names no finalized block"):
            found.final_block(1)
        by_confirmations = ledger(world, CONFIRMATIONS, LIMIT, proxy.url)
        assert by_confirmations.final_block(LIMIT).number == world.chain.height() - 2
        assert by_confirmations.finalized_block().number == world.chain.height() - WATCHED


def test_a_node_that_refuses_for_another_reason_is_no_node_without_finality(world):
    with proxy_of(world.chain.url) as proxy:
        found = ledger(world, CONFIRMATIONS, LIMIT, proxy.url)
        proxy.refuse_tag("too many requests")
        with pytest.raises(Unavailable, match="too many requests"):
            found.finalized_block()


def test_the_largest_lag_is_read_once(world):
    with proxy_of(world.chain.url) as proxy:
        found = ledger(world, FINALIZED, url=proxy.url)
        assert found.max_lag() == 86_400
        proxy.counts.clear()
        assert found.max_lag() == 86_400 and proxy.counts == {}

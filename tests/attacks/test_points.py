"""A leader that is killed right before or after a step, and a cap that is reached while it works.

One stack with short leases, in which a node may settle ten short tracks in a window.
"""

from __future__ import annotations

import pytest
from eth_utils import keccak

from scripts.stack.chain import give_ether, local_chain
from scripts.stack.layout import ORACLES
from scripts.stack.processes import ProcessFailed
from tests.attacks.ordering import (
    SENDERS,
    end_at,
    links_lead_to_files,
    order_of,
    send,
    until,
    view_at,
)
from tests.attacks.quick_stack import payer_of, quick_world
from tests.e2e.conftest import catalogue  # noqa: F401  (fixture)
from tests.e2e.world import SETTLED, asked

pytestmark = [pytest.mark.e2e, pytest.mark.long]

PRICE = 50_000
POINTS = ("before:ordered", "before:consented", "before:generated", "before:published",
          "before:signed", "before:posted", "before:confirmed", "after:confirmed")  # fmt: skip
ROOM = 2
CAP = (len(POINTS) + ROOM) * PRICE
MAX_LAG = 86_400


@pytest.fixture(scope="module")
def world(tmp_path_factory, catalogue):  # noqa: F811
    with quick_world(tmp_path_factory.mktemp("stack"), catalogue, CAP) as made:
        yield made


@pytest.fixture(scope="module")
def payer(world):
    app = payer_of(world, "payer", 2_000_000)
    local_chain(world.stack).mine(world.stack.confirmations + 1)
    return app


def request_of(world):
    return asked([(world.chosen[0].recording, 1_000_000)], 5, "personal")


def restart(world, name, **extra):
    world.stack.processes.kill(name)
    world.stack.start_oracle(name, extra)
    world.stack.await_health(name)


@pytest.mark.parametrize("point", POINTS)
def test_a_leader_killed_at_any_point_is_replaced_and_the_payer_pays_once(world, payer, point):
    leader, before = ORACLES[0], payer.escrow()
    restart(world, leader, REFRAIN_CRASH=f"{point}:1")
    try:
        request = request_of(world)
        order = order_of(payer, request)
        for oracle in ORACLES:
            send(world, payer, oracle, request, order)
        generation = payer.id_of(order)
        with pytest.raises(ProcessFailed):
            world.stack.processes.wait_until(leader, lambda: False, seconds=90)
        for oracle in ORACLES[1:]:
            view = end_at(world, oracle, generation, 120)
            assert view["stage"] == "settled", view["detail"]
            assert links_lead_to_files(view)
    finally:
        restart(world, leader)
    assert end_at(world, leader, generation, 60)["stage"] == "settled"
    assert before - payer.escrow() == order.max_price
    assert len(world.settlements(generation)) == 1


def test_an_order_that_is_signed_and_waits_for_its_cap_expires(world, payer):
    """The last test: it moves the chain's time past the longest lag."""
    # The first node answers first, so it has made all tracks.
    fitting = CAP // PRICE - settled_count(world)
    for role in SENDERS:
        address = world.stack.accounts.account(role).address
        local_chain(world.stack).rpc("anvil_setBalance", address, "0x0")
    try:
        placed = [place(world, payer) for _ in range(fitting + 1)]
        for generation in placed:
            until(lambda name=generation: "signed" in stages(world, name))
    finally:
        give_ether(world.stack, SENDERS)
    until(lambda: sum(bool(world.settlements(name)) for name in placed) == fitting)
    [waiting] = [name for name in placed if not world.settlements(name)]
    # The first node has reached its cap, so the other one makes the next track.
    assert end_at(world, ORACLES[0], place(world, payer), 120)["stage"] == "settled"
    assert stages(world, waiting) & {"signed", "posted"}
    chain = local_chain(world.stack)
    chain.rpc("evm_increaseTime", 2 * MAX_LAG + 60)  # past the deadline and the lag after it
    chain.mine(world.stack.confirmations + 1)
    view = end_at(world, ORACLES[0], waiting, 90)
    assert view["stage"] == "expired", view["detail"]
    assert (view["links"]["audio"], view["links"]["trace"]) == (None, None)
    assert not world.settlements(waiting)


def stages(world, generation):
    """The order's stage at each oracle: another one leads it when the first lets a lease pass."""
    return {view_at(world, name, generation)["stage"] for name in ORACLES}


def place(world, payer):
    request = request_of(world)
    order = order_of(payer, request)
    assert send(world, payer, ORACLES[0], request, order).is_success
    return payer.id_of(order)


def settled_count(world):
    """The number of all settlements of the ledger."""
    ledger = world.stack.describe()["deployment"]["ledger"]
    query = {"address": ledger, "fromBlock": "0x0", "toBlock": "latest",
             "topics": ["0x" + keccak(text=SETTLED).hex()]}  # fmt: skip
    return len(world.rpc("eth_getLogs", query))

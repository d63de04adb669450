"""Attacks with orders: to get more tracks than are paid, to lose an order, to pay twice.

The attacker is a malicious app, or one that meets a dying oracle.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import httpx
import pytest

from oracle.client.app import App
from oracle.domain.errors import Conflict, Refused
from oracle.domain.generation import UNPAID
from scripts.stack.chain import give_ether, local_chain, wallet_of
from scripts.stack.layout import NODES, ORACLES
from tests.attacks.ordering import (
    SENDERS,
    end_at,
    links_lead_to_files,
    order_of,
    send,
    send_all,
    sent_transactions,
    until,
    view_at,
)
from tests.e2e.conftest import catalogue, request_of, world  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.e2e, pytest.mark.long]

TAKEN, UNAUTHORISED, INVALID = 202, 401, 422
BEFORE_MADE = ("ordered", "consented")


@pytest.fixture
def poor(world):  # noqa: F811
    """An app that has no escrow yet."""
    from oracle.adapters.chain import deployment
    from oracle.adapters.signing.keystore import open_key

    role = f"poor-{time.monotonic_ns()}"
    key = open_key(str(world.stack.accounts.key_file(role)))
    give_ether(world.stack, [role])
    found = deployment.load(world.stack.deployment)
    urls = [world.stack.url(name) for name in ORACLES]
    return App(wallet_of(world.stack, role), key, found, urls)


@pytest.mark.parametrize("pause", [0, 1.3])
def test_one_order_at_every_oracle_is_one_track(world, request_of, pause):  # noqa: F811
    request, before = request_of(), world.app.escrow()
    order, sent = order_of(world.app, request), sent_transactions(world)
    for oracle in ORACLES:
        assert send(world, world.app, oracle, request, order).status_code == TAKEN
        time.sleep(pause)
    generation = world.app.id_of(order)
    for oracle in ORACLES:
        view = end_at(world, oracle, generation)
        assert view["stage"] == "settled", view["detail"]
        assert links_lead_to_files(view)
    assert len(world.settlements(generation)) == 1
    assert before - world.app.escrow() == order.max_price
    assert sent_transactions(world) == sent + 1


def test_one_nonce_buys_one_track_at_two_oracles(world, request_of):  # noqa: F811
    cheap, dear = request_of(length=5, tier="personal"), request_of(length=7)
    first = order_of(world.app, cheap)
    second = order_of(world.app, dear, nonce=first.nonce)
    answers = send_all(
        world, world.app, [(ORACLES[0], cheap, first), (ORACLES[1], dear, second)]
    )
    taken = [o for o, answer in zip((first, second), answers, strict=True)
             if answer.status_code == TAKEN]  # fmt: skip
    ids = [world.app.id_of(order) for order in taken]
    ends = [end_at(world, oracle, generation)
            for oracle, generation in zip(ORACLES, ids, strict=False)]  # fmt: skip
    stages = sorted(view["stage"] for view in ends)
    assert stages.count("settled") == 1
    for view in ends:
        if view["stage"] != "settled":
            assert view["stage"] in UNPAID
            assert (view["links"]["audio"], view["links"]["trace"]) == (None, None)
            assert not world.settlements(view["id"])


def test_a_nonce_far_ahead_of_an_open_order_is_refused(world, request_of):  # noqa: F811
    request = request_of()
    near = order_of(world.app, request)
    assert send(world, world.app, ORACLES[0], request, near).status_code == TAKEN
    far = order_of(world.app, request, nonce=near.nonce + 70)
    answer = send(world, world.app, ORACLES[1], request, far)
    if answer.status_code == TAKEN:
        # The second oracle has not heard of the first order yet; the set refuses the far one.
        assert end_at(world, ORACLES[1], world.app.id_of(far))["stage"] in UNPAID
    else:
        assert (answer.status_code, answer.json()["field"]) == (INVALID, "order.nonce")
    assert end_at(world, ORACLES[0], world.app.id_of(near))["stage"] == "settled"


def test_quotes_in_a_row_offer_different_nonces(world, request_of):  # noqa: F811
    nonces = [order_of(world.app, request_of()).nonce for _ in range(3)]
    assert len(set(nonces)) == 3
    offered = []
    for oracle in ORACLES:
        body = {"request": request_of().to_json(), "payer": world.app.address}
        answer = httpx.post(f"{world.stack.url(oracle)}/v1/quotes", json=body, timeout=30).json()
        offered.append(int(answer["typed_data"]["message"]["nonce"]))
    assert len({nonce % len(ORACLES) for nonce in offered}) == len(ORACLES)


def test_escrow_for_one_track_buys_one_track_at_three_oracles(
    world, request_of, poor  # noqa: F811
):
    requests = [request_of(length=length) for length in (6, 7, 8)]
    poor.mint(320_000)
    poor.fund(320_000)
    orders = []
    for request in requests:
        offered = order_of(world.app, request)
        orders.append(replace(offered, payer=poor.address, nonce=len(orders)))
    sent = sent_transactions(world)
    placed = list(zip(ORACLES, requests, orders, strict=True))
    answers = send_all(world, poor, placed)
    assert any(answer.status_code == TAKEN for answer in answers)
    ends = [end_at(world, oracle, poor.id_of(order))
            for (oracle, _, order), answer in zip(placed, answers, strict=True)
            if answer.status_code == TAKEN]  # fmt: skip
    assert [view["stage"] for view in ends].count("settled") == 1
    assert sent_transactions(world) == sent + 1
    unpaid = [view for view in ends if view["stage"] != "settled"]
    assert all(view["links"]["audio"] is None for view in unpaid)


def test_a_deadline_that_passes_while_the_nodes_are_busy_ends_the_order_unpaid(
    world, request_of  # noqa: F811
):
    request = request_of()
    newest = int(world.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    order = order_of(world.app, request, deadline=newest + 45)
    before = world.app.escrow()
    pids = [world.stack.processes.pid(node) for node in NODES]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        answer = send(world, world.app, ORACLES[0], request, order)
        chain = local_chain(world.stack)
        chain.rpc("evm_increaseTime", 120)
        for _ in range(world.stack.confirmations + 2):
            chain.mine()
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    if answer.status_code == TAKEN:
        view = end_at(world, ORACLES[0], world.app.id_of(order))
        assert view["stage"] in UNPAID
        assert view["links"]["audio"] is None
    assert world.app.escrow() == before


def test_a_cancelled_order_is_never_made_and_a_made_one_is_not_cancelled(
    world, request_of  # noqa: F811
):
    request = request_of()
    order = order_of(world.app, request)
    generation = world.app.id_of(order)
    pids = [world.stack.processes.pid(node) for node in NODES]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert send(world, world.app, ORACLES[0], request, order).status_code == TAKEN
        assert world.app.cancel(generation)["stage"] == "cancelled"
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    time.sleep(3)
    assert view_at(world, ORACLES[0], generation)["stage"] == "cancelled"
    assert not world.settlements(generation)
    other = world.place(request_of())
    until(lambda: view_at(world, ORACLES[0], other)["stage"] not in BEFORE_MADE)
    with pytest.raises((Conflict, Refused)):
        world.app.cancel(other)
    assert world.app.wait(other)["stage"] == "settled"


def test_a_stranger_cannot_cancel(world, request_of, poor):  # noqa: F811
    generation = world.place(request_of())
    signature = "0x" + poor._key.sign(poor._typed.cancel_digest(generation)).hex()
    url = f"{world.stack.url(ORACLES[0])}/v1/generations/{generation}"
    answer = httpx.request("DELETE", url, json={"signature": signature}, timeout=30)
    assert answer.status_code == UNAUTHORISED
    assert world.app.wait(generation)["stage"] == "settled"


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["ordered", "consented", "generated", "published"])
def test_a_leader_that_dies_is_replaced_and_the_payer_pays_once(
    world, request_of, stage  # noqa: F811
):
    leader, before = ORACLES[0], world.app.escrow()
    world.stack.processes.kill(leader)
    world.stack.start_oracle(leader, {"REFRAIN_CRASH": f"after:{stage}:1"})
    world.stack.await_health(leader)
    try:
        request = request_of()
        order = order_of(world.app, request)
        for oracle in ORACLES:
            send(world, world.app, oracle, request, order)
        generation = world.app.id_of(order)
        view = end_at(world, ORACLES[1], generation, 300)
        assert view["stage"] == "settled", view["detail"]
        assert links_lead_to_files(view)
    finally:
        world.stack.processes.kill(leader)
        world.stack.start_oracle(leader)
        world.stack.await_ready(leader)
    assert end_at(world, leader, generation)["stage"] == "settled"
    assert before - world.app.escrow() == order.max_price
    assert len(world.settlements(generation)) == 1


def test_a_reorganisation_after_the_settlement_is_noticed_and_paid_once(
    world, request_of  # noqa: F811
):
    for _ in range(15):
        local_chain(world.stack).mine()
    generation = world.place(request_of())
    assert world.app.wait(generation)["stage"] == "settled"
    before, transaction = world.app.escrow(), view_at(world, ORACLES[0], generation)["transaction"]
    world.rpc("anvil_reorg", 12, [])
    chain = local_chain(world.stack)
    assert world.app.escrow() > before
    until(lambda: view_at(world, ORACLES[0], generation)["stage"] != "settled", 60)
    give_ether(world.stack, SENDERS)

    def settled_again() -> bool:
        chain.mine()
        return view_at(world, ORACLES[0], generation)["stage"] == "settled"

    until(settled_again, 240)
    assert world.app.escrow() == before
    [log] = world.settlements(generation)
    assert log["transactionHash"] == transaction

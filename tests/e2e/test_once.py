"""One order settles exactly once, after repeated requests and after crashes."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from scripts.stack.layout import NODES, ORACLES

from .world import body_of

pytestmark = pytest.mark.e2e
STAGES = ("ordered", "consented", "generated", "published", "signed", "posted")
OUTBOX = ("before:save", "after:save", "after:send")


def signed_body(world, request):
    order = world.app.order_from(world.app.quote(request), request, 10_000_000)
    return body_of(request, order, world.app.sign(order))


def post(world, body, key):
    url = f"{world.api}/v1/generations"
    return httpx.post(url, json=body, headers={"Idempotency-Key": key}, timeout=60, trust_env=False)


def test_the_same_order_ten_times_in_parallel_is_one_generation(world, request_of):
    body, escrow = signed_body(world, request_of()), world.app.escrow()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: post(world, body, "ten at once"), range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    view = world.app.wait(answers[0].json()["id"])
    assert view["stage"] == "settled", view["detail"]
    assert len(world.settlements(view["id"])) == 1
    assert escrow - world.app.escrow() == int(view["price"])
    again = post(world, body, "another key")
    assert (again.status_code, again.json()["id"]) == (202, view["id"])
    assert len(world.settlements(view["id"])) == 1


def test_an_upgrade_settles_the_difference_once_and_makes_nothing(world, request_of):
    view = world.app.wait(world.place(request_of(tier="personal")))
    assert view["stage"] == "settled", view["detail"]
    escrow = world.app.escrow()
    done = world.app.upgrade(view["id"], "commercial", 10_000_000)
    assert done["stage"] == "settled", done["detail"]
    assert (done["original"], done["vector"]) == (view["id"], view["vector"])
    assert done["links"]["manifest"] == view["links"]["manifest"]
    assert int(done["price"]) == 3 * int(view["price"]) == escrow - world.app.escrow()
    assert len(world.settlements(done["id"])) == len(world.settlements(view["id"])) == 1


def test_a_key_used_by_a_stranger_reserves_nothing(world, request_of):
    first = signed_body(world, request_of())
    begun = post(world, first, "one key")
    assert begun.status_code == 202
    assert post(world, first, "of a stranger").json()["id"] == begun.json()["id"]
    # Other weights make another request and another order.
    second = post(world, signed_body(world, request_of((600_000, 400_000))), "one key")
    assert second.status_code == 202
    for placed in (begun, second):
        assert world.app.wait(placed.json()["id"])["stage"] == "settled"


def restart(world, name, point=None):
    extra = {"REFRAIN_CRASH": f"{point}:1"} if point else {}
    world.stack.start_oracle(name, extra)
    if not point:
        world.stack.await_ready(name)


def await_death(world, name):
    """Waits until the oracle has crashed at its fault point."""
    from scripts.stack.processes import ProcessFailed

    with pytest.raises(ProcessFailed):
        world.stack.processes.wait_until(name, lambda: False, seconds=120)
    world.stack.processes.kill(name)


@pytest.mark.long
def test_an_oracle_killed_between_any_two_stages_settles_once(world, request_of):
    leader, escrow = ORACLES[0], world.app.escrow()
    body = signed_body(world, request_of())
    world.stack.processes.kill(leader)
    restart(world, leader)
    points = [f"{when}:{stage}" for stage in STAGES for when in ("before", "after")]
    at_post = points.index("after:signed")
    world.stack.processes.kill(leader)
    restart(world, leader, points[0])
    world.stack.await_health(leader)
    generation = post(world, body, "killed at every stage").json()["id"]
    for point in [*points[1:at_post], *OUTBOX, *points[at_post:]]:
        await_death(world, leader)
        restart(world, leader, point)
    await_death(world, leader)
    restart(world, leader)
    view = world.app.wait(generation)
    assert view["stage"] == "settled", view["detail"]
    assert len(world.settlements(generation)) == 1
    assert escrow - world.app.escrow() == int(view["price"])


def test_a_node_killed_in_the_middle_of_a_job_makes_it_again(world, request_of):
    escrow = world.app.escrow()
    generation = world.place(request_of(length=30))
    seen = until_running(world, generation)
    world.stack.processes.kill(NODES[0])
    world.stack.start_node(NODES[0])
    world.stack.await_health(NODES[0])
    view = world.app.wait(generation)
    assert "running" in seen
    assert view["stage"] == "settled", view["detail"]
    assert len(world.settlements(generation)) == 1
    assert escrow - world.app.escrow() == int(view["price"])


def until_running(world, generation):
    import time

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        view = world.app.view(generation)
        if "running" in (view["detail"] or ""):
            return view["detail"]
        time.sleep(0.05)
    raise AssertionError(f"the job never ran: {view}")

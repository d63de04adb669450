"""An oracle with batches: one transaction settles three orders, and each can go on alone."""

import hashlib

import pytest

from oracle.adapters.chain import deployment
from oracle.client.court import Court
from scripts.demo import outputs
from scripts.solidity.artifacts import Artifacts
from scripts.solidity.compile import ARTIFACTS
from scripts.stack.chain import wallet_of
from scripts.stack.layout import ORACLES
from scripts.stack.registration import pin_of

from .world import asked

pytestmark = [pytest.mark.e2e, pytest.mark.long]
COUNT = 3


@pytest.fixture(scope="module")
def batching(world):
    """The stack; its first oracle waits for three orders before it settles."""
    leader = ORACLES[0]
    world.stack.processes.kill(leader)
    world.stack.start_oracle(leader, {"REFRAIN_BATCH": str(COUNT), "REFRAIN_BATCH_WAIT": "300"})
    world.stack.await_ready(leader)
    yield world
    world.stack.processes.kill(leader)
    world.stack.start_oracle(leader)
    world.stack.await_ready(leader)


@pytest.fixture(scope="module")
def views(batching):
    """Three settled generations for personal use, ordered at the same time."""
    numbers = sorted(item.recording for item in batching.chosen)
    wanted = []
    for tenths in ((5, 3, 2), (2, 3, 5), (3, 2, 5)):
        pairs = zip(numbers, (part * 100_000 for part in tenths), strict=True)
        wanted.append(asked(pairs, tier="personal"))
    escrow = batching.app.escrow()
    views = [batching.app.wait(each) for each in [batching.place(each) for each in wanted]]
    assert [view["stage"] for view in views] == ["settled"] * COUNT, views
    assert escrow - batching.app.escrow() == sum(int(view["price"]) for view in views)
    return views


def test_three_orders_are_settled_by_one_transaction(batching, views):
    assert len({view["transaction"] for view in views}) == 1
    assert not any(batching.settlements(view["id"]) for view in views)


def test_one_order_of_the_batch_is_upgraded(batching, views):
    done = batching.app.upgrade(views[1]["id"], "commercial", 10_000_000)
    assert done["stage"] == "settled", done["detail"]
    assert int(done["price"]) == 3 * int(views[1]["price"])
    assert done["transaction"] != views[1]["transaction"]


def test_one_order_of_the_batch_is_challenged(batching, views):
    found = deployment.load(batching.stack.deployment)
    wallet = wallet_of(batching.stack, "app")
    court = Court(wallet, found)
    token = Artifacts(ARTIFACTS).contract("TestDollar", found.token)
    wallet.transact(token, "mint", batching.app.address, court.bond())
    brought = court.settled_by(views[2]["transaction"], views[2]["id"])
    assert len(brought.batch) == COUNT
    grounds = b"the third of three is mine"
    pin_of(batching.stack)(grounds)
    court.challenge(brought, hashlib.sha256(grounds).digest())


def test_the_audit_finds_no_mismatch_in_the_batch(batching, views, tmp_path):
    out = outputs.fresh_folder(tmp_path / "out")
    outputs.fetch_pinned(views[0]["links"], out)
    stack = batching.stack.describe() | {"gateway": str(batching.stack.folder / "pins")}
    references = batching.chosen[0].offer.path.parent
    code, lines = outputs.run_audit(stack, out, references)
    wrong = [line for line in lines if line.startswith(("MISMATCH", "UNREADABLE"))]
    assert (code, wrong) == (0, [])
    assert any(line.startswith("ok   batch in 0x") for line in lines)

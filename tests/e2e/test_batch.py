"""An oracle that settles together: orders of one app, one transaction, each as if it were alone."""

import hashlib

import pytest

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifacts
from oracle.domain.request import Reference, Request
from scripts.compile import ARTIFACTS
from scripts.court import Court
from scripts.demo import outcome
from scripts.registration import pin_of
from scripts.stack import ORACLES
from scripts.stack_chain import wallet_of

pytestmark = pytest.mark.e2e
COUNT = 3


@pytest.fixture(scope="module")
def gathering(world):
    """The stack, with a first oracle that waits for three."""
    leader = ORACLES[0]
    world.stack.processes.kill(leader)
    world.stack.start_oracle(leader, {"REFRAIN_BATCH": str(COUNT), "REFRAIN_BATCH_WAIT": "60"})
    world.stack.await_ready(leader)
    yield world
    world.stack.processes.kill(leader)
    world.stack.start_oracle(leader)
    world.stack.await_ready(leader)


@pytest.fixture(scope="module")
def views(gathering):
    """Three generations for personal use, ordered at once."""
    numbers = sorted(item.recording for item in gathering.chosen)
    asked = []
    for count, tenths in enumerate(((5, 3, 2), (2, 3, 5), (3, 2, 5))):
        pairs = zip(numbers, tenths, strict=True)
        references = tuple(Reference(number, part * 100_000) for number, part in pairs)
        asked.append(Request("mosaic", 6, f"of three, {count}", references, "realised", "personal"))
    escrow = gathering.app.escrow()
    views = [gathering.app.wait(each) for each in [gathering.place(each) for each in asked]]
    assert [view["stage"] for view in views] == ["settled"] * COUNT, views
    assert escrow - gathering.app.escrow() == sum(int(view["price"]) for view in views)
    return views


def test_three_orders_are_settled_by_one_transaction(gathering, views):
    assert len({view["transaction"] for view in views}) == 1
    assert not any(gathering.settlements(view["id"]) for view in views)


def test_one_of_them_is_upgraded(gathering, views):
    done = gathering.app.upgrade(views[1]["id"], "commercial", 10_000_000)
    assert done["stage"] == "settled", done["detail"]
    assert int(done["price"]) == 3 * int(views[1]["price"])
    assert done["transaction"] != views[1]["transaction"]


def test_one_of_them_is_taken_to_court(gathering, views):
    found = deployment.load(gathering.stack.deployment)
    wallet = wallet_of(gathering.stack, "app")
    court = Court(wallet, found, Artifacts(ARTIFACTS))
    token = Artifacts(ARTIFACTS).contract("TestDollar", found.token)
    wallet.transact(token, "mint", gathering.app.address, court.bond())
    brought = court.settled_by(views[2]["transaction"], views[2]["id"])
    assert len(brought.batch) == COUNT
    grounds = b"the third of three is mine"
    pin_of(gathering.stack)(grounds)
    court.challenge(brought, hashlib.sha256(grounds).digest())


def test_the_audit_agrees_with_all_of_it(gathering, views, tmp_path):
    out = outcome.fresh_folder(tmp_path / "out")
    outcome.fetch_pinned(views[0]["links"], out)
    stack = gathering.stack.describe() | {"gateway": str(gathering.stack.folder / "pins")}
    references = gathering.chosen[0].offer.path.parent
    code, lines = outcome.run_audit(stack, out, references)
    wrong = [line for line in lines if line.startswith(("MISMATCH", "UNREADABLE"))]
    assert (code, wrong) == (0, [])
    assert any(line.startswith("ok   batch in 0x") for line in lines)

"""The gas check fails when a figure is worse than the committed; the page is made of those."""

import pytest

from scripts.bench.figures import Figure
from scripts.bench.gas import snapshot
from scripts.bench.gas.chain_bench import FRESH, SIZES, settle
from scripts.bench.gas.goals import APART, FRESH_APART, GOALS, SHARES, alone, figures
from scripts.bench.gas.peers import PEERS, SPLITS

BEFORE = {"revoke": {"ours": 100_000}, "revoke / somebody": {"ours": 100_000}}


@pytest.mark.parametrize("now", [50_000, 100_000, 101_000])
def test_up_to_one_per_cent_more_passes(now):
    assert snapshot.worse({"revoke": now}, BEFORE) == []


@pytest.mark.parametrize(
    ("now", "more"), [(101_001, "1.00"), (101_100, "1.10"), (150_000, "50.00")]
)
def test_more_than_one_per_cent_above_fails_with_both_figures(now, more):
    [line] = snapshot.worse({"revoke": now}, BEFORE)
    assert line == f"revoke: {now:,} gas, {more} % above the snapshot's 100,000"


def test_a_figure_on_one_side_only_fails():
    assert snapshot.worse({"settle": 1}, BEFORE) == [
        "revoke: in the snapshot, not measured", "settle: not in the snapshot",
    ]


def test_the_committed_figures_fail_when_any_one_of_them_is_worse():
    committed = snapshot.read()
    own = {name: committed[name]["ours"] for name in alone(committed)}
    assert snapshot.worse(own, committed) == []
    for name, gas in own.items():
        [line] = snapshot.worse({**own, name: gas * 1011 // 1000 + 1}, committed)
        assert line.startswith(f"{name}: ")


def test_an_update_is_read_back_and_passes_the_check(tmp_path):
    snapshot.update([Figure("revoke", 30_000, 29_900)], tmp_path)
    assert snapshot.worse({"revoke": 30_000}, snapshot.read(tmp_path)) == []
    assert "| revoke | 30,000 | 29,900 | no |" in (tmp_path / "gas.md").read_text()


def test_the_committed_page_is_made_of_the_committed_figures():
    assert (snapshot.FOLDER / "gas.md").read_text() == snapshot.page(snapshot.read())


def test_the_snapshot_has_the_goals_and_peers_of_the_table():
    committed = snapshot.read()
    assert {name: committed[name]["goal"] for name in GOALS} == GOALS
    assert {f"{name} / {peer}" for name, peer in SHARES} <= set(committed)
    assert all(any(name.endswith(peer.name) for name in committed) for peer in PEERS)


def settled(first, later, fresh=100):
    gas = {"first": first, FRESH: fresh, "later": later}
    return {settle(size, when): gas[when] for size in SIZES for when in gas}


@pytest.mark.parametrize(("first", "holds"), [(100, True), (101, True), (102, False), (98, False)])
def test_first_and_later_are_within_one_per_cent_of_each_other(first, holds):
    found = {figure.name: figure for figure in figures(settled(first, 100), {})}
    assert APART == 1
    assert found["settle 10, dearer of first and later / the cheaper"].holds is holds


@pytest.mark.parametrize(("fresh", "holds"), [(103, True), (104, False), (90, True)])
def test_the_first_of_an_epoch_has_a_bound_of_its_own(fresh, holds):
    found = {figure.name: figure for figure in figures(settled(100, 100, fresh), {})}
    assert FRESH_APART == 3
    assert found["settle 100 first of an epoch / later"].holds is holds


@pytest.mark.parametrize(("ours", "holds"), [(86, True), (87, False)])
def test_a_pair_with_a_share_is_held_against_that_share_of_the_peer(ours, holds):
    found = figures(settled(ours, ours), {SPLITS.name: {settle(2, "later"): 100}, "x": {}})
    [pair] = [figure for figure in found if figure.name == f"settle 2 later / {SPLITS.name}"]
    assert (pair.goal, pair.peer, pair.holds) == (86, 100, holds)


def test_a_pair_without_a_share_is_held_against_the_peer():
    found = figures(settled(101, 101), {"x": {settle(2, "later"): 100}})
    [pair] = [figure for figure in found if figure.name == "settle 2 later / x"]
    assert (pair.goal, pair.ratio, pair.holds) == (None, 1.01, False)

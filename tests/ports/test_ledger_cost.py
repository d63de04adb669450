"""Reads of the ledger cost the same whatever the history, and are right after a reorganisation."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.client.artist import Song
from oracle.domain.errors import Inconsistent, Unavailable
from tests.support.chain_world import chain_world, copied_world
from tests.support.rpc_proxy import proxy_of

ORDER = "0x" + "11" * 32


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with chain_world(tmp_path_factory.mktemp("songs")) as world:
        world.chain.mine(20)
        yield world


@pytest.fixture
def world(built):
    snapshot = built.chain.rpc("evm_snapshot")
    yield built
    built.chain.rpc("evm_revert", snapshot)


@pytest.fixture
def proxied(world):
    with proxy_of(world.chain.url) as proxy:
        yield proxy, ChainLedger(Rpc(proxy.url), world.deployment, 2)


def standing(world, ledger, nonces=(0,), fresh=True):
    asked = (world.address("payer"), list(nonces), [world.address("node")], world.oracle_set)
    return ledger.standing(*asked, [1, 2, 3], fresh=fresh)


def requests(proxy, ask):
    before = proxy.requests
    ask()
    return proxy.requests - before


class TestStanding:
    def test_a_new_block_costs_its_header_one_batch_and_its_logs(self, world, proxied):
        proxy, ledger = proxied
        standing(world, ledger)
        for _ in range(3):
            world.chain.mine()
            assert requests(proxy, lambda: standing(world, ledger)) == 3

    def test_a_known_block_costs_its_header_only(self, world, proxied):
        proxy, ledger = proxied
        standing(world, ledger)
        assert requests(proxy, lambda: standing(world, ledger, nonces=(7, 8))) == 1

    def test_within_a_quarter_of_a_second_nothing_is_asked(self, world, proxied):
        proxy, ledger = proxied
        standing(world, ledger)
        ledger._heads._clock = lambda: 0.0
        standing(world, ledger)
        world.chain.mine()
        old = standing(world, ledger, fresh=False)
        assert requests(proxy, lambda: standing(world, ledger, fresh=False)) == 0
        new = standing(world, ledger)
        assert new.newest.number == old.newest.number + 1 == world.chain.height()

    def test_a_fresh_look_sees_what_just_happened(self, world, proxied):
        _, ledger = proxied
        assert standing(world, ledger, fresh=False).used == frozenset()
        world.settle(world.case())
        assert standing(world, ledger).used == {0}

    def test_a_lens_of_another_ledger_is_refused(self, world):
        other = replace(world.deployment, lens=world.deployment.ledger)
        with pytest.raises((Inconsistent, Unavailable)):
            standing(world, ChainLedger(world.rpc, other, 0))


    def test_payers_of_the_block_before_are_read_together_at_a_new_one(self, world, proxied):
        proxy, ledger = proxied
        payers = [world.address(role) for role in ("payer", "stranger", "mara", "jonas")]

        def account(payer):
            return ledger.standing(payer, [], [], world.oracle_set, [1], fresh=True).account

        first = [account(payer) for payer in payers]
        world.chain.mine()
        proxy.counts.clear()
        assert account(payers[2]) == first[2]
        calls = proxy.counts["eth_call"]
        assert [account(payer) for payer in payers] == first
        assert proxy.counts["eth_call"] == calls
        assert first[0].escrow > 0 == first[1].escrow


class TestStatement:
    def test_the_second_statement_asks_for_new_blocks_only(self, world, proxied):
        proxy, ledger = proxied
        cases = [world.case(nonce) for nonce in range(3)]
        for case in cases:
            world.settle(case)
        world.chain.mine(30)
        first = ledger.statement(world.address("mara"))
        assert [row.order for row in first] == [case.generation for case in cases]
        asked = []
        proxy.watch = lambda method, params: asked.append((method, params))
        assert ledger.statement(world.address("holder")) and ledger.statement(world.address("mara"))
        assert [method for method, _ in asked] == ["eth_getBlockByNumber"] * 2
        world.settle(world.case(3))
        world.chain.mine(2)
        assert len(ledger.statement(world.address("mara"))) == 4
        [ranges] = [params[0] for method, params in asked if method == "eth_getLogs"]
        assert int(ranges["fromBlock"], 16) > world.chain.height() - 24
        assert ranges["address"] == [world.deployment.ledger, world.deployment.splits]

    def test_it_is_the_same_as_one_that_reads_everything(self, world, proxied):
        _, ledger = proxied
        for nonce in range(3):
            world.settle(world.case(nonce))
            world.chain.mine(9)
            for role in ("mara", "jonas", "holder"):
                payee = world.address(role)
                assert ledger.statement(payee) == world.ledger(2).statement(payee) != []


class TestCatalogue:
    def test_a_page_costs_the_same_after_many_registrations(self, world, proxied, tmp_path):
        proxy, ledger = proxied
        path = tmp_path / "many.wav"
        path.write_bytes(b"many")
        costs = []
        for _ in range(3):
            songs = [Song(path, str(n), "Mara") for n in range(120)]
            world.artist("mara").register(songs)
            world.chain.mine()
            ledger.recordings(1, 3)
            world.chain.mine()
            costs.append(requests(proxy, lambda: ledger.recordings(1, 3)))
        assert costs == [4, 4, 4]

    def test_an_older_block_has_the_consents_of_then(self, world):
        ledger, artist = world.ledger(), world.artist("mara")
        heights = [world.chain.height()]
        for act in (lambda: artist.revoke(1), lambda: artist.amend(1, 2**32 - 1, 5, 9_000),
                    lambda: artist.revoke(1)):  # fmt: skip
            world.chain.mine(2)
            act()
            heights.append(world.chain.height())
        world.chain.mine(20)
        found = [ledger.recordings_at([1, 2], height)[1] for height in heights]
        times = [ledger.block_at(height).timestamp for height in heights]
        assert [one.revoked_at for one in found] == [0, times[1], 0, times[3]]
        assert [one.max_share for one in found] == [10_000, 10_000, 9_000, 9_000]


class TestSettlement:
    def test_a_poll_costs_one_request_and_two_after_a_new_block(self, world, proxied):
        proxy, ledger = proxied
        ledger.settlement(ORDER)
        assert requests(proxy, lambda: ledger.settlement(ORDER)) == 1
        world.chain.mine()
        assert requests(proxy, lambda: ledger.settlement(ORDER)) == 2

    def test_settlements_of_others_cost_nothing_more(self, world, proxied):
        proxy, ledger = proxied
        ledger.settlement(ORDER)
        world.chain.mine(30)
        before = requests(proxy, lambda: ledger.settlement(ORDER))
        cases = [world.case(nonce) for nonce in range(8)]
        for case in cases:
            world.settle(case)
        world.chain.mine(22)
        assert requests(proxy, lambda: ledger.settlement(ORDER)) == before == 4
        assert all(ledger.settlement(case.generation) for case in cases)
        assert requests(proxy, lambda: ledger.settlement(cases[0].generation)) == 1

    def test_many_polls_at_once_share_one_reading_of_a_new_block(self, world, proxied):
        proxy, ledger = proxied
        ledger.settlement(ORDER)
        world.chain.mine()
        proxy.counts.clear()
        start = threading.Barrier(16)

        def poll():
            start.wait(20)
            ledger.settlement(ORDER)

        threads = [threading.Thread(target=poll) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert proxy.counts["eth_getLogs"] == 1
        assert proxy.counts["eth_getBlockByNumber"] <= 8


class TestReorganisation:
    """On chains of their own, because Anvil cannot revert to a snapshot that is undone."""

    @pytest.mark.parametrize("depth", [3, 12])
    def test_a_settlement_is_gone_and_comes_back(self, tmp_path, depth):
        with copied_world(tmp_path) as world:
            ledger, case = world.ledger(2), world.case()
            world.chain.mine(20)
            world.settle(case)
            world.chain.mine(depth - 1)
            found = ledger.settlement(case.generation)
            assert found == ledger.settlement_seen(case.generation) is not None
            world.chain.rpc("anvil_reorg", depth, [])
            assert ledger.settlement(case.generation) is None
            assert ledger.settlement_seen(case.generation) is None
            payer = world.address("payer")
            asked = (payer, [case.order.nonce], [], world.oracle_set, [])
            assert ledger.standing(*asked, fresh=True).used == frozenset()
            world.settle(case)
            assert ledger.settlement(case.generation) is None
            assert ledger.settlement_seen(case.generation) is not None
            world.chain.mine(2)
            assert ledger.settlement(case.generation).block > found.block
            ledger.require_finality()

    def test_consents_of_undone_blocks_are_dropped(self, tmp_path):
        with copied_world(tmp_path) as world:
            ledger = world.ledger(2)
            world.chain.mine(20)
            world.artist("mara").revoke(1)
            (number,) = world.artist("jonas").register(world.songs[:1])
            world.chain.mine(3)
            closed = ledger.closed_block().number
            assert ledger.recordings_at([1, number], closed)[1].revoked_at
            world.chain.rpc("anvil_reorg", 12, [])
            again = ledger.recordings_at([1, number], closed)
            assert number not in again and again[1].revoked_at == 0

    def test_one_below_the_finalized_block_is_an_alarm(self, tmp_path):
        with copied_world(tmp_path) as world:
            ledger = world.ledger(2)
            world.chain.mine(80)
            assert ledger.finalized_block().number == world.chain.height() - 64
            world.chain.rpc("anvil_reorg", 66, [])
            ledger.closed_block()
            with pytest.raises(Inconsistent, match=r"finality: .* which was final"):
                ledger.require_finality()

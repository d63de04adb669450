"""The ledger port on a real chain, also when the node fails or lies or the chain reorganises."""

from __future__ import annotations

import json
import time
from dataclasses import astuple, replace

import pytest

from oracle.adapters.chain.event_scan import DEEP
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.client.artist import Song
from oracle.domain.attestation import OracleSet
from oracle.domain.consent import check
from oracle.domain.errors import Inconsistent, InvalidInput, NotFound, RefrainError, Unavailable
from scripts.solidity.artifacts import Artifacts
from tests.support.chain_world import ESCROW, PRICE, chain_world
from tests.support.rpc_proxy import ANSWERS, proxy_of

NOBODY = "0x" + "0" * 40
ORDER = "0x" + "11" * 32


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with chain_world(tmp_path_factory.mktemp("songs")) as world:
        yield world


@pytest.fixture
def world(built):
    """The chain and its roles; the state is restored after each test."""
    snapshot = built.chain.rpc("evm_snapshot")
    yield built
    built.chain.rpc("evm_revert", snapshot)


@pytest.fixture
def proxied(world):
    """(proxy, ledger behind it); the proxy works at first."""
    with proxy_of(world.chain.url) as proxy:
        yield proxy, ChainLedger(Rpc(proxy.url), world.deployment, 1)


def plain(value):
    """Whether a value consists only of our own dataclasses and Python's basic types."""
    if type(value) in (tuple, list):
        return all(plain(item) for item in value)
    return type(value) in (int, str, bytes, bool, type(None))


class TestBlocks:
    def test_the_closed_block_has_the_required_confirmations(self, world):
        height = world.chain.height()
        for confirmations in (0, 1, 3):
            closed = world.ledger(confirmations).closed_block()
            assert closed.number == height - confirmations
            assert world.ledger().block_at(closed.number) == closed

    def test_the_first_block_is_closed_on_a_young_chain(self, world):
        assert world.ledger(10_000).closed_block().number == 0

    def test_a_block_after_the_newest_is_not_found(self, world):
        with pytest.raises(NotFound):
            world.ledger().block_at(world.chain.height() + 1)


class TestRecordings:
    def test_all_registered_values_are_read(self, world):
        found = world.ledger().recording(1)
        song = world.songs[0]
        assert (found.id, found.owner, found.split) == (1, world.address("mara"), 0)
        assert (found.uses, found.max_share, found.isrc) == (5, 10_000, song.isrc)
        assert found.consent_from < found.consent_until and found.revoked_at == 0
        assert len(found.audio) == 64 and found.metadata.startswith("0x")

    def test_an_unknown_recording_is_none(self, world):
        ledger = world.ledger()
        assert ledger.recording(4) is None and ledger.recording(2**32 - 1) is None

    def test_a_range_includes_both_ends_and_no_unknown_ids(self, world):
        ledger = world.ledger()
        assert [r.id for r in ledger.recordings(2, 99)] == [2, 3]
        assert [r.id for r in ledger.recordings(0, 1)] == [1]
        assert ledger.recordings(4, 9) == [] and ledger.recordings(3, 2) == []
        assert ledger.recordings(1, 3)[1] == ledger.recording(2)
        found = ledger.recordings_at([3, 99, 1], world.chain.height())
        assert found == {3: ledger.recording(3), 1: ledger.recording(1)}

    def test_more_recordings_than_one_batch_are_read_in_order(self, world, tmp_path):
        path = tmp_path / "many.wav"
        path.write_bytes(b"many")
        songs = [Song(path, f"{n}", "Mara", isrc=f"N{n}") for n in range(130)]
        assert world.artist("mara").register(songs) == list(range(4, 134))
        ledger = world.ledger()
        found = ledger.recordings(1, 200)
        assert [r.id for r in found] == list(range(1, 134)) and found[-1].isrc == "N129"
        assert ledger.recording_count() == 133

    def test_a_recording_is_read_as_of_a_block(self, world):
        before = world.chain.height()
        world.artist("mara").revoke(2)
        ledger = world.ledger()
        then, now = ledger.recording(2, before), ledger.recording(2)
        assert then.revoked_at == 0 and then.consent_until > now.consent_until

    def test_a_recording_is_unknown_before_its_registration(self, world):
        before = world.chain.height()
        (number,) = world.artist("mara").register(world.songs[:1])
        assert world.ledger().recording(number) and not world.ledger().recording(number, before)

    def test_a_revocation_ends_consent_at_its_block(self, world):
        receipt = world.artist("mara").revoke(1)
        at = world.ledger().block_at(receipt.block).timestamp
        found = world.ledger().recording(1)
        assert found.revoked_at == at == found.consent_until

    def test_a_revocation_after_the_end_is_later_than_the_end(self, world, tmp_path):
        # The reason for the app is then "expired" and not "revoked".
        path = tmp_path / "short.wav"
        path.write_bytes(b"short")
        until = world.rpc.block().timestamp + 100
        (number,) = world.artist("mara").register([Song(path, "s", "Mara", consent_until=until)])
        world.chain.rpc("evm_increaseTime", 500)
        world.artist("mara").revoke(number)
        found = world.ledger().recording(number)
        assert found.consent_until == until and found.revoked_at > until

    def test_a_replaced_consent_applies_to_tracks_made_under_it(self, world):
        at = world.rpc.block().timestamp
        before = world.ledger().recording(1)
        assert (before.version, before.past) == (0, None)
        world.chain.rpc("evm_increaseTime", 1)
        world.artist("mara").amend(1, 2**32 - 1, uses=1, max_share=5_000)
        found = world.ledger().recording(1)
        assert (found.version, found.uses, found.max_share) == (1, 1, 5_000)
        assert (found.past.uses, found.past.max_share) == (5, 10_000)
        assert found.past.consent_until == found.consent_from > at
        assert check(1, found, 5, at, 1_000_000) is None
        assert check(1, found, 5, found.consent_from, 1_000).reason == "unpermitted"
        world.settle(world.case(generated_at=at))
        with pytest.raises(Inconsistent, match="Settlement_UseNotPermitted"):
            world.settle(world.case(nonce=1))

    def test_a_renewed_consent_is_not_revoked(self, world):
        world.artist("mara").revoke(1)
        world.artist("mara").amend(1, 2**32 - 1, uses=5, max_share=10_000)
        found = world.ledger().recording(1)
        assert found.revoked_at == 0 and found.past.consent_until <= found.consent_from
        world.artist("mara").revoke(1)
        assert world.ledger().recording(1).revoked_at

    def test_floors_are_read_by_tier(self, world):
        assert world.ledger().recording(1).floors == (0, 0, 0, 0)
        before = world.chain.height()
        world.artist("mara").set_floors(1, [100, 2**64 - 1])
        assert world.ledger().recording(1).floors == (100, 2**64 - 1, 0, 0)
        assert world.ledger().recording(1, before).floors == (0, 0, 0, 0)

    def test_a_new_owner_is_read_after_its_acceptance(self, world):
        world.artist("mara").offer(1, world.address("holder"))
        assert world.ledger().recording(1).owner == world.address("mara")
        world.artist("holder").accept(1, split=1)
        found = world.ledger().recording(1)
        assert (found.owner, found.split) == (world.address("holder"), 1)


class TestRemembered:
    """The catalogue's events of closed blocks are read once."""

    def test_a_closed_block_is_not_read_twice(self, world, proxied):
        proxy, ledger = proxied
        world.chain.mine(DEEP + 3)
        closed = world.chain.height() - DEEP
        assert ledger.recording(1) and ledger.recording(2)
        asked = []
        proxy.watch = lambda method, params: method == "eth_getLogs" and asked.append(params[0])
        first = ledger.recording(3).audio
        assert asked == []
        world.artist("mara").revoke(1)
        assert ledger.recording(3).audio == first and ledger.recording(1).revoked_at
        assert [int(log["fromBlock"], 16) for log in asked] == [closed + 1]

    def test_events_of_an_undone_block_are_dropped(self, tmp_path):
        with chain_world(tmp_path) as world:
            ledger = world.ledger()
            world.artist("mara").revoke(1)
            assert ledger.recording(1).revoked_at
            world.chain.rpc("anvil_reorg", 2, [])
            assert ledger.recording(1).revoked_at == 0
            (number,) = world.artist("jonas").register(world.songs[:1])
            assert ledger.recording(number).owner == world.address("jonas")

    def test_a_node_with_missing_logs_is_asked_again(self, world):
        with proxy_of(world.chain.url) as proxy:
            ledger = ChainLedger(Rpc(proxy.url), world.deployment, 0)
            proxy.lies["eth_getLogs"] = []
            with pytest.raises(Unavailable, match="behind its state"):
                ledger.recording(1)
            proxy.lies.clear()
            assert ledger.recording(1).audio


class TestStanding:
    def test_an_account(self, world):
        ledger = world.ledger()
        payer = world.address("payer")
        assert ledger.account(payer).escrow == ESCROW and ledger.account(payer).next_nonce == 0
        world.settle(world.case(nonce=4))
        assert ledger.account(payer).escrow == ESCROW - PRICE
        assert ledger.account(payer).next_nonce == 5
        assert ledger.nonce_used(payer, 4) and not ledger.nonce_used(payer, 3)
        assert ledger.account(NOBODY).escrow == 0

    def test_addresses_are_accepted_in_either_case(self, world):
        assert world.ledger().account(world.address("payer").lower()).escrow == ESCROW
        assert world.ledger().node_allowed(world.address("node").lower())

    @pytest.mark.parametrize("text", ["", "0x12", "payer.eth", None, "0x" + "zz" * 20])
    def test_text_that_is_not_an_address_is_refused(self, world, text):
        ledger = world.ledger()
        for ask in (ledger.account, ledger.node_allowed, ledger.statement):
            with pytest.raises(InvalidInput):
                ask(text)

    def test_terms_of_a_set(self, world):
        ledger = world.ledger()
        terms = ledger.set_terms(world.oracle_set)
        assert (terms.active, terms.protocol_bps, terms.node_cap_bps) == (True, 500, 2_000)
        assert terms.cap == 10_000_000_000
        unknown = ledger.set_terms(replace(world.oracle_set, threshold=3))
        assert astuple(unknown) == (False, 0, 0, 0, 0)

    def test_a_requested_exit_has_its_time(self, world):
        payer = world.address("payer")
        assert world.ledger().account(payer).exit_time == 0
        world.transact("payer", "requestExit")
        assert world.ledger().account(payer).exit_time > world.rpc.block().timestamp
        world.transact("payer", "cancelExit")
        assert world.ledger().account(payer).exit_time == 0

    def test_a_pause(self, world):
        assert not world.ledger().paused()
        world.transact("guardian", "pause")
        assert world.ledger().paused()
        assert world.ledger().set_terms(world.oracle_set).active

    def test_nodes(self, world):
        ledger = world.ledger()
        assert ledger.node_spent(world.address("node")) == 0
        world.settle(world.case())
        assert ledger.node_spent(world.address("node")) == PRICE
        assert ledger.node_allowed(world.address("node"))
        assert not ledger.node_allowed(world.address("stranger"))


class TestSettlement:
    def test_a_settlement_counts_after_its_confirmations(self, world):
        case, ledger = world.case(), world.ledger(2)
        transaction = world.settle(case)
        assert ledger.settlement(case.generation) is None
        assert ledger.settlement_seen(case.generation).transaction == transaction
        world.chain.mine(1)
        assert ledger.settlement(case.generation) is None
        world.chain.mine(1)
        found = ledger.settlement(case.generation)
        assert found.transaction == transaction and found.order == case.generation
        assert found.price == PRICE and found.manifest == case.attestation.manifest
        assert found.recordings == (1, 3) and found.amounts == (612_000, 408_000)

    def test_an_unknown_order_has_no_settlement(self, world):
        assert world.ledger().settlement(ORDER) is None

    def test_a_reorganisation_removes_a_settlement(self, tmp_path):
        # A separate chain, because Anvil cannot revert to a snapshot that a reorganisation removed.
        with chain_world(tmp_path) as world:
            case, ledger = world.case(), world.ledger()
            world.settle(case)
            assert ledger.settlement(case.generation)
            world.chain.rpc("anvil_reorg", 2, [])
            assert ledger.settlement(case.generation) is None

    def test_logs_of_an_undone_block_are_ignored(self, tmp_path):
        with chain_world(tmp_path) as world, proxy_of(world.chain.url) as proxy:
            case = world.case()
            world.settle(case)
            asked = {"address": world.deployment.ledger, "fromBlock": "0x0"}
            asked["topics"] = [world.ledger().contract.topic("Settled")]
            logs = world.chain.rpc("eth_getLogs", asked)
            ledger = ChainLedger(Rpc(proxy.url), world.deployment, 0)
            proxy.lies["eth_getLogs"] = logs
            assert ledger.settlement(case.generation)
            world.chain.rpc("anvil_reorg", 2, [])
            assert ledger.settlement(case.generation) is None


class TestStatement:
    def rows(self, world, role):
        return world.ledger().statement(world.address(role))

    def test_owners_and_holders_see_what_they_earn(self, world):
        case = world.case()
        world.settle(case)
        (mara,), (jonas,), (holder,) = (self.rows(world, r) for r in ("mara", "jonas", "holder"))
        assert (mara.kind, mara.recording, mara.share, mara.amount) == (
            "credited", 1, 1_000_000, 612_000,
        )  # fmt: skip
        assert (jonas.share, holder.share) == (700_000, 300_000)
        assert jonas.amount == holder.amount == 408_000
        assert jonas.order == case.generation
        assert jonas.manifest == "0x" + case.attestation.manifest.hex()

    def test_withdrawals_sum_to_the_credits(self, world):
        for nonce in range(3):
            world.settle(world.case(nonce, {1: 333_333, 2: 333_333, 3: 333_334}))
        world.pass_windows()
        world.artist("stranger").withdraw([1, 2, 3])
        paid = {}
        for role in ("mara", "jonas", "holder"):
            rows = self.rows(world, role)
            paid[role] = sum(row.amount for row in rows if row.kind == "withdrawn")
            due = sum(r.amount * r.share for r in rows if r.kind == "credited") / 1_000_000
            assert abs(paid[role] - due) < 1 and due > 0
        assert sum(paid.values()) == 3 * PRICE * 85 // 100
        paid = [row for row in self.rows(world, "holder") if row.kind == "withdrawn"]
        assert paid[0].order == paid[0].manifest == "" and paid[0].share is None

    def test_rows_are_sorted_and_end_at_the_closed_block(self, world):
        world.settle(world.case(0, {1: 500_000, 2: 500_000}))
        world.settle(world.case(1, {1: 500_000, 2: 500_000}))
        rows = self.rows(world, "mara")
        keys = [(row.block, row.log_index, row.recording) for row in rows]
        assert keys == sorted(keys) and len(rows) == 4
        assert len(world.ledger(1).statement(world.address("mara"))) == 2

    def test_a_stranger_has_no_rows(self, world):
        world.settle(world.case())
        assert self.rows(world, "stranger") == []


class TestConnecting:
    """An oracle that reads the wrong contract signs for the wrong money."""

    def refuse(self, world, match, **changes):
        deployment = replace(world.deployment, **changes)
        with pytest.raises(Inconsistent, match=match):
            ChainLedger(world.rpc, deployment, 0)

    def test_another_chain(self, world):
        self.refuse(world, "chain id", chain_id=1)

    def test_no_contract(self, world):
        for name in ("ledger", "token", "splits"):
            self.refuse(world, "no contract", **{name: world.address("stranger")})

    def test_another_token(self, world):
        self.refuse(world, "token", token=world.deployment.splits)

    def test_another_splits(self, world):
        self.refuse(world, "splits", splits=world.deployment.token)

    def test_a_contract_that_is_not_a_ledger(self, world):
        swapped = {"ledger": world.deployment.token, "token": world.deployment.ledger}
        self.refuse(world, "reverted token", **swapped)

    def test_a_ledger_that_signs_another_domain(self, world):
        # Its code differs only in the separator that was cached at deployment.
        ledger = world.deployment.ledger
        separator = world.typed.separator
        code = world.rpc.code(ledger)
        assert separator in code
        other = code.replace(separator, bytes(32))
        world.chain.rpc("anvil_setCode", ledger, "0x" + other.hex())
        self.refuse(world, "signing domain")

    def test_artifacts_that_are_not_there(self, tmp_path):
        with pytest.raises(InvalidInput, match=r"scripts\.solidity\.compile"):
            Artifacts(tmp_path).contract("RoyaltyLedger", NOBODY)


QUESTIONS = {
    "closed_block": lambda ledger, payer: ledger.closed_block(),
    "block_at": lambda ledger, payer: ledger.block_at(1),
    "recording": lambda ledger, payer: ledger.recording(1),
    "recording at a block": lambda ledger, payer: ledger.recording(1, 9),
    "recordings_at": lambda ledger, payer: list(ledger.recordings_at([1, 3], 9).values()),
    "recording_count": lambda ledger, payer: ledger.recording_count(),
    "recordings": lambda ledger, payer: ledger.recordings(1, 3),
    "account": lambda ledger, payer: ledger.account(payer),
    "nonce_used": lambda ledger, payer: ledger.nonce_used(payer, 0),
    "set_terms": lambda ledger, payer: ledger.set_terms(OracleSet(1, (payer,))),
    "node_spent": lambda ledger, payer: ledger.node_spent(payer),
    "paused": lambda ledger, payer: ledger.paused(),
    "node_allowed": lambda ledger, payer: ledger.node_allowed(payer),
    "settlement": lambda ledger, payer: ledger.settlement(ORDER),
    "statement": lambda ledger, payer: ledger.statement(payer),
}


class TestFailing:
    @pytest.mark.parametrize("mode", [*sorted(ANSWERS), "close", "refuse", "moved"])
    def test_every_method_is_unavailable(self, world, proxied, mode):
        proxy, ledger = proxied
        proxy.mode = mode
        for name, ask in QUESTIONS.items():
            with pytest.raises(RefrainError) as caught:
                ask(ledger, world.address("payer"))
            # NotFound for a block is a valid answer, too.
            missing = isinstance(caught.value, NotFound) and mode == "null result"
            assert isinstance(caught.value, Unavailable) or missing, name
            assert proxy.url not in str(caught.value)

    @pytest.mark.parametrize("mode", ["hang", "drip"])
    def test_a_silent_or_slow_node_is_given_up_in_time(self, proxied, mode):
        proxy, _ = proxied
        proxy.mode, before = mode, time.monotonic()
        with pytest.raises(Unavailable):
            Rpc(proxy.url, seconds=0.5).block()
        assert 0.4 < time.monotonic() - before < 5

    def test_no_request_is_retried(self, proxied):
        proxy, ledger = proxied
        proxy.counts.clear()
        proxy.mode = "close"
        with pytest.raises(Unavailable):
            ledger.closed_block()
        assert proxy.counts == {"eth_getBlockByNumber": 1}

    def test_an_endless_answer_is_refused(self, world):
        with proxy_of(world.chain.url) as proxy:
            proxy.mode = "huge"
            with pytest.raises(Unavailable, match="too large"):
                Rpc(proxy.url, seconds=30).block()

    def test_an_unreachable_node_is_reported_without_its_url(self):
        rpc = Rpc("http://user:secret@127.0.0.1:9/secret-path")
        with pytest.raises(Unavailable) as caught:
            rpc.block()
        assert "secret" not in str(caught.value) + repr(rpc)
        assert caught.value.__cause__ is None

    def test_another_chain_behind_the_same_url_is_noticed(self, proxied):
        proxy, ledger = proxied
        proxy.lies["eth_chainId"] = "0x1"
        with pytest.raises(Inconsistent, match="chain id"):
            ledger.check_chain()

    def test_a_node_that_recovers_is_used_again(self, proxied):
        proxy, ledger = proxied
        proxy.mode = "close"
        with pytest.raises(Unavailable):
            ledger.closed_block()
        proxy.mode = "pass"
        assert ledger.closed_block().number > 0


class TestNothingOfTheLibraryComesOut:
    def test_returned_values_are_plain(self, world):
        case = world.case()
        world.settle(case)
        for name, ask in QUESTIONS.items():
            answer = ask(world.ledger(), world.address("mara"))
            for item in answer if isinstance(answer, list) else [answer]:
                flat = astuple(item) if hasattr(item, "__dataclass_fields__") else item
                assert plain(flat), name
        assert plain(astuple(world.ledger().settlement(case.generation)))


def test_a_range_that_a_node_refuses_is_halved(world):
    # Providers limit the range of eth_getLogs; the answer must be the same.
    with proxy_of(world.chain.url) as proxy:
        rpc, whole = Rpc(proxy.url), world.chain.height()
        passed = proxy._pass

        def limited(request, body):
            asked = json.loads(body)
            span = [int(asked["params"][0][key], 16) for key in ("fromBlock", "toBlock")]
            (proxy._refuse if span[1] - span[0] >= 2 else passed)(request, body)

        topic = [world.artifacts.contract("RoyaltyLedger", NOBODY).topic("Registered")]
        expected = [log.transaction for log in rpc.logs(world.deployment.ledger, topic, 0, whole)]
        proxy._pass = limited
        found = [log.transaction for log in rpc.logs(world.deployment.ledger, topic, 0, whole)]
        assert found == expected and len(found) == 2

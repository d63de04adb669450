"""Posting settlements: checks before posting, waiting, replacement, and reorganisations."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import select

from oracle.adapters.chain.fees import GWEI, Fees
from oracle.adapters.chain.outbox import Draft, Outbox, attempts, dispatches
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Rejected
from oracle.adapters.chain.send_state import Attempt
from oracle.adapters.chain.signed_transaction import Unsigned, seal
from oracle.adapters.database import open_database, reading
from oracle.domain.attestation import OracleSet, SettlementReceipt
from oracle.domain.errors import Inconsistent, Unavailable
from scripts.deploy.plan import DAY
from tests.integration.outbox_fixture import CHAIN, CONFIRMATIONS, PATIENCE, post, sender
from tests.support.chain_world import PRICE, copied_world
from tests.support.fakes import FakeClock
from tests.support.rpc_proxy import proxy_of

ROUNDS = 2 * CONFIRMATIONS + 4


@pytest.fixture
def world(tmp_path):
    """A chain whose blocks are mined on command."""
    with copied_world(tmp_path) as made:
        made.chain.rpc("evm_setAutomine", False)
        yield made


@pytest.fixture
def database(tmp_path):
    return tmp_path / "oracle.sqlite"


def finish(world, made, case):
    """Mines and asks until the settlement is confirmed."""
    for _ in range(ROUNDS):
        world.chain.mine()
        if settlement := made.outcome(case.generation):
            return settlement
    raise AssertionError("not settled")


def saved(database, table=attempts):
    with reading(open_database(database)) as connection:
        return connection.execute(select(table).order_by(table.c.id)).all()


def settled(world):
    """Settlements that the ledger has made so far."""
    topic = world.ledger().contract.topic("Settled")
    return world.rpc.logs(world.deployment.ledger, [topic], 0, world.chain.height())


def by_hand(world, wallet_role, name, *args):
    """A transaction in the pool with higher fees than ours."""
    contract, key = world.ledger().contract, world.keys[wallet_role]
    unsigned = Unsigned(
        CHAIN, world.rpc.count(key.address), contract.address, contract.encode(name, *args), 900_000
    )  # fmt: skip
    world.rpc.send(seal(unsigned, Fees(90 * GWEI, 50 * GWEI), key).raw)


def front_run(world, case):
    """A settlement of the same order by another sender, mined before ours."""
    made = sender(world, world.folder / "other.sqlite")
    own = SettlementReceipt(case.order, case.attestation, world.oracle_set, case.signatures)
    data = made._call_data(own, case.order_signature, None)
    key = world.keys["stranger"]
    unsigned = Unsigned(CHAIN, world.rpc.count(key.address), world.deployment.ledger, data, 900_000)
    signed = seal(unsigned, Fees(90 * GWEI, 50 * GWEI), key)
    world.rpc.send(signed.raw)
    return signed.hash


class TestPosting:
    def test_a_settlement_is_reported_after_its_confirmations(self, world, database):
        case, made = world.case(), sender(world, database)
        transaction = post(made, case)
        world.chain.mine(CONFIRMATIONS)
        assert made.outcome(case.generation) is None
        settlement = finish(world, made, case)
        assert settlement.transaction == transaction and settlement.price == PRICE
        assert [row.state for row in saved(database, dispatches)] == ["done"]

    def test_a_repeated_post_sends_nothing_new(self, world, database):
        case, made = world.case(), sender(world, database)
        hashes = {post(made, case) for _ in range(3)} | {post(sender(world, database), case)}
        world.chain.mine()
        hashes |= {post(made, case)}
        finish(world, made, case)
        hashes |= {post(made, case)}
        assert len(hashes) == 1 and world.rpc.count(world.address("sender")) == 1

    def test_every_byte_is_saved_before_it_is_sent(self, world, database):
        sent, unsaved, clock = [], [], FakeClock()

        def watch(method, params):
            if method == "eth_sendRawTransaction":
                sent.append(params[0])
                known = {"0x" + row.raw.hex() for row in saved(database)}
                unsaved.extend({params[0]} - known)

        with proxy_of(world.chain.url) as proxy:
            proxy.watch = watch
            case, made = world.case(), sender(world, database, proxy.url, clock=clock)
            post(made, case)
            clock.sleep(PATIENCE)
            made.outcome(case.generation)
            world.chain.rpc("anvil_dropAllTransactions")
            made.outcome(case.generation)
            assert proxy.counts["eth_sendRawTransaction"] == len(sent) == 3
        assert not unsaved and len(set(sent)) == 2 and finish(world, made, case)

    def test_one_is_in_flight_at_a_time(self, world, database):
        first, second, made = world.case(0), world.case(1), sender(world, database)
        post(made, first)
        for _ in range(2):
            with pytest.raises(Unavailable, match="in flight"):
                post(made, second)
        world.chain.mine()
        post(made, second)
        assert finish(world, made, second) and made.outcome(first.generation)
        assert [row.nonce for row in saved(database, dispatches)] == [0, 1]

    def test_a_waiting_post_sends_the_transaction_in_flight_again(self, world, database):
        first, second, made = world.case(0), world.case(1), sender(world, database)
        post(made, first)
        world.chain.rpc("anvil_dropAllTransactions")
        with pytest.raises(Unavailable, match="in flight"):
            post(made, second)
        world.chain.mine()
        post(made, second)
        finish(world, made, second)
        assert len(settled(world)) == 2

    @pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
    def test_two_processes_of_one_key_never_share_a_nonce(self, world, database):
        world.chain.rpc("evm_setAutomine", True)
        cases = [world.case(n) for n in range(6)]
        senders = [sender(world, database) for _ in range(3)]
        waiting = list(cases)

        def work(made):
            while waiting:
                for case in list(waiting):
                    try:
                        post(made, case)
                    except Unavailable:
                        continue
                    if made.outcome(case.generation) and case in waiting:
                        waiting.remove(case)
                world.chain.mine()

        threads = [threading.Thread(target=work, args=(made,)) for made in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not waiting and len(settled(world)) == 6
        nonces = [row.nonce for row in saved(database, dispatches)]
        assert nonces == list(range(6)) and world.rpc.count(world.address("sender")) == 6


class TestLooking:
    def test_a_settlement_by_another_sender_is_found_and_nothing_is_sent(self, world, database):
        case, made = world.case(), sender(world, database)
        theirs = front_run(world, case)
        world.chain.mine()
        with pytest.raises(Unavailable, match="not confirmed"):
            post(made, case)
        world.chain.mine(CONFIRMATIONS)
        assert post(made, case) == theirs == made.outcome(case.generation).transaction
        assert world.rpc.count(world.address("sender")) == 0 and not saved(database)

    def test_a_settlement_by_another_sender_after_the_check_is_no_error(self, world, database):
        case, theirs = world.case(), []
        with proxy_of(world.chain.url) as proxy:

            def watch(method, params):
                # The simulation is the only call that names a sender.
                if method == "eth_call" and "from" in params[0] and not theirs:
                    theirs.append(front_run(world, case))
                    world.chain.mine(CONFIRMATIONS + 1)

            proxy.watch = watch
            made = sender(world, database, proxy.url)
            assert post(made, case) == theirs[0]
        assert not saved(database) and world.rpc.count(world.address("sender")) == 0

    def test_a_settlement_that_overtakes_ours_is_reported(self, world, database):
        # Ours is mined and reverts, since the order's nonce is used; the order is settled.
        case, made = world.case(), sender(world, database)
        ours, theirs = post(made, case), front_run(world, case)
        assert finish(world, made, case).transaction == theirs != ours
        assert not world.rpc.receipt(ours).succeeded and len(settled(world)) == 1

    def test_a_restored_older_database_pays_nothing_twice(self, world, database):
        # F11: the disk lied, or a person restored a copy.
        sender(world, database)
        copy = database.with_name("copy.sqlite")
        shutil.copy(database, copy)
        case = world.case()
        transaction = post(sender(world, database), case)
        world.chain.mine(CONFIRMATIONS + 1)
        again = sender(world, copy)
        assert post(again, case) == transaction == again.outcome(case.generation).transaction
        assert world.rpc.count(world.address("sender")) == 1

    def test_a_nonce_used_by_another_order_is_named(self, world, database):
        made, one = sender(world, database), world.case()
        other = world.sign(one.order.__class__(**{**vars(one.order), "tier": 0}), one.attestation)
        front_run(world, other)
        world.chain.mine(CONFIRMATIONS + 1)
        with pytest.raises(Inconsistent, match=r"order\.nonce: is used by another order"):
            post(made, one)

    def test_an_unknown_generation_has_no_outcome(self, world, database):
        assert sender(world, database).outcome("0x" + "12" * 32) is None

    def test_another_chain_is_refused_before_anything_is_signed(self, world, database):
        with proxy_of(world.chain.url) as proxy:
            made = sender(world, database, proxy.url)
            made._ledger._rpc = Rpc(proxy.url)
            proxy.lies["eth_chainId"] = "0x1"
            with pytest.raises(Inconsistent, match="chain id"):
                post(made, world.case())
        assert not saved(database)


class TestRefusals:
    """The error names the ledger's own error with its numbers."""

    def refused(self, world, database, case, match, kind=Inconsistent):
        with pytest.raises(kind, match=match):
            post(sender(world, database), case)
        assert not saved(database) and world.rpc.count(world.address("sender")) == 0

    def test_a_price_above_the_order(self, world, database):
        self.refused(
            world, database, world.case(price=3 * PRICE),
            rf"Settlement_PriceAboveMax\(price={3 * PRICE}, maxPrice={2 * PRICE}\)",
        )  # fmt: skip

    def test_a_recording_without_consent(self, world, database):
        world.chain.rpc("evm_setAutomine", True)
        world.artist("jonas").revoke(3)
        world.chain.rpc("evm_increaseTime", 10)
        world.chain.mine()
        self.refused(world, database, world.case(), r"Settlement_NoConsent\(recording=3, ")

    def test_an_unsigned_order(self, world, database):
        one, other = world.case(0), world.case(1)
        swapped = one.__class__(**{**vars(one), "order_signature": other.order_signature})
        self.refused(world, database, swapped, rf"OrderNotSigned\(payer={one.order.payer}\)")

    def test_too_few_signatures(self, world, database):
        case = world.case()
        case.signatures.popitem()
        self.refused(world, database, case, r"TooFewSignatures\(given=1, threshold=2\)")

    def test_an_unknown_set(self, world, database):
        made, case = sender(world, database), world.case()
        made._set = made._set.__class__(1, made._set.signers)
        with pytest.raises(Inconsistent, match=r"NotActive\(set=0x[0-9a-f]{64}\)"):
            post(made, case)

    def test_an_empty_escrow(self, world, database):
        world.chain.rpc("evm_setAutomine", True)
        app = world.app
        app._wallet.transact(app._ledger, "requestExit")
        world.chain.rpc("evm_increaseTime", 3 * 86_400)
        world.chain.mine()
        app._wallet.transact(app._ledger, "exit")
        self.refused(world, database, world.case(), rf"Escrow_Short\(escrow=0, price={PRICE}\)")

    def test_a_pause_is_temporary(self, world, database):
        world.chain.rpc("evm_setAutomine", True)
        world.transact("guardian", "pause")
        case = world.case()
        self.refused(world, database, case, r"guardian has paused.*Roles_Paused", Unavailable)
        world.transact("deployer", "unpause")
        made = sender(world, database)
        post(made, case)
        assert finish(world, made, case)


    def test_a_reached_cap_is_temporary(self, world, database):
        world.chain.rpc("evm_setAutomine", True)
        signers = world.oracle_set.signers
        terms = (500, 2_000, 2**32, 3 * PRICE // 2)
        small = OracleSet(1, signers[:1])
        world.transact("deployer", "proposeSet", 1, signers[:1], terms)
        world.pass_time(2 * DAY)
        world.transact("stranger", "activateSet", 1, signers[:1])
        world.deployment = replace(world.deployment, oracle_set=small)
        world.settle(world.case(0))
        made = sender(world, database)
        with pytest.raises(Unavailable, match=r"has reached its cap.*CapReached"):
            post(made, world.case(1))
        world.pass_time(world.deployment.window)
        case = world.case(1)
        post(made, case)
        assert finish(world, made, case)


class TestUpgrading:
    """The sender posts the original's proof to the real ledger."""

    @pytest.fixture
    def original(self, world):
        world.chain.rpc("evm_setAutomine", True)
        case = world.case()
        case = world.sign(replace(case.order, tier=0, use=1), case.attestation)
        world.settle(case)
        return case

    def upgraded(self, world, original, **changes):
        named = bytes.fromhex(original.generation[2:])
        order = replace(original.order, nonce=1, request=named, tier=1, use=5)
        made = replace(original.attestation, price=PRICE // 2, node_fee=PRICE // 20)
        return world.sign(order, replace(made, **changes))

    def receipt(self, world, original):
        signed = (original.attestation, world.oracle_set, original.signatures)
        return SettlementReceipt(original.order, *signed)

    def post(self, world, made, case, original):
        signed = (case.generation, case.order, case.order_signature, case.attestation)
        return made.post(*signed, case.signatures, self.receipt(world, original))

    def test_the_ledger_settles_the_difference_once(self, world, database, original):
        made, case = sender(world, database), self.upgraded(world, original)
        transaction = self.post(world, made, case, original)
        found = finish(world, made, case)
        assert (found.transaction, found.price) == (transaction, PRICE // 2)
        assert found.manifest == original.attestation.manifest
        assert self.post(world, made, case, original) == transaction
        topics = [world.ledger().contract.topic("Upgraded"), case.generation, original.generation]
        logs = world.rpc.logs(world.deployment.ledger, topics, 0, world.chain.height())
        assert [log.transaction for log in logs] == [transaction]

    def test_the_ledgers_error_is_reported(self, world, database, original):
        other = self.upgraded(world, original, manifest=bytes(32))
        with pytest.raises(Inconsistent, match="Upgrade_OtherManifest"):
            self.post(world, sender(world, database), other, original)
        assert not saved(database)


class TestReverting:
    def test_a_revert_is_final_once_confirmed_and_may_be_tried_again(self, world, database):
        case, made = world.case(), sender(world, database)
        first = post(made, case)
        by_hand(world, "guardian", "pause")
        world.chain.mine()
        assert made.outcome(case.generation) is None
        assert post(made, case) == first
        world.chain.mine(CONFIRMATIONS)
        with pytest.raises(Inconsistent, match=r"reverted in block \d+: Roles_Paused"):
            made.outcome(case.generation)
        with pytest.raises(Unavailable, match="Roles_Paused"):
            post(made, case)
        by_hand(world, "deployer", "unpause")
        world.chain.mine()
        second = post(made, case)
        assert finish(world, made, case).transaction == second != first
        assert [row.round for row in saved(database, dispatches)] == [0, 1]


class TestUnknownOutcomes:
    def test_a_node_that_accepted_it_without_an_answer(self, world, database):
        # F8: the node executed it, and its answer was lost.
        with proxy_of(world.chain.url) as proxy:
            proxy.after = {"eth_sendRawTransaction"}
            case, made = world.case(), sender(world, database, proxy.url)
            transaction = post(made, case)
            assert finish(world, made, case).transaction == transaction
        assert len(settled(world)) == 1

    def test_a_node_that_never_accepted_it(self, world, database):
        with proxy_of(world.chain.url) as proxy:
            proxy.lies["eth_sendRawTransaction"] = "0x" + "00" * 32
            case, made = world.case(), sender(world, database, proxy.url)
            transaction = post(made, case)
            world.chain.mine(3)
            assert made.outcome(case.generation) is None
            proxy.lies.clear()
            assert made.outcome(case.generation) is None
            assert finish(world, made, case).transaction == transaction

    def test_a_pool_that_dropped_it_gets_the_same_bytes(self, world, database):
        case, made = world.case(), sender(world, database)
        transaction = post(made, case)
        for _ in range(3):
            world.chain.rpc("anvil_dropAllTransactions")
            assert made.outcome(case.generation) is None
        assert finish(world, made, case).transaction == transaction
        assert len(saved(database)) == 1

    def test_sending_a_mined_transaction_again_does_no_harm(self, world, database):
        case, made = world.case(), sender(world, database)
        post(made, case)
        world.chain.mine()
        with pytest.raises(Rejected, match="nonce too low"):
            world.rpc.send(saved(database)[0].raw)
        assert finish(world, made, case)


class TestReplacing:
    def test_rising_gas_fees_are_followed(self, world, database):
        # F4: every attempt is kept, exactly one is mined, and its fees are an eighth higher.
        clock = FakeClock()
        case, made = world.case(), sender(world, database, clock=clock)
        first = post(made, case)
        for _ in range(3):
            dear = hex(40 * saved(database)[-1].max_fee)
            world.chain.rpc("anvil_setNextBlockBaseFeePerGas", dear)
            world.chain.mine()
            clock.sleep(PATIENCE)
            made.outcome(case.generation)
        rows = saved(database)
        assert rows[0].hash == first and len(rows) >= 2
        for before, after in pairwise(rows):
            assert after.max_fee * 8 >= before.max_fee * 9 and after.tip * 8 >= before.tip * 9
        world.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
        settlement = finish(world, made, case)
        mined = [row.hash for row in rows if world.rpc.receipt(row.hash)]
        assert mined == [settlement.transaction] and len(settled(world)) == 1

    def test_it_waits_at_the_cap(self, world, database):
        clock = FakeClock()
        made = sender(world, database, clock=clock, cap=5 * GWEI)
        case = world.case()
        post(made, case)
        for _ in range(12):
            world.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(50 * GWEI))
            world.chain.mine()
            clock.sleep(PATIENCE)
            made.outcome(case.generation)
        assert max(row.max_fee for row in saved(database)) <= 5 * GWEI
        world.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
        made.outcome(case.generation)
        assert finish(world, made, case)

    def test_no_transaction_is_made_above_the_cap(self, world, database):
        world.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(50 * GWEI))
        world.chain.mine()
        with pytest.raises(Unavailable, match="base fee is above the cap"):
            post(sender(world, database, cap=5 * GWEI), world.case())
        assert not saved(database)

    def test_too_little_ether_is_reported_and_nothing_is_lost(self, world, database):
        # F15
        address = world.address("sender")
        world.chain.rpc("anvil_setBalance", address, "0x0")
        case, made = world.case(), sender(world, database)
        with pytest.raises(Unavailable, match=f"{address}: has too little ether"):
            post(made, case)
        assert not saved(database)
        world.chain.rpc("anvil_setBalance", address, hex(10**18))
        post(made, case)
        assert finish(world, made, case)


class TestReorgs:
    @pytest.mark.parametrize("depth", [1, 2, 5])
    def test_transactions_of_undone_blocks_are_sent_again_in_order(self, world, database, depth):
        # F6, F3: Anvil drops the transactions; the later nonce cannot come before the earlier.
        cases, made = [world.case(0), world.case(1)], sender(world, database)
        for case in cases:
            post(made, case)
            world.chain.mine()
        world.chain.mine(max(0, depth - 2))
        world.chain.rpc("anvil_reorg", depth, [])
        assert len(settled(world)) == (1 if depth == 1 else 0)
        assert finish(world, made, cases[1]) and made.outcome(cases[0].generation)
        assert len(settled(world)) == 2 and len(saved(database)) == 2

    def test_a_reorg_deeper_than_our_confirmations_is_repaired(self, world, database):
        # The block with the case's time is below the reorganisation, or its time is in the future.
        case, made = world.case(), sender(world, database)
        world.chain.mine(CONFIRMATIONS + 3)
        transaction = post(made, case)
        finish(world, made, case)
        world.chain.rpc("anvil_reorg", CONFIRMATIONS + 3, [])
        assert made.outcome(case.generation) is None
        assert finish(world, made, case).transaction == transaction

    @pytest.mark.parametrize("restarted", [False, True])
    def test_a_settlement_undone_by_12_blocks_is_sent_again(self, world, database, restarted):
        case, made = world.case(), sender(world, database)
        world.chain.mine(12)
        transaction = post(made, case)
        finish(world, made, case)
        world.chain.mine(6)
        assert [row.state for row in saved(database, dispatches)] == ["done"]
        world.chain.rpc("anvil_reorg", 12, [])
        assert len(settled(world)) == 0 and not world.rpc.knows(transaction)
        again = sender(world, database) if restarted else made
        assert again.outcome(case.generation) is None and world.rpc.knows(transaction)
        assert [row.state for row in saved(database, dispatches)] == ["open"]
        assert post(again, case) == transaction
        assert finish(world, again, case).transaction == transaction
        assert len(saved(database)) == 1 and world.rpc.count(world.address("sender")) == 1
        assert [row.state for row in saved(database, dispatches)] == ["done"]

    def test_posting_again_after_a_reorg_sends_the_same_bytes(self, world, database):
        case, made = world.case(), sender(world, database)
        world.chain.mine(12)
        transaction = post(made, case)
        finish(world, made, case)
        world.chain.rpc("anvil_reorg", 12, [])
        assert post(sender(world, database), case) == transaction
        assert world.rpc.knows(transaction) and len(saved(database)) == 1

    def test_a_revert_that_is_undone_burns_no_second_nonce(self, world, database):
        case, made = world.case(), sender(world, database)
        world.chain.mine(12)
        first = post(made, case)
        by_hand(world, "guardian", "pause")
        world.chain.mine(CONFIRMATIONS + 1)
        with pytest.raises(Inconsistent, match="reverted"):
            made.outcome(case.generation)
        assert [row.state for row in saved(database, dispatches)] == ["reverted"]
        world.chain.rpc("anvil_reorg", 12, [])
        assert post(made, case) == first
        assert finish(world, made, case).transaction == first
        assert [row.nonce for row in saved(database, dispatches)] == [0]

    def test_an_undone_revert_with_a_later_transaction_settles_once(self, world, database):
        case, made = world.case(), sender(world, database)
        world.chain.mine(12)
        first = post(made, case)
        by_hand(world, "guardian", "pause")
        world.chain.mine(CONFIRMATIONS + 1)
        with pytest.raises(Inconsistent, match="reverted"):
            made.outcome(case.generation)
        by_hand(world, "deployer", "unpause")
        world.chain.mine()
        second = post(made, case)
        finish(world, made, case)
        world.chain.rpc("anvil_reorg", 14, [])
        assert finish(world, made, case).transaction == first != second
        assert len(settled(world)) == 1

    def test_a_foreign_transaction_that_is_undone_burns_no_second_nonce(self, world, database):
        case, made = world.case(), sender(world, database)
        world.chain.mine(12)
        foreign = seal(
            Unsigned(CHAIN, 0, world.address("stranger"), "0x", 21_000),
            Fees(90 * GWEI, 50 * GWEI), world.keys["sender"],
        )  # fmt: skip
        transaction = post(made, case)
        world.chain.rpc("anvil_dropAllTransactions")
        world.rpc.send(foreign.raw)
        world.chain.mine(CONFIRMATIONS + 1)
        with pytest.raises(Inconsistent, match="someone else"):
            made.outcome(case.generation)
        assert [row.state for row in saved(database, dispatches)] == ["displaced"]
        world.chain.rpc("anvil_reorg", 12, [])
        assert post(made, case) == transaction
        assert finish(world, made, case).transaction == transaction
        assert [row.nonce for row in saved(database, dispatches)] == [0]

    def test_a_node_that_still_shows_the_receipt_of_an_undone_block(self, world, database):
        case = world.case()
        with proxy_of(world.chain.url) as proxy:
            made = sender(world, database, proxy.url)
            transaction = post(made, case)
            world.chain.mine(2)
            stale = world.chain.rpc("eth_getTransactionReceipt", transaction)
            world.chain.rpc("anvil_reorg", 2, [])
            proxy.lies["eth_getTransactionReceipt"] = stale
            assert not world.rpc.knows(transaction)
            assert made.outcome(case.generation) is None
            assert world.rpc.knows(transaction)

    def test_a_new_transaction_waits_until_lost_ones_are_mined(self, world, database):
        first, second, made = world.case(0), world.case(1), sender(world, database)
        post(made, first)
        world.chain.mine()
        world.chain.rpc("anvil_reorg", 1, [])
        with pytest.raises(Unavailable, match="in flight"):
            post(made, second)
        world.chain.mine()
        post(made, second)
        assert finish(world, made, second) and len(settled(world)) == 2

    def test_a_foreign_transaction_with_our_nonce_is_reported_and_survived(self, world, database):
        case, made = world.case(), sender(world, database)
        post(made, case)
        world.chain.mine()
        foreign = seal(
            Unsigned(CHAIN, 0, world.address("stranger"), "0x", 21_000),
            Fees(90 * GWEI, 50 * GWEI), world.keys["sender"],
        )  # fmt: skip
        world.chain.rpc("anvil_reorg", 1, [["0x" + foreign.raw.hex(), 0]])
        assert made.outcome(case.generation) is None
        world.chain.mine(CONFIRMATIONS)
        with pytest.raises(Inconsistent, match="nonce 0 is used by a transaction of someone else"):
            made.outcome(case.generation)
        post(made, case)
        assert finish(world, made, case) and len(settled(world)) == 1


class TestNonces:
    def test_a_key_used_elsewhere_before_continues_with_the_next_nonce(self, world, database):
        world.chain.rpc("evm_setAutomine", True)
        world.wallet("sender").transact(world.ledger().contract, "withdraw", 1)
        made, case = sender(world, database), world.case()
        post(made, case)
        assert finish(world, made, case) and saved(database, dispatches)[0].nonce == 1

    def test_a_use_of_the_key_elsewhere_counts_in_closed_blocks(self, world, database):
        first, second, made = world.case(0), world.case(1), sender(world, database)
        post(made, first)
        finish(world, made, first)
        by_hand(world, "sender", "withdraw", 1)
        world.chain.mine()
        with pytest.raises(Unavailable, match="used elsewhere"):
            post(made, second)
        world.chain.mine(CONFIRMATIONS)
        post(made, second)
        assert finish(world, made, second) and saved(database, dispatches)[1].nonce == 2

    def test_a_nonce_from_the_node_that_is_too_high_stops_sending(self, world, database):
        # F7: the sender cannot fill a gap that it did not make; a person must look at it.
        with proxy_of(world.chain.url) as proxy:
            proxy.lies["eth_getTransactionCount"] = "0x5"
            made, case = sender(world, database, proxy.url), world.case()
            post(made, case)
            proxy.lies.clear()
            with pytest.raises(Inconsistent, match="a nonce never sent here"):
                made.outcome(case.generation)
        assert settled(world) == []


class TestOutbox:
    """The outbox uses each nonce once, even when its caller has a bug."""

    def draft(self, nonce, generation="0x01", round_=0):
        return Draft(nonce, generation, round_, "0x" + "11" * 20, "0x", 21_000)

    def attempt(self, name):
        return Attempt(name, Fees(2, 1), 1, name.encode())

    @pytest.fixture
    def outbox(self, database):
        return Outbox(open_database(database), CHAIN, "0x" + "22" * 20)

    def test_a_saved_dispatch_is_read_unchanged(self, outbox, database):
        saved = outbox.save(self.draft(3), self.attempt("a"))
        saved = outbox.add(saved, self.attempt("b"))
        again = Outbox(open_database(database), CHAIN, "0x" + "22" * 20)
        assert again.latest("0x01") == again.at(3) == saved and again.next_nonce() == 4
        assert [attempt.raw for attempt in saved.attempts] == [b"a", b"b"]
        assert again.latest("0x02") is None and again.at(2) is None

    @pytest.mark.parametrize("nonce", [5, 4, 0])
    def test_a_nonce_or_a_lower_one_is_never_used_again(self, outbox, nonce):
        outbox.save(self.draft(5), self.attempt("a"))
        with pytest.raises(Unavailable, match="is used by another process"):
            outbox.save(self.draft(nonce, "0x02"), self.attempt("b"))
        assert outbox.latest("0x02") is None

    def test_a_generation_has_one_dispatch_in_each_round(self, outbox):
        outbox.save(self.draft(1), self.attempt("a"))
        with pytest.raises(Unavailable, match="is posted by another process"):
            outbox.save(self.draft(2), self.attempt("b"))
        assert outbox.save(self.draft(2, round_=1), self.attempt("b")).round == 1

    def test_a_dispatch_is_saved_with_its_attempt_or_not_at_all(self, outbox):
        outbox.save(self.draft(1), self.attempt("a"))
        with pytest.raises(Unavailable):
            outbox.save(self.draft(2, "0x02"), self.attempt("a"))
        assert outbox.latest("0x02") is None and outbox.next_nonce() == 2

    def test_two_replacements_at_once_are_one(self, outbox):
        saved = outbox.save(self.draft(1), self.attempt("a"))
        outbox.add(saved, self.attempt("b"))
        with pytest.raises(Unavailable, match="is sent by another process"):
            outbox.add(saved, self.attempt("c"))

    def test_keys_and_chains_do_not_mix(self, outbox, database):
        outbox.save(self.draft(7), self.attempt("a"))
        for chain, signer in ((1, "0x" + "22" * 20), (CHAIN, "0x" + "33" * 20)):
            other = Outbox(open_database(database), chain, signer)
            assert other.next_nonce() == 0 and other.latest("0x01") is None

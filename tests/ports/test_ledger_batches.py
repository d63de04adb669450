"""A batch on a real ledger is read in the same way as single settlements."""

from __future__ import annotations

import pytest
from eth_utils import keccak

from oracle.adapters.chain.deployment import Deployment, Modules
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import Unavailable
from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import MILLION, LedgerFixture, key
from tests.support.rpc_proxy import proxy_of

NODE, PAYER = key("node").address, key("payer")
WEIGHTS = ({1: 333_333, 2: 666_667}, {0: 100_000, 2: 900_000}, {1: MILLION})


@pytest.fixture(scope="module")
def rig():
    """Two batches in two blocks, the first with two generations, and one single settlement."""
    with local_chain() as chain:
        made = LedgerFixture(chain.url)
        made.url = chain.url
        made.register(2, made.anyone)
        made.send(made.ledger.functions.allowNode(NODE, True))
        made.fund(PAYER.address, 10 * MILLION)
        for first, weights in ((0, WEIGHTS[:2]), (2, WEIGHTS[2:])):
            orders = [made.order(PAYER.address, first + n) for n in range(len(weights))]
            given = [made.attestation(NODE, vector) for vector in weights]
            made.send(made.batch([PAYER], orders, given))
            made.done = [*getattr(made, "done", []), *zip(orders, given, strict=True)]
        order, given = made.order(PAYER.address, 3), made.attestation(NODE, WEIGHTS[0])
        made.send(made.settlement(PAYER, order, given))
        made.done.append((order, given))
        yield made


def ledger_of(rig, url):
    signers = OracleSet(2, tuple(oracle.address for oracle in rig.oracles))
    nobody = rig.anyone
    found = Deployment(
        31337, rig.token.address, rig.splits.address, rig.ledger.address, 0, signers,
        rig.authority.address, nobody, Modules(*[nobody] * 4), 9, nobody, nobody, nobody,
    )  # fmt: skip
    return ChainLedger(Rpc(url), found, 0)


def test_each_settlement_is_found_by_its_order(rig):
    ledger = ledger_of(rig, rig.url)
    alone = ledger.settlement(hash_of(rig, 3))
    for number, weights in enumerate(WEIGHTS):
        found = ledger.settlement(hash_of(rig, number))
        assert found.recordings == tuple(weights) and found.price == alone.price
        assert sum(found.amounts) == sum(alone.amounts)
        assert found.manifest == keccak(text="manifest")
    assert ledger.settlement(hash_of(rig, 0)).amounts == alone.amounts


def hash_of(rig, number):
    return "0x" + rig.ledger.functions.orderHash(rig.done[number][0]).call().hex()


def test_the_statement_sums_to_what_the_ledger_holds(rig):
    ledger = ledger_of(rig, rig.url)
    rows = ledger.statement(rig.anyone)
    assert [(row.kind, row.recording) for row in rows] == [
        ("credited", 1), ("credited", 2), ("credited", 2), ("credited", 1), ("credited", 1),
        ("credited", 2),
    ]  # fmt: skip
    for number in (1, 2):
        held = rig.ledger.functions.recordings(number).call().disputable
        assert sum(row.amount for row in rows if row.recording == number) == held > 0


def test_a_part_of_a_batch_is_refused(rig):
    ledger = ledger_of(rig, rig.url)
    topic = ledger.contract.topic("SettledInBatch")
    asked = {"address": rig.ledger.address, "fromBlock": "0x0", "topics": [topic]}
    logs = rig.w3.provider.make_request("eth_getLogs", [asked])["result"]
    with proxy_of(rig.url) as proxy:
        behind = ledger_of(rig, proxy.url)
        proxy.lies["eth_getLogs"] = logs[:1]
        with pytest.raises(Unavailable, match="part of a batch"):
            behind.settlement(hash_of(rig, 0))

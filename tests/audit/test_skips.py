"""A batch skips a generation for the first reason there is, and the audit finds the same one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from scripts.auditor.cli import main
from scripts.auditor.skips import SKIPS
from scripts.solidity import ledger_fixture
from scripts.solidity.ledger_fixture import DAY, key
from tests.audit.proxy import in_log, lying, setting
from tests.audit.world import World, world

CAP = 7_000_000
ROW = re.compile(r"skipped (0x\w{8})\.\. reason(?:: chain says \"?(\w+)\"?, recomputed (\w+))?$")
BY_NAME = {name: selector for selector, name in SKIPS.items()}


class Skips(World):
    """One batch after what it needs: a used nonce, a revoked consent, a node that was removed."""

    def fill(self) -> None:
        rig, ledger = self.rig, self.rig.ledger.functions
        self.poor, self.other = key("poor payer"), rig.w3.eth.accounts[8]
        self._register(self.mara, 1, uses=1)
        self._register(self.teo, 2)
        rig.send(ledger.revoke(5), self.teo)
        rig.send(ledger.allowNode(self.other, True))
        rig.send(ledger.allowNode(self.other, False))
        self.rows: list[tuple[str, LocalAccount, dict[str, Any], dict[str, Any]]] = []
        self._settled(100)
        self._add("Settlement_TooLate", 101, generatedAt=rig.now() - 3 * DAY)
        self._add("Settlement_NoConsent", 102, {5: 1_000_000})
        self._add("Settlement_NoConsent", 103, {77: 1_000_000})
        self._add("Settlement_UseNotPermitted", 104, {1: 500_000, 4: 500_000})
        self._add("Settlement_ShareAboveMax", 105, {2: 1_000_000})
        self._add("Nodes_NotAllowed", 106, node=self.other)
        self._add("Nodes_CapReached", 107, price=CAP)
        self._add("Escrow_NonceUsed", 100)
        self._add("Escrow_NonceTooOld", 36)
        self._add("Escrow_Short", 1, payer=self.poor)
        self._add("", 37)
        self._add("Escrow_NonceTooOld", 36, price=1_300_000)
        self._add("Settlement_NoConsent", 100, {5: 1_000_000}, node=self.other)
        self._send()

    def _settled(self, nonce: int) -> None:
        order = self.rig.order(self.payer.address, nonce)
        stated = self.rig.attestation(self.node, {1: 1_000_000})
        self.rig.send(self.rig.settlement(self.payer, order, stated))

    def _add(self, reason: str, nonce: int, weights: dict[int, int] | None = None,
             payer: LocalAccount | None = None, node: str = "", **changes: Any) -> None:
        who = payer or self.payer
        most = {"maxPrice": changes["price"]} if "price" in changes else {}
        order = self.rig.order(who.address, nonce, request=bytes([len(self.rows)]) * 32, **most)
        stated = self.rig.attestation(node or self.node, weights or {1: 1_000_000}, **changes)
        self.rows.append((reason, who, order, stated))

    def _send(self) -> None:
        _, _, orders, stated = zip(*self.rows, strict=True)
        self.rig.send(self.rig.batch([self.payer, self.poor], orders, stated))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Skips]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_fixture, "CAP", CAP)
        with world(tmp_path_factory.mktemp("skips"), kind=Skips) as filled:
            filled.fill()
            yield filled


def reasons(made: Skips, capsys: pytest.CaptureFixture[str], rpc: str = "") -> list[str]:
    """The lines on reasons, of which each is ok or names what the books say."""
    main(["--rpc", rpc or made.url, "--ledger", made.rig.ledger.address,
          "--ipfs", str(made.blocks.root)])
    return [line for line in capsys.readouterr().out.splitlines() if ROW.search(line)]


def due(made: Skips) -> list[str]:
    return [reason for reason, *_ in made.rows if reason]


def test_every_reason_is_found_again(made: Skips, capsys: pytest.CaptureFixture[str]) -> None:
    logs = made.rig.ledger.events.Skipped().get_logs(from_block=0)
    assert [SKIPS["0x" + log["args"]["reason"].hex()] for log in logs] == due(made)
    lines = reasons(made, capsys)
    assert len(lines) == len(logs) and all(line.startswith("ok   batch") for line in lines), lines
    assert set(due(made)) == set(SKIPS.values()) - {
        "Nodes_Full", "Escrow_FeesFull", "Escrow_PoolFull"}, "those need 2^48 units"


@pytest.mark.parametrize("which", range(12))
def test_another_known_reason_is_found(
    made: Skips, capsys: pytest.CaptureFixture[str], which: int
) -> None:
    right = due(made)[which]
    wrong = next(name for name in BY_NAME if name != right)
    with lying(made.url, in_log("Skipped", setting(reason=BY_NAME[wrong]), which)) as url:
        lines = [line for line in reasons(made, capsys, url) if line.startswith("MISMATCH")]
    assert [line.rpartition("reason: ")[2] for line in lines] == [
        f"chain says {wrong}, recomputed {right}"]

"""What a Life does with its access manager and a timelock: every event that they can emit."""

from __future__ import annotations

from scripts.solidity.ledger_fixture import GUARDIAN, LedgerFixture
from tests.audit.forwarder import data_of

EXTRA = 9
"""A role that no function asks for."""


def change_roles(rig: LedgerFixture, deputy: str, heir: str) -> None:
    """A deputy pauses after a delay, once of three times; roles, delays and targets change."""
    manager, ledger = rig.authority.functions, rig.ledger.functions
    rig.send(manager.grantRole(GUARDIAN, deputy, 3_600))
    pause, place = data_of(ledger.pause()), rig.ledger.address
    for after in ("execute", "cancel", ""):
        rig.send(manager.schedule(place, pause, 0), deputy)
        if after == "execute":
            rig.pass_time(3_601)
            rig.send(ledger.pause(), deputy)
            rig.send(ledger.unpause())
        elif after:
            rig.send(manager.cancel(deputy, place, pause), deputy)
    rig.send(manager.grantRole(GUARDIAN, deputy, 7_200))
    rig.send(manager.setGrantDelay(GUARDIAN, 600))
    rig.send(manager.setRoleAdmin(EXTRA, GUARDIAN))
    rig.send(manager.setRoleGuardian(EXTRA, GUARDIAN))
    rig.send(manager.grantRole(EXTRA, heir, 0), rig.guardian)
    rig.send(manager.revokeRole(EXTRA, heir), rig.guardian)
    rig.send(manager.grantRole(EXTRA, heir, 5), rig.guardian)
    rig.send(manager.setTargetClosed(rig.pool.address, True))
    rig.send(manager.setTargetAdminDelay(rig.pool.address, 86_400))


def queue(rig: LedgerFixture) -> None:
    """A timelock runs one operation of two calls; one is cancelled, one waits; it is slower."""
    nothing = bytes(32)
    lock = rig.deploy("TimelockController", 60, [rig.admin], [rig.admin], rig.admin)
    rig.send(rig.authority.functions.grantRole(0, lock.address, 0))
    place, change = rig.authority.address, rig.authority.functions.setRoleGuardian
    data = data_of(change(EXTRA, EXTRA))
    two = ([place] * 2, [0] * 2, [data_of(change(EXTRA, 7)), data], nothing, b"\x01" * 32)
    slower = (lock.address, 0, data_of(lock.functions.updateDelay(90)), nothing, nothing)
    rig.send(lock.functions.scheduleBatch(*two, 60))
    rig.send(lock.functions.schedule(*slower, 70))
    rig.pass_time(71)
    rig.send(lock.functions.executeBatch(*two))
    rig.send(lock.functions.execute(*slower))
    for salt in (b"\x02" * 32, b"\x03" * 32):
        one = (place, 0, data, nothing, salt)
        rig.send(lock.functions.schedule(*one, 90))
        if salt[0] == 2:
            rig.send(lock.functions.cancel(lock.functions.hashOperation(*one).call()))

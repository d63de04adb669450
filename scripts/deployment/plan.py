"""What is to be deployed, and the numbers of the roles."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.domain.attestation import OracleSet

DAY = 86_400
DEVELOPMENT = (31337, 1337)
LEAST_DELAY = 2 * DAY
"""Seconds that the timelock waits at least, outside of development chains."""

ADMIN, GUARDIAN, COURT, ARBITER = 0, 1, 2, 3
"""Roles of the access manager; ADMIN is the manager's own and belongs to the timelock."""

FUNCTIONS = {
    GUARDIAN: ("ledger", ("pause", "removeSet")),
    COURT: ("ledger", ("freeze", "release")),
    ARBITER: ("court", ("rule",)),
}
"""Role to the functions that it may call; every other restricted one is ADMIN's."""


@dataclass(frozen=True)
class People:
    """Addresses in EIP-55."""

    admin: str
    guardian: str
    arbiter: str
    receiver: str


@dataclass(frozen=True)
class Plan:
    """What is to be deployed.

    Args:
        oracle_set: the first set of oracles.
        nodes: generation nodes that may earn, EIP-55.
        token: settlement token; None deploys a TestDollar.
        admin: who proposes to the timelock and executes what it has held; None is the deployer.
        guardian: who may pause, remove sets and cancel what the timelock holds; None is the admin.
        arbiter: who rules on challenges; None is the guardian.
        receiver: who gets the protocol's fees; None is the admin.
        protocol_bps, node_cap_bps: the first set's fees in 1/10,000; together at most half.
        cap: most that may be settled through one node in a window, smallest units.
        lifetime: seconds until the first set expires.
        max_lag: seconds that a settlement may come after its generation.
        window: seconds of a dispute epoch, more than `max_lag`.
        delay: seconds that the timelock holds what is proposed.
        bond: what a challenge costs if it fails, smallest units.
        ruling_time: seconds that the arbiter has for a ruling.
        period: least seconds from one round of the training pool to the next.
        keep_admin: leaves the deployer the admin's role too; for tests only.
    """

    oracle_set: OracleSet
    nodes: tuple[str, ...]
    token: str | None = None
    admin: str | None = None
    guardian: str | None = None
    arbiter: str | None = None
    receiver: str | None = None
    protocol_bps: int = 500
    node_cap_bps: int = 2_000
    cap: int = 10_000_000_000
    lifetime: int = 2 * 365 * DAY
    max_lag: int = DAY
    window: int = 7 * DAY
    delay: int = LEAST_DELAY
    bond: int = 10_000_000
    ruling_time: int = 14 * DAY
    period: int = 30 * DAY
    keep_admin: bool = False

    def people(self, deployer: str) -> People:
        """Who holds which role in the end."""
        admin = self.admin or deployer
        guardian = self.guardian or admin
        return People(admin, guardian, self.arbiter or guardian, self.receiver or admin)

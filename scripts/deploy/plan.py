"""The plan of a deployment, and the numbers of the roles."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.domain.attestation import OracleSet

DAY = 86_400
DEVELOPMENT = (31337, 1337)
LEAST_DELAY = 2 * DAY
"""Shortest delay of the timelock outside of development chains, seconds."""

ADMIN, GUARDIAN, COURT, ARBITER = 0, 1, 2, 3
"""Roles of the access manager; ADMIN is built in, and the timelock holds it."""

FUNCTIONS = {
    GUARDIAN: ("ledger", ("pause", "removeSet")),
    COURT: ("ledger", ("freeze", "release")),
    ARBITER: ("court", ("rule",)),
}
"""Role to the functions that it may call; ADMIN may call all other restricted functions."""


@dataclass(frozen=True)
class People:
    """Addresses in EIP-55."""

    admin: str
    guardian: str
    arbiter: str
    receiver: str


@dataclass(frozen=True)
class Plan:
    """The plan of a deployment.

    Args:
        oracle_set: the first set of oracles.
        nodes: payees of the allowed generation nodes, EIP-55.
        token: settlement token; None deploys a TestDollar.
        admin: proposes changes to the timelock and executes them; None is the deployer.
        guardian: may pause, remove sets and cancel pending changes; None is the admin.
        arbiter: rules on challenges; None is the guardian.
        receiver: gets the fees of the protocol; None is the admin.
        protocol_bps, node_cap_bps: the first set's fees in 1/10,000; together at most half.
        cap: most that one node may settle in a window, smallest units.
        lifetime: seconds until the first set expires.
        max_lag: longest time from a generation to its settlement, seconds.
        window: length of a dispute epoch, seconds; more than `max_lag`.
        delay: time from a proposal to its execution in the timelock, seconds.
        bond: price of a challenge that fails, smallest units.
        ruling_time: time for a ruling of the arbiter, seconds.
        period: shortest time between two rounds of the training pool, seconds.
        keep_admin: the deployer stays admin too; for tests only.
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
        """The holders of the roles after the deployment."""
        admin = self.admin or deployer
        guardian = self.guardian or admin
        return People(admin, guardian, self.arbiter or guardian, self.receiver or admin)

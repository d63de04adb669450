"""Grants the roles, gives up the deployer's role, and checks the result on chain.

The ADMIN of the access manager is a timelock: everybody sees a proposal before it can be executed,
and the guardian can cancel it. The guardian acts at once, but can only stop things.
"""

from __future__ import annotations

from eth_utils import keccak

from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.deployment import Deployment
from oracle.client.wallet import Wallet
from oracle.domain.errors import Inconsistent
from scripts.deploy.create import create
from scripts.deploy.plan import ADMIN, ARBITER, COURT, FUNCTIONS, GUARDIAN, Plan
from scripts.solidity.artifacts import Artifacts

DEFAULT_ADMIN = bytes(32)
CANCELLER = keccak(text="CANCELLER_ROLE")
PROPOSER = keccak(text="PROPOSER_ROLE")


def create_timelock(wallet: Wallet, artifacts: Artifacts, plan: Plan) -> str:
    """Deploys the timelock: the admin proposes, the guardian cancels, nobody can change it."""
    people = plan.people(wallet.address)
    artifact = artifacts.load("TimelockController")
    made = create(wallet, artifact, plan.delay, [people.admin], [people.admin], wallet.address)
    timelock = artifacts.contract("TimelockController", made)
    wallet.transact(timelock, "grantRole", CANCELLER, people.guardian)
    wallet.transact(timelock, "renounceRole", DEFAULT_ADMIN, wallet.address)
    return made


def grant(wallet: Wallet, artifacts: Artifacts, made: Deployment, plan: Plan) -> None:
    """Gives each role its functions and its holder, except ADMIN."""
    manager = artifacts.contract("AccessManager", made.authority)
    for role, (place, names) in FUNCTIONS.items():
        target = _target(artifacts, made, place)
        chosen = [target.selector(name) for name in names]
        wallet.transact(manager, "setTargetFunctionRole", target.address, chosen, role)
    for role, holder in _holders(made, plan, wallet.address).items():
        wallet.transact(manager, "grantRole", role, holder, 0)


def hand_over(wallet: Wallet, artifacts: Artifacts, made: Deployment, plan: Plan) -> None:
    """Makes the timelock ADMIN; the deployer gives up the role unless the plan keeps it.

    Raises:
        Inconsistent: the roles on chain differ from the plan; names the role.
    """
    manager = artifacts.contract("AccessManager", made.authority)
    wallet.transact(manager, "grantRole", ADMIN, made.timelock, 0)
    if not plan.keep_admin:
        wallet.transact(manager, "renounceRole", ADMIN, wallet.address)
    _verify(wallet, artifacts, made, plan)


def _verify(wallet: Wallet, artifacts: Artifacts, made: Deployment, plan: Plan) -> None:
    manager = artifacts.contract("AccessManager", made.authority)

    def holds(role: int, who: str) -> bool:
        return bool(wallet.ask(manager, "hasRole", role, who)[0])

    _expect("the timelock is admin", holds(ADMIN, made.timelock), True)
    _expect("the deployer is admin", holds(ADMIN, wallet.address), plan.keep_admin)
    for role, holder in _holders(made, plan, wallet.address).items():
        _expect(f"role {role} of {holder}", holds(role, holder), True)
        ours = wallet.address == holder
        _expect(f"role {role} of the deployer", holds(role, wallet.address), ours)
    for role, (place, names) in FUNCTIONS.items():
        target = _target(artifacts, made, place)
        for name in names:
            call = ("getTargetFunctionRole", target.address, target.selector(name))
            _expect(f"the role of {name}", wallet.ask(manager, *call), role)
    _verify_timelock(wallet, artifacts.contract("TimelockController", made.timelock), plan)


def _verify_timelock(wallet: Wallet, timelock: Contract, plan: Plan) -> None:
    people, ours = plan.people(wallet.address), wallet.address

    def holds(role: bytes, who: str) -> bool:
        return bool(wallet.ask(timelock, "hasRole", role, who))

    _expect("the timelock's delay", wallet.ask(timelock, "getMinDelay"), plan.delay)
    _expect("the deployer administers it", holds(DEFAULT_ADMIN, ours), False)
    _expect("the admin proposes", holds(PROPOSER, people.admin), True)
    _expect("the deployer proposes", holds(PROPOSER, ours), ours == people.admin)
    _expect("the guardian cancels", holds(CANCELLER, people.guardian), True)


def _holders(made: Deployment, plan: Plan, deployer: str) -> dict[int, str]:
    people = plan.people(deployer)
    return {GUARDIAN: people.guardian, COURT: made.court, ARBITER: people.arbiter}


def _target(artifacts: Artifacts, made: Deployment, place: str) -> Contract:
    names = {"ledger": "RoyaltyLedger", "court": "DisputeCourt"}
    return artifacts.contract(names[place], getattr(made, place))


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Inconsistent(f"{what}: should be {wanted}", field="roles", value=found)

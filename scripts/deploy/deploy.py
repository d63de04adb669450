"""Deploys the contracts of Refrain and writes their addresses to a file.

    python -m scripts.deploy --rpc http://127.0.0.1:8545 --key-file deployer.key \\
        --signer 0x... --signer 0x... --threshold 2 --node 0x... --out deployment.json

Without --token, a development chain (31337, 1337) gets a TestDollar. Other chains need a --token of
hardhat-config/chains/<chainId>.json, or --test-token. After the deployment a timelock administers
the contracts: --admin proposes changes to it, --guardian can pause and cancel at once, and the
deployer keeps no role. Every later change waits for the delay of the timelock, so name here all
nodes and receivers that the first weeks need.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from oracle.adapters.chain.deployment import Deployment, address, parse_set
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.keystore import open_key
from oracle.client.wallet import Wallet
from oracle.domain.attestation import require_majority
from oracle.domain.errors import Conflict, Inconsistent, InvalidInput, RefrainError
from scripts.deploy import chains, roles
from scripts.deploy.chains import Chain
from scripts.deploy.create import create, create_around, create_ledger
from scripts.deploy.create import same_code as same_code
from scripts.deploy.plan import DAY, DEVELOPMENT, LEAST_DELAY
from scripts.deploy.plan import Plan as Plan
from scripts.solidity.artifacts import Artifacts
from scripts.solidity.compile import ARTIFACTS, compile_contracts

BPS = 10_000
UINT64_MAX = 2**64 - 1


def deploy(wallet: Wallet, artifacts: Artifacts, plan: Plan) -> Deployment:
    """Deploys, checks the code on chain, configures the contracts and hands over the roles.

    Raises:
        Inconsistent: a contract refuses a call, or the result on chain is wrong.
        Unavailable: the chain does not answer; contracts deployed so far stay unused.
    """
    chain_id, block = wallet.rpc.chain_id(), wallet.rpc.block().number
    profile = chains.load(chain_id)
    token = plan.token or create(wallet, artifacts.load("TestDollar"))
    splits = create(wallet, artifacts.load("RightsSplits"))
    authority = create(wallet, artifacts.load("AccessManager"), wallet.address)
    ledger, modules = create_ledger(wallet, artifacts, plan, token, splits, authority)
    timelock = roles.create_timelock(wallet, artifacts, plan)
    around = create_around(wallet, artifacts, plan, ledger, authority)
    made = Deployment(
        chain_id, token, splits, ledger, block, plan.oracle_set, authority, timelock, modules,
        plan.window, *around, profile.release, profile.block_seconds,
    )  # fmt: skip
    roles.grant(wallet, artifacts, made, plan)
    _install(wallet, artifacts, made, plan)
    roles.hand_over(wallet, artifacts, made, plan)
    return made


def _install(wallet: Wallet, artifacts: Artifacts, made: Deployment, plan: Plan) -> None:
    ledger = artifacts.contract("RoyaltyLedger", made.ledger)
    chosen, until = plan.oracle_set, wallet.rpc.block().timestamp + plan.lifetime
    terms = (plan.protocol_bps, plan.node_cap_bps, until, plan.cap)
    wallet.transact(ledger, "installFirstSet", chosen.threshold, list(chosen.signers), terms)
    for node in plan.nodes:
        wallet.transact(ledger, "allowNode", node, True)
    receiver = plan.people(wallet.address).receiver
    wallet.transact(ledger, "setReceivers", receiver, made.pool)


def plan_from(args: argparse.Namespace, chain_id: int, chain: Chain) -> Plan:
    """The plan of a command line.

    Raises:
        InvalidInput: an address, a number or a combination is wrong; names the option.
    """
    _within(args.protocol_bps + args.node_cap_bps, "--protocol-bps + --node-cap-bps", 0, BPS // 2)
    signers = sorted((address(s, "--signer") for s in args.signer), key=lambda s: int(s, 16))
    max_lag = _within(_or(args.max_lag, chain.max_lag), "--max-lag", 60, 30 * DAY)
    least = 0 if chain_id in DEVELOPMENT else LEAST_DELAY
    if args.keep_admin and chain_id not in DEVELOPMENT:
        raise InvalidInput("works on development chains only", field="--keep-admin", value=chain_id)
    chosen = parse_set({"threshold": args.threshold, "signers": signers}, "--signer")
    require_majority(chosen, "--threshold")
    return Plan(
        oracle_set=chosen,
        nodes=tuple(address(node, "--node") for node in args.node),
        token=token_from(args, chain_id, chain),
        admin=_address(args.admin, "--admin"),
        guardian=_address(args.guardian, "--guardian"),
        arbiter=_address(args.arbiter, "--arbiter"),
        receiver=_address(args.receiver, "--receiver"),
        protocol_bps=_within(args.protocol_bps, "--protocol-bps", 0, BPS // 2),
        node_cap_bps=_within(args.node_cap_bps, "--node-cap-bps", 0, BPS // 2),
        cap=_within(args.cap, "--cap", 1, UINT64_MAX),
        lifetime=_within(args.days, "--days", 1, 36_500) * DAY,
        max_lag=max_lag,
        window=_within(_or(args.window, chain.window), "--window", max_lag + 1, 90 * DAY),
        delay=_within(args.delay, "--delay", least, 365 * DAY),
        bond=_within(args.bond, "--bond", 1, 2**48 - 1),
        ruling_time=_within(args.ruling_days, "--ruling-days", 1, 90) * DAY,
        period=_within(args.pool_days, "--pool-days", 1, 365) * DAY,
        keep_admin=args.keep_admin,
    )


def token_from(args: argparse.Namespace, chain_id: int, chain: Chain) -> str | None:
    """The settlement token of a command line; None for a new test token.

    Raises:
        InvalidInput: the token is missing on a chain with real money, or is not on its list.
    """
    if args.token and args.test_token:
        raise InvalidInput("exclude each other", field="--token, --test-token")
    if not args.token:
        if not args.test_token and chain_id not in DEVELOPMENT:
            detail = f"must be named on chain {chain_id} (or --test-token, worth nothing)"
            raise InvalidInput(detail, field="--token")
        return None
    listed = chain.token(args.token)
    if listed is None and not args.unlisted_token:
        detail = f"is not in hardhat-config/chains/{chain_id}.json; --unlisted-token takes it"
        raise InvalidInput(detail, field="--token", value=args.token)
    return listed.address if listed else address(args.token, "--token")


def _address(text: str | None, field: str) -> str | None:
    return address(text, field) if text else None


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def _within(value: int, field: str, low: int, high: int) -> int:
    if not low <= value <= high:
        raise InvalidInput(f"must be from {low} to {high}", field=field, value=value)
    return value


def parser(prog: str = "python -m scripts.deploy") -> argparse.ArgumentParser:
    about = (__doc__ or "").replace("python -m scripts.deploy", prog)
    made = argparse.ArgumentParser(prog=prog, description=about)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("--rpc", required=True, help="URL of a node of the chain")
    made.add_argument("--key-file", required=True, help="file with the deployer's key, mode 600")
    made.add_argument("--out", required=True, type=Path, help="deployment file to write")
    made.add_argument("--signer", action="append", required=True, help="one oracle; repeat")
    made.add_argument("--threshold", type=int, required=True, help="how many oracles must sign")
    made.add_argument("--node", action="append", default=[], help="a node's payee; repeat")
    made.add_argument("--token", help="settlement token: symbol or address on the chain's list")
    made.add_argument("--unlisted-token", action="store_true", help="allow a token off the list")
    made.add_argument("--test-token", action="store_true", help="deploy a worthless token")
    _add_people(made)
    made.add_argument("--protocol-bps", type=int, default=Plan.protocol_bps)
    made.add_argument("--node-cap-bps", type=int, default=Plan.node_cap_bps)
    made.add_argument("--cap", type=int, default=Plan.cap, help="units per node and window")
    made.add_argument("--days", type=int, default=Plan.lifetime // DAY, help="of the first set")
    made.add_argument("--max-lag", type=int, help="seconds; default: of the chain")
    made.add_argument("--window", type=int, help="dispute epoch, seconds; default: of the chain")
    made.add_argument("--bond", type=int, default=Plan.bond, help="units for a challenge")
    made.add_argument("--ruling-days", type=int, default=Plan.ruling_time // DAY)
    made.add_argument("--pool-days", type=int, default=Plan.period // DAY, help="between rounds")
    made.add_argument("--artifacts", type=Path, help="compiled contracts; default: compile")
    made.add_argument("--force", action="store_true", help="replace the deployment file")
    return made


def _add_people(made: argparse.ArgumentParser) -> None:
    made.add_argument("--admin", help="proposes to the timelock; default: the deployer")
    made.add_argument("--guardian", help="may pause, remove sets, cancel; default: the admin")
    made.add_argument("--arbiter", help="rules on challenges; default: the guardian")
    made.add_argument("--receiver", help="gets the protocol's fees; default: the admin")
    made.add_argument("--delay", type=int, default=LEAST_DELAY, help="of the timelock, seconds")
    made.add_argument("--keep-admin", action="store_true", help="deployer stays admin; for tests")


def run(args: argparse.Namespace) -> Deployment:
    """Checks all input before the first transaction, then deploys."""
    if args.out.exists() and not args.force:
        raise Conflict("already exists; --force replaces it", field="--out", value=args.out)
    if not args.out.parent.is_dir():
        raise InvalidInput("must be in an existing folder", field="--out", value=args.out)
    rpc = Rpc(args.rpc, token=os.environ.get("REFRAIN_RPC_TOKEN", ""))
    chain_id = rpc.chain_id()
    chain = chains.load(chain_id)
    plan = plan_from(args, chain_id, chain)
    artifacts = Artifacts(args.artifacts or compile_contracts(ARTIFACTS))
    wallet = Wallet(rpc, open_key(args.key_file))
    if plan.token:
        _check_token(wallet, artifacts, plan.token, chain)
    made = deploy(wallet, artifacts, plan)
    made.write(args.out)
    return made


def _check_token(wallet: Wallet, artifacts: Artifacts, token: str, chain: Chain) -> None:
    if not wallet.rpc.code(token):
        raise InvalidInput("is no contract on this chain", field="--token", value=token)
    listed = chain.token(token)
    found = wallet.ask(artifacts.contract("TestDollar", token), "decimals")
    if listed and found != listed.decimals:
        detail = f"must have the {listed.decimals} decimals of the chain's list"
        raise Inconsistent(detail, field="--token", value=found)


def main(argv: Sequence[str] | None = None, prog: str = "python -m scripts.deploy") -> int:
    """Deploys and prints the addresses; on an error prints one line to stderr and returns 1.

    Args:
        prog: the command as the person typed it.
    """
    started = time.monotonic()
    try:
        made = run(parser(prog).parse_args(argv))
    except RefrainError as error:
        print(f"{error.title}: {error}", file=sys.stderr)
        return 1
    for name in ("token", "splits", "authority", "timelock", "ledger", "court", "pool", "lens"):
        print(f"{name:9} {getattr(made, name)}")
    print(f"chain {made.chain_id}, block {made.block}, {time.monotonic() - started:.1f} s")
    return 0

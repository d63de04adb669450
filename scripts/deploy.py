"""Deploys Refrain's contracts and writes where they are.

    python -m scripts.deploy --rpc http://127.0.0.1:8545 --key-file deployer.key \\
        --signer 0x... --signer 0x... --threshold 2 --node 0x... --out deployment.json

On development chains (31337, 1337) a TestDollar is deployed when no --token is named; elsewhere a
token has to be named, or a test token asked for. The deployer is the ledger's admin, and nothing
can change that later: deploy with the account that is to hold the role.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi import encode

from oracle.adapters.chain.artifacts import Artifact, Artifacts
from oracle.adapters.chain.deployment import Deployment, address, parse_set
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.keystore import open_key
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import Conflict, Inconsistent, InvalidInput, RefrainError
from scripts.compile import ARTIFACTS, compile_contracts
from scripts.wallet import Wallet

DEVELOPMENT = (31337, 1337)
BPS = 10_000
DAY = 86_400


@dataclass(frozen=True)
class Plan:
    """What is to be deployed.

    Args:
        oracle_set: the first set of oracles.
        nodes: generation nodes that may earn, EIP-55.
        token: settlement token; None deploys a TestDollar.
        guardian: who may pause and remove sets; None is the deployer.
        protocol_bps, node_cap_bps: the first set's fees in 1/10,000; together at most half.
        lifetime: seconds until the first set expires.
        max_lag: seconds that a settlement may come after its generation.
    """

    oracle_set: OracleSet
    nodes: tuple[str, ...]
    token: str | None = None
    guardian: str | None = None
    protocol_bps: int = 500
    node_cap_bps: int = 2_000
    lifetime: int = 2 * 365 * DAY
    max_lag: int = DAY


def deploy(wallet: Wallet, artifacts: Artifacts, plan: Plan) -> Deployment:
    """Deploys, checks the code that is now on chain, installs the set and allows the nodes.

    Raises:
        Inconsistent: a contract refuses, or the code on chain is not the artifact's.
        Unavailable: the node does not answer; contracts deployed so far stay unused.
    """
    dollar, tables, royalties = map(artifacts.load, ("TestDollar", "RightsSplits", "RoyaltyLedger"))
    block = wallet.rpc.block().number
    token = plan.token or create(wallet, dollar)
    splits = create(wallet, tables)
    roles = [wallet.address, plan.guardian or wallet.address]
    ledger = create(wallet, royalties, _words([token, splits, *roles, plan.max_lag]))
    made = Deployment(wallet.rpc.chain_id(), token, splits, ledger, block, plan.oracle_set)
    _install(wallet, artifacts, made, plan)
    return made


def create(wallet: Wallet, artifact: Artifact, arguments: bytes = b"") -> str:
    """Deploys one artifact and compares what is on chain with it; returns the address."""
    made, _ = wallet.create(artifact.bytecode + arguments)
    if not same_code(artifact.deployed, wallet.rpc.code(made)):
        raise Inconsistent("the code on chain is not the artifact's", field=artifact.name)
    return made


def same_code(artifact: bytes, chain: bytes) -> bool:
    """Whether code on chain is the artifact's, the values of immutables aside.

    An immutable is a PUSH32 of zeros in the artifact; only such words may differ.
    """
    if not chain or len(artifact) != len(chain):
        return False
    rest, hole = bytearray(chain), b"\x7f" + bytes(32)
    at = artifact.find(hole)
    while at >= 0:
        rest[at + 1 : at + 33] = bytes(32)
        at = artifact.find(hole, at + 33)
    return bytes(rest) == artifact


def _words(arguments: Sequence[Any]) -> bytes:
    kinds = ["uint256" if isinstance(a, int) else "address" for a in arguments]
    return encode(kinds, arguments)


def _install(wallet: Wallet, artifacts: Artifacts, made: Deployment, plan: Plan) -> None:
    ledger = artifacts.contract("RoyaltyLedger", made.ledger)
    chosen, until = plan.oracle_set, wallet.rpc.block().timestamp + plan.lifetime
    fees = (plan.protocol_bps, plan.node_cap_bps)
    wallet.transact(ledger, "installFirstSet", chosen.threshold, list(chosen.signers), *fees, until)
    for node in plan.nodes:
        wallet.transact(ledger, "allowNode", node, True)


def plan_from(args: argparse.Namespace, chain_id: int) -> Plan:
    """The plan that a command line asks for.

    Raises:
        InvalidInput: an address, number or combination that would deploy something useless.
    """
    if args.token and args.test_token:
        raise InvalidInput("is one thing or the other", field="--token, --test-token")
    if not args.token and not args.test_token and chain_id not in DEVELOPMENT:
        detail = f"must be named on chain {chain_id} (or --test-token, for a token worth nothing)"
        raise InvalidInput(detail, field="--token")
    fees = args.protocol_bps + args.node_cap_bps
    _within(fees, "--protocol-bps + --node-cap-bps", 0, BPS // 2)
    signers = sorted((address(s, "--signer") for s in args.signer), key=lambda s: int(s, 16))
    return Plan(
        oracle_set=parse_set({"threshold": args.threshold, "signers": signers}, "--signer"),
        nodes=tuple(address(node, "--node") for node in args.node),
        token=address(args.token, "--token") if args.token else None,
        guardian=address(args.guardian, "--guardian") if args.guardian else None,
        protocol_bps=_within(args.protocol_bps, "--protocol-bps", 0, BPS // 2),
        node_cap_bps=_within(args.node_cap_bps, "--node-cap-bps", 0, BPS // 2),
        lifetime=_within(args.days, "--days", 1, 36_500) * DAY,
        max_lag=_within(args.max_lag, "--max-lag", 60, 30 * DAY),
    )


def _within(value: int, field: str, low: int, high: int) -> int:
    if not low <= value <= high:
        raise InvalidInput(f"must be from {low} to {high}", field=field, value=value)
    return value


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m scripts.deploy", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("--rpc", required=True, help="URL of the chain's node")
    made.add_argument("--key-file", required=True, help="deployer's and admin's key, mode 600")
    made.add_argument("--out", required=True, type=Path, help="deployment file to write")
    made.add_argument("--signer", action="append", required=True, help="an oracle; repeat")
    made.add_argument("--threshold", type=int, required=True, help="oracles that must sign")
    made.add_argument("--node", action="append", default=[], help="a node's payee; repeat")
    made.add_argument("--token", help="settlement token, 6 decimals")
    made.add_argument("--test-token", action="store_true", help="deploy a token worth nothing")
    made.add_argument("--guardian", help="may pause and remove sets; default: the deployer")
    made.add_argument("--protocol-bps", type=int, default=Plan.protocol_bps)
    made.add_argument("--node-cap-bps", type=int, default=Plan.node_cap_bps)
    made.add_argument("--days", type=int, default=Plan.lifetime // DAY, help="first set's life")
    made.add_argument("--max-lag", type=int, default=Plan.max_lag, help="seconds")
    made.add_argument("--artifacts", type=Path, help="compiled contracts; default: compile")
    made.add_argument("--force", action="store_true", help="replace the deployment file")
    return made


def run(args: argparse.Namespace) -> Deployment:
    """Checks everything that can be checked before the first transaction, then deploys."""
    if args.out.exists() and not args.force:
        raise Conflict("is there already; --force replaces it", field="--out", value=args.out)
    if not args.out.parent.is_dir():
        raise InvalidInput("must be in an existing folder", field="--out", value=args.out)
    rpc = Rpc(args.rpc)
    plan = plan_from(args, rpc.chain_id())
    if plan.token and not rpc.code(plan.token):
        raise InvalidInput("is no contract on this chain", field="--token", value=plan.token)
    artifacts = Artifacts(args.artifacts or compile_contracts(ARTIFACTS))
    made = deploy(Wallet(rpc, open_key(args.key_file)), artifacts, plan)
    made.write(args.out)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Deploys and prints the addresses; 1 and one line on stderr when it cannot."""
    started = time.monotonic()
    try:
        made = run(parser().parse_args(argv))
    except RefrainError as error:
        print(f"{error.title}: {error}", file=sys.stderr)
        return 1
    for name in ("token", "splits", "ledger"):
        print(f"{name:7} {getattr(made, name)}")
    print(f"chain {made.chain_id}, block {made.block}, {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

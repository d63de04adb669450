"""Writes the ERC-7730 descriptors of a deployment, which tell wallets how to show a signature.

    python -m scripts.deploy.wallet_descriptors --deployment deployment.json --out descriptors

The templates in hardhat-config/erc7730 describe each call and each message; a deployment adds the
chain, the addresses and the token. Without a descriptor a wallet shows only bytes.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oracle.adapters.chain.deployment import Deployment, load
from oracle.domain.errors import InvalidInput, RefrainError
from scripts.solidity.toolchain import HARDHAT

TEMPLATES = HARDHAT / "erc7730"
PLACES = {"RoyaltyLedger": "ledger", "RightsSplits": "splits", "DisputeCourt": "court"}
"""Contract to the field of a deployment with its address."""


def templates(folder: Path = TEMPLATES) -> dict[str, dict[str, Any]]:
    """All templates by file name: `calldata-<Contract>.json` and `eip712-<Contract>.json`."""
    paths = sorted(folder.glob("*.json"))
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def contract_of(name: str) -> str:
    """The contract in the file name of a descriptor."""
    return name.removesuffix(".json").split("-")[1]


def filled(name: str, template: dict[str, Any], made: Deployment) -> dict[str, Any]:
    """A template with the address of the contract and the token of a deployment."""
    found = copy.deepcopy(template)
    place = {"chainId": made.chain_id, "address": getattr(made, PLACES[contract_of(name)])}
    bound = found["context"].get("contract") or found["context"]["eip712"]
    bound["deployments"] = [place]
    if "constants" in found["metadata"]:
        found["metadata"]["constants"]["token"] = made.token
    return found


def write(made: Deployment, folder: Path) -> list[Path]:
    """Writes every descriptor into `folder`, which is created if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, template in templates().items():
        text = json.dumps(filled(name, template, made), indent=2, ensure_ascii=False)
        paths.append(folder / name)
        paths[-1].write_text(text + "\n", encoding="utf-8")
    return paths


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the files and prints their paths; on an error one line on stderr and 1."""
    name = "python -m scripts.deploy.wallet_descriptors"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--deployment", required=True, type=Path, help="file of scripts.deploy")
    parser.add_argument("--out", required=True, type=Path, help="folder to write into")
    args = parser.parse_args(argv)
    try:
        if args.out.exists() and not args.out.is_dir():
            raise InvalidInput("must be a folder", field="--out", value=args.out)
        paths = write(load(args.deployment), args.out)
    except RefrainError as error:
        print(f"{error.title}: {error}", file=sys.stderr)
        return 1
    print("\n".join(map(str, paths)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

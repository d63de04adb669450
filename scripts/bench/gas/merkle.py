"""Uniswap merkle-distributor 1.0.1: one contract for each payment, with the root of a tree.

Its package contains no sources, so this uses the bytecode that its authors shipped (solc 0.6.11,
optimizer 200 runs). Only a claim, with its proof, tells the chain how much a payee gets.
"""

from __future__ import annotations

from typing import Any

from eth_utils import keccak

from scripts.bench.gas.chain_bench import (
    FIRST,
    LATER,
    PRICE,
    SIZES,
    WITHDRAW_ONE,
    Bench,
    Gas,
    even_amounts,
    pay_out,
)
from scripts.bench.gas.sources import shipped

ARTIFACT = "@uniswap/merkle-distributor/build/MerkleDistributor.json"


def leaf(index: int, account: str, amount: int) -> bytes:
    """The hash of a claim, as the distributor computes it."""
    packed = index.to_bytes(32, "big") + bytes.fromhex(account[2:]) + amount.to_bytes(32, "big")
    return keccak(packed)


def layers(leaves: list[bytes]) -> list[list[bytes]]:
    """The layers of a tree from leaves to root; pairs are sorted, an odd node moves up as it is."""
    found = [sorted(leaves)]
    while len(found[-1]) > 1:
        below = found[-1]
        pairs = [sorted(below[at : at + 2]) for at in range(0, len(below), 2)]
        found.append([keccak(b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs])
    return found


def proof(tree: list[list[bytes]], start: bytes) -> list[bytes]:
    """The siblings on the way from a leaf to the root."""
    found, at = [], tree[0].index(start)
    for layer in tree[:-1]:
        found += layer[at ^ 1 : (at ^ 1) + 1]
        at //= 2
    return found


def pay(bench: Bench, artifact: dict[str, Any], payees: list[str]) -> list[int]:
    """The gas of deploying a distributor, of paying PRICE into it, and of each claim."""
    token = bench.rig.token
    claims = list(zip(payees, even_amounts(len(payees)), strict=True))
    leaves = [leaf(index, *claim) for index, claim in enumerate(claims)]
    tree = layers(leaves)
    distributor, spent = bench.deploy(artifact, token.address, tree[-1][0])
    calls = [token.functions.transfer(distributor.address, PRICE)]
    for index, claim in enumerate(claims):
        path = proof(tree, leaves[index])
        calls.append(distributor.functions.claim(index, *claim, path))
    return [spent, *(bench.gas(call) for call in calls)]


def measure(bench: Bench) -> Gas:
    """Dividing and paying out by number of payees, and one claim of two."""
    found, artifact = Gas(), shipped(ARTIFACT)
    for size in SIZES:
        payees = bench.payees("claimant", size)
        for when in (FIRST, LATER):
            spent = pay(bench, artifact, payees)
            found[pay_out(size, when)] = sum(spent)
        found.setdefault(WITHDRAW_ONE, spent[-1])
    return found

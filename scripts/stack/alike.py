"""Recordings of a local stack that sound alike: their owners agree that both may be used.

Oracles quarantine two recordings of different owners that sound alike. The owners here are test
accounts of the stack, which signs for them, so a folder that holds one song twice stays usable.
"""

from __future__ import annotations

from collections.abc import Mapping

from oracle.adapters.chain import deployment
from oracle.adapters.signing.keystore import open_key
from oracle.client.copies import Copies
from oracle.domain.copies import BOTH, Decision
from scripts.stack.console import Console
from scripts.stack.layout import ORACLES
from scripts.stack.stack import Stack


def agree(stack: Stack, owners: Mapping[int, str], time: int, console: Console) -> None:
    """Has every pair released that is quarantined; says which.

    Args:
        owners: test account by recording.
        time: of the decisions, the chain's, seconds since 1970.
    """
    for recording, owner in sorted(owners.items()):
        copies = _copies(stack, owner)
        found = copies.of(recording)
        others = sorted(
            each["other"] for each in found["copies"]
            if each["ruling"] is None and owners.get(each["other"], owner) != owner
        )  # fmt: skip
        for other in others:
            first, second = sorted((recording, other))
            _decide(stack, owners, Decision(first, second, BOTH, time))
        if others:
            names = ", ".join(map(str, others))
            console.line(f"recording {recording} sounds like {names}: their owners agree to both")


def _decide(stack: Stack, owners: Mapping[int, str], decision: Decision) -> None:
    signers = [_copies(stack, owners[recording]) for recording in decision.pair]
    signers[0].decide(decision, [signer.sign(decision) for signer in signers])


def _copies(stack: Stack, owner: str) -> Copies:
    key = open_key(str(stack.accounts.key_file(owner)))
    urls = [stack.url(name) for name in ORACLES]
    return Copies(urls, key, deployment.load(stack.deployment))

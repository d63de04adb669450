"""`refrain app evidence` and `refrain court check-evidence`: a paid track that nobody delivers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from oracle.cli import units
from oracle.cli.output import facts
from oracle.cli.session import Session
from oracle.domain.errors import InvalidInput

LARGEST = 1024 * 1024
"""Largest file of evidence in bytes; the grounds of a challenge have the same limit."""

Ordered = Annotated[str, typer.Argument(metavar="GENERATION", help="Id of a paid order.")]
Oracles = Annotated[
    list[str],
    typer.Option(metavar="URL", help="Another oracle of the set; repeat it for each of them."),
]
Out = Annotated[Path, typer.Option(metavar="FILE", help="Where to write the evidence.")]
Evidence = Annotated[Path, typer.Argument(metavar="FILE", help="A file of `refrain app evidence`.")]


def collect(
    do: Session, generation: Ordered, oracle: Oracles = [],  # noqa: B006
    out: Out = Path("undelivered.json"),
) -> None:  # fmt: skip
    """Collect signed refusals of oracles that do not deliver a paid track, as evidence.

    The profile's oracles are asked, and each --oracle. As many oracles as must sign a settlement
    must refuse, two hours or more after it; silence is noted and is no refusal. The file can be
    the grounds of `refrain court challenge`.
    """
    from oracle.client import evidence
    from oracle.client.private import write_file
    from oracle.domain import canonical
    from oracle.domain.undelivered import undelivered_json

    number = units.word(generation, "GENERATION")
    there = do.connection
    urls = list(dict.fromkeys([there.need("api"), *there.profile.oracles, *oracle]))
    found = evidence.collect(there.payments.paid(number), urls, time.time())
    refused = evidence.check(found)
    write_file(out, canonical.dumps(undelivered_json(found)) + b"\n")
    rows = [("settled by", found.paid.transaction), ("refused by", ", ".join(refused)),
            ("silent", ", ".join(sorted(found.silent)) or "none"), ("file", out)]  # fmt: skip
    document = {"file": str(out), "refused": list(refused), "silent": dict(found.silent)}
    do.out.result(document, facts(rows, "Evidence that nobody delivers"))


def check(do: Session, file: Evidence) -> None:
    """Check evidence that nobody delivers a paid track: signatures, times, and the chain.

    Only statements that oracles signed with keys count. Oracles of the set that are contracts
    (ERC-1271) are named. The payer may be a contract: the ledger has asked it when it settled.
    """
    from oracle.client import evidence
    from oracle.domain.undelivered import parse_undelivered

    found = parse_undelivered(_content(units.file(file, "FILE")))
    refused = evidence.check(found)
    do.connection.payments.check_settled(found)
    contracts = do.connection.payments.contracts(found.paid)
    payer, silent = found.paid.order.payer, [c for c in contracts if c != found.paid.order.payer]
    asked = " (a contract: the ledger asked it about its signature, ERC-1271)"
    rows = [("generation", found.paid.generation), ("settled by", found.paid.transaction),
            ("price", do.money(found.paid.attestation.price)),
            ("payer", payer + (asked if payer in contracts else "")),
            ("refused by", ", ".join(refused)),
            ("cannot refuse", _cannot(silent))]  # fmt: skip
    document = {"valid": True, "generation": found.paid.generation, "refused": list(refused),
                "transaction": found.paid.transaction, "payer": payer,
                "payer_is_contract": payer in contracts, "contract_oracles": silent}  # fmt: skip
    do.out.result(document, facts(rows, "The evidence is valid"))


def _cannot(contracts: list[str]) -> str:
    """The oracles whose statements never count, in words."""
    if not contracts:
        return "none: every oracle of the set has a key"
    return f"{', '.join(contracts)}: a contract (ERC-1271) signs no statement"


def _content(path: Path) -> Any:
    from oracle.domain import canonical

    data = path.read_bytes()
    if len(data) > LARGEST:
        raise InvalidInput("must be at most 1 MiB", field="FILE", value=len(data))
    try:
        return canonical.loads(data.rstrip(b"\n"))
    except InvalidInput as error:
        raise InvalidInput(f"is no evidence: {error.detail}", field="FILE", value=path) from None

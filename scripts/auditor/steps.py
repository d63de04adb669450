"""The checks of one generation, in order."""

from __future__ import annotations

from .consent_checks import check_consent, check_floor
from .content_checks import (
    check_audio,
    check_edits,
    check_render,
    check_trace,
    check_vectors,
    check_weights,
    read_trace,
)
from .generation import Generation
from .manifest_call import read_manifest_call
from .manifest_checks import check_manifest, check_request, read_manifest
from .payment_checks import check_amounts, check_dispute, check_upgrade, print_table
from .signature_checks import check_attestation, check_order, check_quorum, read_transaction


def audit_generation(gen: Generation) -> None:
    """Runs every check of one generation, in the order of the report."""
    name = gen.event["order"]
    gen.report.begin(f"generation {name[:10]}..", f"generation {name}")
    gen.step("transaction", read_transaction)
    gen.step("manifest", read_manifest)
    if gen.untraced and gen.original is None:  # an upgrade has no manifest of its own
        gen.step("order", read_manifest_call, gen.manifest)
    gen.step("order", check_order, gen.order)
    gen.step("attestation", check_attestation, gen.attestation)
    gen.step("quorum", check_quorum, gen.quorum)
    gen.step("amounts", check_amounts, gen.attestation)
    gen.step("dispute", check_dispute, gen.attestation)
    if gen.original is not None:
        gen.step("upgrade", check_upgrade, gen.order)
    else:
        check_content(gen)
    gen.step("consent", check_consent, gen.manifest, gen.attestation)
    gen.step("floor", check_floor, gen.manifest, gen.order)
    gen.step("table", print_table, gen.attestation)


def check_content(gen: Generation) -> None:
    """The pinned content. An upgrade has none of its own: it is audited with its original."""
    gen.step("manifest", check_manifest, gen.manifest, gen.order)
    gen.step("request", check_request, gen.manifest, gen.order)
    gen.step("trace", read_trace, gen.manifest)
    gen.step("trace", check_trace, gen.trace)
    gen.step("edits", check_edits, gen.trace)
    gen.step("vectors", check_vectors, gen.trace)
    gen.step("weights", check_weights, gen.trace, gen.attestation)
    gen.step("audio", check_audio, gen.manifest)
    if gen.books.references is not None:
        gen.step("references", check_render, gen.trace, gen.audio)
    else:
        gen.report.skip("sound", "references")

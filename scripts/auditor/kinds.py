"""The kinds of what an audit does not check, and the verdict that remains (guides/auditor.md).

Every step that is skipped and every trust that is left is a finding of one of these kinds.
"""

from __future__ import annotations

PARTS = ("money", "content", "sound")
"""What an audit looks at, in the order in which a verdict builds up."""
WORDS = ("incomplete", "money agrees", "money and content agree", "money, content and sound agree")
TRUST = "trust"

KINDS: dict[str, tuple[str, str]] = {
    "missing input": ("", "its inputs could not be read (see above)"),
    "nothing audited": ("money", "no generation was audited, so nothing is known"),
    "old head": ("money", "the newest block is old, so what happened since is not known"),
    "newer blocks": ("money", "blocks that --confirmations leaves out settle generations"),
    "forwarded call": ("money", "another contract called the ledger, and the RPC has no trace"),
    "silent units": ("content", "trace version 1 does not say why a unit counts 0"),
    "no edits": ("content", "the trace has no edits that its counted frames could follow from"),
    "sound": ("sound", "without --references the track is not rendered again"),
    "state": (TRUST, "the RPC answers no eth_getProof: the end state is what its views say"),
    "receipts": (TRUST, "the events are in no proven receipt; --prove named or all"),
    "numbers of the trace": (TRUST, "likelihoods, audible energies and levels are the trace's own"),
    "list of events": (TRUST, "an event that left nothing in the state may be hidden; --prove all"),
    "words": (TRUST, "ISRCs, licences, grounds and who paused: no contract stores them"),
    "contract code": (TRUST, "the code at an address was not compared with the sources"),
    "price list": (TRUST, "the quorum sets the price; the list in force is not compared"),
    "sender": (TRUST, "who sent a transaction is checked by the contracts only"),
    "contract signature": (TRUST, "ERC-1271 is asked at the head, not at the settlement"),
    "skip reason": (TRUST, "that a batch had this reason to skip a generation"),
    "ruling": (TRUST, "whether a court ruled well"),
    "roles": (TRUST, "who had which role when, its delays, and timelock operations"),
    "likeness": (TRUST, "whether two recordings share their sound or fingerprint"),
    "token": (TRUST, "the token's own code, its issuer and its pauses"),
    "fork": (TRUST, "a private fork has the same chain id; name --head or --rpc2"),
    "unsettled track": (TRUST, "a track that was published and never settled is on no chain"),
    "this program": (TRUST, "compare the hash of this program, printed first, with others"),
}
"""Kind to the part that it leaves open and the usual reason; an empty part is that of the step.

Trusts leave no part open; a proof takes the place of some of them (`Report.proven`).
"""
STANDING = tuple(kind for kind, (part, _) in KINDS.items() if part == TRUST)


def level(open_parts: set[str]) -> int:
    """How many parts, from the first one on, leave nothing open."""
    return next((n for n, part in enumerate(PARTS) if part in open_parts), len(PARTS))

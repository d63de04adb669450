"""The reasons of a refused quote in words for the person who asked."""

from __future__ import annotations

from oracle.client.answers import View

_OF_PAYER = {
    "cap_reached": "the generation nodes have reached their limit for now, try again later",
    "below_cost": "the price is below what the settlement costs this oracle",
}


def in_words(refusal: View) -> str:
    """One refusal as a sentence; the oracle's own numbers follow."""
    number, reason, detail = refusal["recording"], refusal["reason"], refusal["detail"]
    if reason == "unpermitted":
        return f"recording {number} does not permit this use (refrain consent show shows what)"
    if reason == "not_held":
        return f"recording {number} is not at two generation nodes: {detail}"
    if reason == "quarantined":
        return f"recording {number} {detail}"
    if reason in _OF_PAYER:
        return f"{_OF_PAYER[reason]} ({detail})"
    return detail if number is None else f"recording {number}: {detail}"

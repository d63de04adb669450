"""What the API tells of an error in a step. The cause itself is for the operator's log."""

from __future__ import annotations

from oracle.domain.errors import InvalidInput, NotFound, RefrainError
from oracle.domain.generation import Stage

WAITS = {
    Stage.ORDERED: "waiting for the chain and the other oracles",
    Stage.CONSENTED: "waiting for a generation node",
    Stage.GENERATED: "waiting for the manifest to be pinned",
    Stage.PUBLISHED: "waiting for the signatures of the other oracles",
    Stage.SIGNED: "waiting to be settled",
    Stage.POSTED: "waiting for the settlement",
    Stage.CONFIRMED: "waiting for the files to be pinned",
}
"""For each stage before the end, what a generation waits for when a service fails."""

ENDS = {
    Stage.ORDERED: "the order could not be checked",
    Stage.CONSENTED: "the track could not be made",
    Stage.GENERATED: "the manifest could not be published",
    Stage.PUBLISHED: "the oracles did not sign it",
}
"""For each stage, what a generation failed at."""


def why_it_waits(stage: Stage, error: RefrainError) -> str:
    """The sentence for an app while a step is tried again."""
    return f"trying again: {error if _is_told(error) else WAITS[stage]}"


def why_it_ended(stage: Stage, error: RefrainError) -> str:
    """The sentence for an app after an error has ended a generation."""
    return str(error) if _is_told(error) else ENDS[stage]


def _is_told(error: RefrainError) -> bool:
    """In a step, malformed and absent data are a service's and not the app's."""
    return error.public and not isinstance(error, InvalidInput | NotFound)

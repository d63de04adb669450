"""The interfaces of generation nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from oracle.domain.check import Check
from oracle.domain.copies import Copy
from oracle.domain.holdings import Holdings
from oracle.domain.ordered import Ordered


@dataclass(frozen=True)
class Job:
    """A generation node's job: `progress` in per cent, `state` queued, running, done or failed."""

    id: str
    state: str
    progress: int
    error: str | None
    vectors: Mapping[str, Any] | None


class GenerationNode(Protocol):
    """A machine that makes tracks. Raises NotFound for a job that it does not know."""

    url: str

    def payee(self) -> str: ...
    def held(self, recordings: Iterable[int]) -> Mapping[int, int]:
        """Tempi, in whole beats a minute, of those of some recordings whose audio the node holds;
        0 without a beat.
        """

    def copies(self, recordings: Iterable[int]) -> Sequence[Copy]:
        """The copies of some recordings among all that the node holds."""

    def start(self, generation: str, job: Mapping[str, Any]) -> Job:
        """Starts the job of an order with this hash; `job` as `node_jobs.job_of` writes it."""

    def job(self, generation: str) -> Job: ...
    def audio(self, generation: str) -> bytes: ...
    def trace(self, generation: str) -> bytes: ...
    def records(self, generation: str) -> bytes:
        """The analysis records from which a track was composed, a JSON list."""

    def check(self, ordered: Ordered, trace: bytes, audio: bytes, records: bytes) -> Check:
        """What the node finds when it composes and renders a track of another node again.

        Args:
            records: analysis records of the maker, a JSON list; the node uses those that are near
                its own.
        """


class NodeCopies(Protocol):
    """Which recordings sound alike, as the generation nodes said a few seconds ago at most."""

    def ask(self, recordings: Iterable[int]) -> tuple[Copy, ...]:
        """The copies of some recordings that any node knows of, ascending by both ids.

        Raises Unavailable when no node answers.
        """


class NodeHoldings(Protocol):
    """Which recordings the generation nodes hold, as they said a few seconds ago at most."""

    def payees(self) -> list[str]:
        """The payees of the nodes that answer, in order of preference."""

    def ask(self, recordings: Iterable[int]) -> Holdings:
        """Which of some recordings each node holds, with their tempi, and how many nodes do not
        answer.
        """

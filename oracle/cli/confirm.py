"""Before a change of money or consent: what changes, what it costs, and the question."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import typer

from oracle.cli.output import Output, table
from oracle.domain.errors import Refused


@dataclass(frozen=True)
class Change:
    """A value before and after, as it is shown."""

    name: str
    before: str
    after: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "before": self.before, "after": self.after}


State = Mapping[str, str]
"""Names of values and the values as they are shown."""


@dataclass(frozen=True)
class Watch:
    """What must not change between the question and the transaction.

    Args:
        before: as it was read for the question.
        read: reads it again.
    """

    before: State
    read: Callable[[], State]

    def check(self) -> None:
        """Reads again, and compares.

        Raises:
            Refused: somebody else has changed it; names each value.
        """
        now = self.read()
        changed = [
            f"{name} was {was} and is {now.get(name, 'none')}"
            for name, was in self.before.items() if now.get(name) != was
        ]  # fmt: skip
        if changed:
            listed = "; ".join(changed)
            raise Refused(f"changed while you were asked: {listed}; nothing was sent")


class Declined(Refused):
    """The person answered no."""

    title = "Stopped"


class Confirmation:
    """Shows the changes of a command and asks once.

    Args:
        yes: skip the question.
    """

    def __init__(self, out: Output, yes: bool) -> None:
        self._out = out
        self._yes = yes
        self._title = ""
        self._changes: Sequence[Change] = ()
        self._watch: Watch | None = None
        self._agreed = True

    def announce(
        self, title: str, changes: Sequence[Change], watch: Watch | None = None
    ) -> None:
        """Sets what `ask` shows.

        Args:
            watch: what has to be the same after the answer.

        Raises:
            Refused: nobody can be asked, and ``--yes`` was not given.
        """
        if not self._yes and not sys.stdin.isatty():
            detail = "there is no terminal for the question; --yes does it without asking"
            raise Refused(f"{title}: {detail}")
        self._title, self._changes, self._agreed = title, changes, False
        self._watch = watch

    def ask(self, cost: str = "none") -> None:
        """Shows what was announced and asks; only once.

        Args:
            cost: what the transaction costs, as it is shown.

        Raises:
            Declined: the answer is no.
            Refused: what is watched has changed since it was read.
        """
        if self._agreed:
            return
        rows = [(change.name, change.before, change.after) for change in self._changes]
        self._out.note(table(("", "before", "after"), rows, self._title))
        self._out.note(f"Gas: {cost}.")
        if not self._yes and not typer.confirm("Do it?", default=False, err=True):
            raise Declined("nothing was changed")
        if self._watch:
            self._watch.check()
        self._agreed = True

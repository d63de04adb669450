"""Activities: threads of which exactly one runs at a time; the seed chooses which.

An activity is what an oracle does: one step of its worker, or one answer to another oracle. At each
call of a port it may pause, and then any other activity goes on. Nothing else runs at the same
time, so the same seed gives the same events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.simulation.baton import Runner

MOST = 100
"""Activities at the same time. More means that oracles ask each other without end."""


class Death(BaseException):
    """The process of an oracle ends here, without cleanup."""


class Activity:
    """One thread of an oracle.

    Args:
        owner: index of the oracle that does it.
        work: returns the activity's result.
    """

    def __init__(self, name: str, owner: int, work: Callable[[], Any]) -> None:
        self.name, self.owner = name, owner
        self.done = False
        self.doomed = False
        self.awaits: Any = None
        self.result: Any = None
        self.error: BaseException | None = None
        self.seen: Any = None
        self._work = work
        self._runner: Runner | None = None

    def _run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:
            self.error = error
        self.done = True

    def resume(self) -> None:
        """Runs the activity until it pauses or ends."""
        if self._runner is None:
            if self.doomed:
                self.error, self.done = Death(), True
                return
            self._runner = Runner.borrow(self._run)
        self._runner.give()

    def pause(self) -> None:
        """Called inside of the activity: lets another one run. Raises Death when it is doomed."""
        if self._runner is None:
            raise RuntimeError(f"{self.name} does not run")
        self._runner.give_back()
        if self.doomed:
            raise Death

    @property
    def ready(self) -> bool:
        """Whether it can go on: it waits for no other activity."""
        return self.doomed or self.awaits is None or self.awaits.done


class Scheduler:
    """All activities that have not ended.

    Args:
        look: its result is kept as `seen` of each activity that begins to run.
    """

    def __init__(self, look: Callable[[], Any] = lambda: None) -> None:
        self._look = look
        self.live: list[Activity] = []
        self.current: Activity | None = None

    def start(self, name: str, owner: int, work: Callable[[], Any]) -> Activity:
        """Adds an activity; it runs when it is resumed. Raises RuntimeError above `MOST`."""
        if len(self.live) >= MOST:
            raise RuntimeError(f"{MOST} activities run: the oracles ask each other without end")
        made = Activity(name, owner, work)
        self.live.append(made)
        return made

    def ready(self) -> list[Activity]:
        return [each for each in self.live if each.ready]

    def resume(self, activity: Activity) -> None:
        """Runs one activity until it pauses or ends."""
        if activity.seen is None:
            activity.seen = self._look()
        self.current = activity
        try:
            activity.resume()
        finally:
            self.current = None
        if activity.done:
            self.live.remove(activity)

    def pause(self) -> None:
        """Lets another activity run; does nothing outside of activities."""
        if self.current is not None:
            self.current.pause()

    def wait_for(self, other: Activity) -> None:
        """Called inside of an activity: pauses until the other one has ended."""
        if self.current is None:
            raise RuntimeError("only an activity can wait for another one")
        self.current.awaits = other
        self.current.pause()

    def doom(self, owner: int) -> None:
        """Every activity of an oracle dies at the place where it paused."""
        for each in self.live:
            if each.owner == owner:
                each.doomed = True

    def reap(self) -> None:
        """Runs the doomed activities to their end."""
        for each in [each for each in self.live if each.doomed]:
            while not each.done:
                self.resume(each)

    def close(self) -> None:
        """Ends every activity; nothing runs on after a failed seed."""
        for each in self.live:
            each.doomed = True
        self.reap()

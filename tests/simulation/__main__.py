"""`python -m tests.simulation`: runs seeds, or one seed with its events."""

from __future__ import annotations

import argparse
import time

from tests.simulation.invariants import Violation
from tests.simulation.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="one seed; prints its events")
    parser.add_argument("--first", type=int, default=0, help="the first of several seeds")
    parser.add_argument("--count", type=int, default=100, help="how many seeds")
    asked = parser.parse_args()
    if asked.seed is not None:
        return _one(asked.seed)
    return _several(range(asked.first, asked.first + asked.count))


def _one(seed: int) -> int:
    try:
        world = run(seed)
    except Violation as error:
        print(error)
        return 1
    for moment, text in world.log:
        print(f"{moment - world.born:6} {text}")
    print(world.options)
    return 0


def _several(seeds: range) -> int:
    failed, start = [], time.process_time()
    for seed in seeds:
        try:
            run(seed)
        except Violation as error:
            failed.append(seed)
            print(f"seed {seed}: {str(error).splitlines()[0]}")
    print(f"{len(seeds)} seeds, {len(failed)} failed, {time.process_time() - start:.1f} s of CPU")
    return 1 if failed else 0


raise SystemExit(main())

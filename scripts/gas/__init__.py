"""The gas benchmark: what our functions cost, what other people's cost for the nearest work.

`ours` and each peer's module say what one thing costs under the same name, `goals` puts them side
by side, `snapshot` keeps the committed figures. `scripts.bench.gas` is the command.
"""

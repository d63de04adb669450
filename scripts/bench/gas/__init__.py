"""The gas benchmark: the gas of the ledger's functions, and of other contracts for similar work.

`ours` and each peer's module measure gas under the same names, `goals` combines both with the
goals, and `snapshot` stores the committed figures. The command is `python -m scripts.bench.gas`.
"""

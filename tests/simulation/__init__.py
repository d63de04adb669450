"""A simulation of whole oracle sets in one process, in which a seed decides everything.

`python -m tests.simulation --seed N` runs one seed alone and prints its events.
"""

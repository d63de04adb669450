"""Mutation testing of the contracts: every small fault that a test ought to notice.

All mutants are compiled at once. Each place that can be changed becomes a choice between the code
as it is and its variants, made by `block.coinbase`, which no contract of ours reads and which forge
takes on its command line. So a mutant costs one run of the tests and no compilation.
"""

"""The Solidity tools: compiler, forge, slither, halmos, coverage, mutants, Anvil."""

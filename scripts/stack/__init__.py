"""The whole of Refrain on one machine: chain, contracts, pinning, nodes, oracles."""

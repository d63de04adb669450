"""Implementations of the ports: chain, keys, pinning, generation nodes, peers, database."""

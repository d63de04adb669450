"""What the ports look like in the world: chain, keys, pinning, generation nodes, database."""

"""The generation node: HTTP routes, job queue, vault, and the registry on the chain."""

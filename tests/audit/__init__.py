"""What the tests of the audit share: a small world on a real chain, and an RPC that lies."""

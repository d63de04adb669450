"""Keys and signatures: EIP-712 orders, attestations and vault uploads."""

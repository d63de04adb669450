"""Keys, and what is signed with them: EIP-712 orders, attestations and vault uploads."""

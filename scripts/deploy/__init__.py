"""Deploys the contracts: the chain's profile, the contracts, and who may call what."""

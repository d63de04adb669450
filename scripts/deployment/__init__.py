"""What scripts/deploy.py does: the chain's profile, the contracts, who may do what with them."""

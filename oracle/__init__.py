"""The oracle: accepts orders, gets tracks made, checks their royalties, signs and settles them."""

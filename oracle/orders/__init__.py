"""Orders: quotes, prices, consent checks, acceptance and upgrades."""

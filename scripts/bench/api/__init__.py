"""Cost of the oracle's API, and of its reads of chain and database as their history grows."""

"""A reference model of the ledger, and the state machine that compares it with the contracts."""

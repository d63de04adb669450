"""The ledger as the world has it: read over JSON-RPC, written to through an outbox."""

"""The ledger on a chain: read over JSON-RPC, written through an outbox."""

"""The independent audit: recomputes every payout of a Refrain ledger from the chain and IPFS alone.

It shares no code with the rest of Refrain, so an error there is not repeated here. Imports inside
this package are relative: the same folder is `scripts/auditor` in a checkout, `refrain_audit` in
the wheel and the content of `refrain-audit.pyz`. docs/guides/auditor.md says what is checked and
what has to be trusted.
"""

"""The quorum: attestations, proposals, collection of signatures, and batches."""

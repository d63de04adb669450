"""Programs for people who run, use, measure or audit Refrain."""

"""From a trace to attribution vectors."""

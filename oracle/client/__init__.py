"""What artists, apps, payees and challengers use from Python."""

"""What the oracle, the gateway and the node share: server, log, problems, limits of bodies."""

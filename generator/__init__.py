"""The generation node: it makes tracks and records what each reference contributed."""

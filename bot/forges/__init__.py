"""Where pulls come from and where their reports go; one file a forge."""

"""The private halves of the GitHub forge."""

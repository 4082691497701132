"""The private halves of the local forge."""

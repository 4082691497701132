"""The private halves of the runner in memory."""

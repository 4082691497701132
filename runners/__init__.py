"""Where groups of containers run; one file a runner."""

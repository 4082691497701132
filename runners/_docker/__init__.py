"""The private halves of the Docker runner."""

"""The private halves of the Kubernetes runner."""

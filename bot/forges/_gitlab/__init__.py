"""The private halves of GitLab's adapter."""

"""What has to happen, in which order, and why; and why not."""

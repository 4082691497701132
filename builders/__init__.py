"""From a commit to an image; one file a builder."""

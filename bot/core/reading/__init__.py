"""A file's bytes become a spec, or every mistake at once, each at its place."""

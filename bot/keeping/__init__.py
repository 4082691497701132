"""Files that hold what is secret: written whole or not at all, and encrypted."""

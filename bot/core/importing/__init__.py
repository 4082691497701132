"""Other systems' files become a spec, and a list of what has no counterpart. Reads no file itself."""

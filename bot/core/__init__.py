"""The pure heart: what has to happen, and every sentence about it. No I/O, clock, random, environment, file or log."""

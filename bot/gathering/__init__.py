"""Reads, fresh at every turn, all that a decision depends on: the pull, its spec, whose word there is for it."""

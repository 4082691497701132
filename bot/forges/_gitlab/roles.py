"""GitLab's roles, of which the operator names the least whose word lets a commit run."""

WRITING = {"developer": 30, "maintainer": 40, "owner": 50}
"""Those that may be named, with their access level."""

"""Values into texts: what a node of the spec comes to for a runner, and what a job leaves for others."""

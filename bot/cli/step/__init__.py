"""One step of a forge's own CI: a bot for as long as a job of the pipeline runs."""

"""A report or a plan on a person's screen, or as a picture."""

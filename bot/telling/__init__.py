"""Tells a pull what happens to its preview: one report after the other, as fast as the forge will have them."""

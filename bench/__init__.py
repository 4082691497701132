"""What matinee costs beside doing the same by hand: ratios, both sides measured in turn in one run."""

"""A payload that is not what GitHub documents."""


class Wrong(ValueError):
    """Says where it differs, and never repeats a value."""

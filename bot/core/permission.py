"""What somebody may do in a repository, as every forge has it in its own words."""

from enum import IntEnum


class Permission(IntEnum):
    """Each includes those before it."""

    NONE = 0
    READ = 10
    TRIAGE = 20
    WRITE = 30
    MAINTAIN = 40
    ADMIN = 50

    def __str__(self) -> str:
        return self.name.lower()

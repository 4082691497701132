"""The output file of a job: where it is, how large it may be, and what is said of one that is not to be read. Pure."""

from bot.core.group import Unfit

FOLDER = "/qovery-output"
FILE = f"{FOLDER}/qovery-output.json"
LIMIT = 2**20


def misplaced(what: str) -> Unfit:
    """For something that stands in the file's place."""
    return Unfit(f"the output file is {what}; write a regular file")


def oversized(size: int) -> Unfit:
    """For a file that is too large."""
    return Unfit(f"the output file has {size} bytes; at most {LIMIT} are read")

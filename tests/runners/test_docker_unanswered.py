"""What is said of an engine that does not answer."""

import pytest

from runners._docker.engine import unanswered


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied"), "log in as somebody of the group docker"),
        (ConnectionRefusedError(111, "Connection refused"), "start it or set DOCKER_HOST"),
    ],
    ids=["not ours to open", "nobody listens"],
)
def test_the_error_below_all_others_says_what_to_do(error, said):
    wrapped = ValueError("('Connection aborted.', …)")
    wrapped.__cause__ = RuntimeError("aborted")
    wrapped.__cause__.__context__ = error
    assert unanswered(wrapped) == f"{error}; {said}"

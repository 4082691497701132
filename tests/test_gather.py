from bot.core.model import Spec
from bot.core.reading.spec import Unreadable
from bot.gather import read_spec


class Files:
    """A commit of which only the files at the root are asked for."""

    def __init__(self, **files: bytes) -> None:
        self._files = {name.replace("_", "."): text for name, text in files.items()}

    def read(self, path: str, *, limit: int) -> bytes | None:
        text = self._files.get(path)
        if text is not None and len(text) > limit:
            raise ValueError(f"{path} has {len(text)} bytes; {limit} are allowed")
        return text


def test_a_commits_spec_is_read():
    assert isinstance(read_spec(Files(matinee_yaml=b"version: 1\nservices: {web: {image: a}}\n")), Spec)


def test_a_commit_with_a_dockerfile_alone_is_previewed_by_it():
    spec = read_spec(Files(Dockerfile=b"FROM nginx\nEXPOSE 8080/tcp\n"))
    assert isinstance(spec, Spec)
    assert (spec.services["app"].port, spec.services["app"].public) == (8080, True)


def test_a_commit_with_neither_is_told_what_to_add():
    assert "nor a Dockerfile to preview without one; add one" in str(read_spec(Files()))


def test_a_spec_that_is_too_large_to_read_is_no_spec():
    found = read_spec(Files(matinee_yaml=b"#" * 300_000))
    assert isinstance(found, Unreadable)
    assert "300000 bytes" in str(found)

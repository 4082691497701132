"""Write anew what becomes of the files here: `python -m tests.core.importing.golden`; read the difference first."""

from pathlib import Path

from bot.cli.nearby import reader
from bot.core.importing import compose, heroku, nomad, qovery
from bot.core.importing.draft import Imported, Unimportable

HERE = Path(__file__).parent
READERS = {"compose": compose.read, "nomad": nomad.read, "qovery": qovery.read, "heroku": heroku.read}
FILES = [
    path
    for system in READERS
    for path in sorted((HERE / system).iterdir())
    if not path.name.endswith((".expected.yaml", ".left-out", ".Procfile"))
]


def imported(path: Path) -> Imported | Unimportable:
    if path.is_dir():
        return project(path)
    procfile = path.with_suffix(".Procfile")
    if procfile.exists():
        return heroku.read(path.read_bytes(), procfile=procfile.read_text(encoding="utf-8"))
    return READERS[path.parent.name](path.read_bytes())


def project(folder: Path) -> Imported | Unimportable:
    """A repository with a compose file, and those over it; what they name is read."""
    over = {path.name: path.read_bytes() for path in sorted(folder.glob("compose.*.yaml"))}
    return compose.read((folder / compose.FILE).read_bytes(), over=over, reader=reader(folder))


def told(made: Imported | Unimportable, path: Path) -> str:
    name = compose.FILE if path.is_dir() else path.name
    return "".join(f"{each.told(name)}\n" for each in made.left_out)


if __name__ == "__main__":
    for each in FILES:
        made = imported(each)
        assert isinstance(made, Imported), made
        each.with_suffix(".expected.yaml").write_text(made.text, encoding="utf-8")
        each.with_suffix(".left-out").write_text(told(made, each), encoding="utf-8")

"""Write what is said of bad specs anew: `python -m tests.core.golden_specs`; read the difference before keeping it."""

from pathlib import Path

from bot.core.reading.spec import read

BAD = Path(__file__).parent / "specs" / "bad"

if __name__ == "__main__":
    for file in sorted(BAD.glob("*.yaml")):
        file.with_suffix(".problems").write_text(f"{read(file.read_bytes(), file=file.name)}\n", encoding="utf-8")

"""The example, file by file."""

from pathlib import Path

SHOP = Path(__file__).parents[2] / "examples" / "shop"
FILES = {str(each.relative_to(SHOP)): each.read_text() for each in SHOP.rglob("*") if each.is_file()}

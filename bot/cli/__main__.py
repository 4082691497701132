"""`python -m bot.cli` is `matinee`."""

from bot.cli import main

main()

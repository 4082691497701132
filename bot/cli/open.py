"""Opens the world for a command, with its log on standard error."""

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from bot import settings
from bot.logs import set_up
from bot.world import World, world


def open_world(config: Path | None, *, level: int = logging.ERROR) -> World:
    """The world that the settings of this process name."""
    chosen = read(config)
    set_up(sys.stderr, level=level, secrets=settings.secrets(chosen))
    return world(chosen)


def read(config: Path | None) -> Mapping[str, str]:
    """The settings of this process."""
    return settings.from_here(config)

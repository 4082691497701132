"""Does one step of a plan with the builder and the runner, and remembers with the environment what came of it."""

from bot.hands.grip import Deploy, Grip
from bot.hands.hands import Hands

__all__ = ["Deploy", "Grip", "Hands"]

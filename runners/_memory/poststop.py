"""What a group does at its end: its poststop tasks, told how it ended."""

from dataclasses import replace

from bot.core.group import Ended, Ending
from bot.core.model import Hook
from bot.core.wire import Log
from runners._memory.hooks import passed
from runners._memory.instance import Instance, told


def ended(instance: Instance, ending: Ending, log: Log) -> tuple[Ended, ...]:
    """Let all that still runs end, then run the poststop tasks as written; those that failed."""
    instance.quiet()
    owed = instance.group.hooked(Hook.POSTSTOP)
    knowing = [replace(task, variables={**task.variables, **ending.variables}) for task in owed]
    ends = [told(task, passed(instance, task, log, lambda: False)) for task in knowing]
    return tuple(each for each in ends if not each.succeeded)

"""The bot as one process: two listeners, workers that take due lanes, and one that hears what is said on pulls."""

import logging
import os
import signal
import socket
from collections.abc import Callable, Mapping
from functools import partial
from threading import Event, Thread
from types import FrameType

from flask import Flask
from werkzeug.exceptions import HTTPException

from bot import plugins
from bot.app import turn
from bot.core.errors import MatineeError, Misused, Unavailable
from bot.desk.attend import LEASE, attend
from bot.settings import address, begun, number
from bot.sweeper.rounds import keep_sweeping
from bot.web.health import health
from bot.web.hooks import door, refused
from bot.web.listen import listen
from bot.world import World

log = logging.getLogger(__name__)

ANNOUNCED = 10.0
"""Seconds for which one announcement that a bot serves holds."""


def serve(settings: Mapping[str, str], world: World) -> None:
    """Serve until SIGTERM or SIGINT; what is under way then is left as a kill would leave it."""
    over = Event()
    begin(settings, world, over)
    _until_signal(world, over)


def begin(settings: Mapping[str, str], world: World, over: Event) -> int:
    """Listen and work in threads until `over`; the port for hooks."""
    hooks = {name: forge for name, forge in world.forges.items() if name in world.hooked}
    lacking = plugins.unhooked(settings)
    if not hooks:
        raise Misused(" ".join(sorted(lacking.values())))
    for name in begun(settings, lacking):
        log.warning("deliveries of %s are refused: %s", name, lacking[name])
    owner = _owner()
    healthy = partial(_healthy, world)
    port = listen(door(hooks, world.inbox.receive, healthy), *address(settings["listen"], "listen"))
    listen(_admin(healthy), *address(settings["admin_listen"], "admin_listen"))
    for count in range(number(settings, "workers")):
        _begin_work(f"worker {count}", partial(_turned, world, f"{owner}/{count}"), world, over)
    _begin_work("desk", partial(_attended, world, f"{owner}/desk"), world, over)
    Thread(target=keep_sweeping, args=(world, owner, over), name="sweeper", daemon=True).start()
    log.info("serving hooks of %s at http://%s/hooks/<forge>", ", ".join(sorted(hooks)), settings["listen"])
    return port


def _admin(healthy: Callable[[], str | None]) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(health(healthy))
    app.register_error_handler(HTTPException, refused)
    return app


def _healthy(world: World) -> str | None:
    try:
        world.inbox.served()
    except Unavailable as error:
        return str(error)
    return None


def _owner() -> str:
    return f"{socket.gethostname()}/{os.getpid()}"


def _until_signal(world: World, over: Event) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        log.info("%s: ending; what is under way goes on at the next start", signal.Signals(number).name)
        over.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not over.is_set():
        _announce(world, _owner())
        over.wait(ANNOUNCED / 4)
    world.inbox.leave(_owner())


def _announce(world: World, owner: str) -> None:
    try:
        world.inbox.serving(owner, lease=ANNOUNCED)
    except Unavailable as error:
        log.warning("%s", error)


def _begin_work(name: str, once: Callable[[], bool], world: World, over: Event) -> None:
    Thread(target=_work, args=(once, world, over), name=name, daemon=True).start()


def _turned(world: World, owner: str) -> bool:
    """Take the turn of a lane that is due; whether there was one."""
    claim = world.inbox.claim(owner, lease=world.lease)
    if claim is not None:
        turn(claim, world)
    return claim is not None


def _attended(world: World, owner: str) -> bool:
    """Carry a remark out; whether there was one."""
    heard = world.inbox.hear(owner, lease=LEASE)
    if heard is not None:
        attend(heard, world)
    return heard is not None


def _work(once: Callable[[], bool], world: World, over: Event) -> None:
    while not over.is_set():
        try:
            if not once():
                world.inbox.wait(1.0)
        except MatineeError as error:
            log.warning("%s", error)
            over.wait(2.0)
        except Exception:
            log.exception("a fault of ours; what was under way is taken again when its lease is over")
            over.wait(2.0)

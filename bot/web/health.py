"""Whether the bot lives and is fit to take deliveries, for whoever restarts or routes to it."""

from collections.abc import Callable

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue


def health(healthy: Callable[[], str | None]) -> Blueprint:
    """`/healthz`: this process answers. `/readyz`: it can work; `healthy` says why not."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def alive() -> ResponseReturnValue:
        return jsonify(status="alive")

    @pages.get("/readyz")
    def ready() -> ResponseReturnValue:
        why = healthy()
        return jsonify(status="ready") if why is None else (jsonify(status="not ready", why=why), 503)

    return pages

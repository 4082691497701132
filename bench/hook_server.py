"""A server to send deliveries to, as a process of its own: `python -m bench.hook_server ours STATE` or `theirs`."""

import sys
import threading
from pathlib import Path

from flask import Flask

from bot.forges import github
from bot.inbox import Inbox
from bot.web.hooks import door
from bot.web.listen import listen

SECRET = "the secret of the bench's own webhook"


def main() -> None:
    """Serve until killed; the port is the first line that is printed."""
    app = _ours(Path(sys.argv[2])) if sys.argv[1] == "ours" else _theirs()
    print(listen(app, "127.0.0.1", 0), flush=True)
    threading.Event().wait()


def _ours(state: Path) -> Flask:
    """The bot's own door, without workers behind it."""
    forges = {"github": github.create({"github_webhook_secret": SECRET})}
    return door(forges, Inbox.open(f"sqlite:///{state}/matinee.db").receive, lambda: None)


def _theirs() -> Flask:
    """What Flask and waitress cost alone: the body is read, and nothing is done with it."""
    app = Flask("hello")

    @app.post("/hooks/github")
    def hello() -> tuple[str, int]:
        return "hello", 202

    return app


if __name__ == "__main__":
    main()

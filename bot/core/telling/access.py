"""Who let a commit run, and what it may see: in one line for people, and as values for scripts."""

from typing import assert_never

from bot.core.approval import Allowed, Ground
from bot.core.report import Access, Report
from bot.core.telling.markdown import code, harmless
from bot.core.telling.wording import counted, short

_MOST = 20


def access(report: Report) -> str:
    """The line of a comment; nothing where nothing runs."""
    if report.access is None:
        return ""
    allowed = report.access.allowed
    return " ".join((*((_said(allowed, report.repository),) if allowed else ()), _seen(report.access)))


def access_document(access: Access | None) -> dict[str, object] | None:
    """The same as plain JSON values."""
    if access is None:
        return None
    allowed = access.allowed
    return {
        "allowed": {"sha": allowed.sha, "by": allowed.by, "ground": allowed.ground.value} if allowed else None,
        "fork": access.fork,
        "secrets": list(access.secrets),
        "calls_out": access.out,
    }


def _said(allowed: Allowed, repository: str) -> str:
    return f"Commit {code(short(allowed.sha))} may run here because {_ground(allowed, repository)}."


def _ground(allowed: Allowed, repository: str) -> str:
    who = harmless(allowed.by, limit=100)
    match allowed.ground:
        case Ground.OPERATOR:
            return f"{who} asked for it where the bot runs"
        case Ground.LISTED:
            return f"the operator trusts the account {who}"
        case Ground.WRITE:
            return f"{who} may write to {harmless(repository, limit=200)}"
        case Ground.APPROVAL:
            return f"{who} approved it"
        case _:
            assert_never(allowed.ground)


def _seen(access: Access) -> str:
    shown = [code(name, limit=60) for name in access.secrets[:_MOST]]
    left = len(access.secrets) - len(shown)
    names = ", ".join([*shown, *([counted(left, "more secret")] if left else [])])
    if not access.fork:
        return f"It sees the secrets {names}." if names else "It sees no secrets."
    secrets = f"of the secrets for forks it sees {names}" if names else "it sees no secrets"
    return f"It comes from a fork: {secrets}, and may {'call' if access.out else 'not call'} out."

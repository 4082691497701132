"""Whether the cluster answers, lets us, and has what previews take."""

from collections.abc import Iterator
from functools import partial

from bot.core.errors import Unavailable
from bot.core.group import Home
from bot.core.names import EnvironmentId
from bot.core.telling.checkup import Check, Health, ok, tried, warning
from bot.keeping.credentials import Credentials
from runners._kubernetes.api import Api
from runners._kubernetes.container import LASTING_SINCE
from runners._kubernetes.kinds import Kind, name_of
from runners._kubernetes.refusals import Rejected
from runners._kubernetes.rights import BINDS, EVERYWHERE, INSIDE, Account, Rights, account, each, given, may, user
from runners._kubernetes.room import namespace
from runners._kubernetes.storage import stored
from runners._kubernetes.terms import PULL, PUSH, Terms

_APPLY = "apply deploy/kubernetes, as docs/kubernetes.md says under Give it rights"


def checks(api: Api, terms: Terms) -> Iterator[Check]:
    """The API, and where it answers, our rights, volumes, and whether anybody reaches a preview."""
    there = tried("cluster", lambda: _version(api))
    yield there
    if there.state is not Health.FAILED:
        yield tried("rights", lambda: _rights(api))
        yield tried("bounds", lambda: _bounds(api, terms))
        yield tried("volumes", lambda: _volumes(api))
    for title, pulling in (("pull credentials", terms.pulling), ("pull credentials for forks", terms.fork_pulling)):
        if pulling is not None:
            yield tried(title, partial(_credentials, title, pulling))
    yield _hosts(terms)


def _version(api: Api) -> Check:
    with api.answering():
        minor = api.minor
    said = f"Kubernetes 1.{minor} at {api.host}"
    if minor < LASTING_SINCE:
        why = f"{said}: it knows no sidecars that begin before the main container"
        return warning("cluster", why, f"upgrade it to 1.{LASTING_SINCE} if a spec has them")
    return ok("cluster", said)


def _rights(api: Api) -> Check:
    with api.answering():
        us = user(api)
        lacking = [*_lacking(api, EVERYWHERE), *_lacking_inside(api, account(us))]
    if lacking:
        raise Unavailable(f"{us} may not {', '.join(lacking)}; {_APPLY}")
    return ok("rights", f"{us} may make namespaces, and all that a preview takes in them")


def _lacking(api: Api, wanted: Rights, *, name: str = "") -> list[str]:
    return [f"{verb} {what}" for verb, what in each(wanted) if not may(api, verb, what, name=name)]


def _lacking_inside(api: Api, account: Account | None) -> list[str]:
    """What it lacks in a namespace of ours: it has its rights everywhere, or binds itself to a role."""
    if account is None or may(api, "create", "pods"):
        return _lacking(api, INSIDE)
    if lacking := _lacking(api, BINDS, name=account.role):
        return lacking
    role = api.read(Kind.CLUSTER_ROLE, account.role)
    granted = set(given(role["rules"] or ())) if role else set()
    return [
        f"{verb} {what} (by ClusterRole {account.role})" for verb, what in each(INSIDE) if (verb, what) not in granted
    ]


def _bounds(api: Api, terms: Terms) -> Check:
    """Try it, without making anything: a namespace of ours, and one of somebody else's."""
    ours = namespace(terms, Home(environment=EnvironmentId("doctor-looks-1"), generation=1))
    theirs = {**ours, "metadata": {**ours["metadata"], "name": "not-of-matinee", "labels": {}}}
    with api.answering():
        try:
            api.create(ours, rehearsal=True)
        except Rejected as error:
            raise Unavailable(f"the cluster takes no namespace {name_of(ours)}: {error}; {_APPLY}") from error
        try:
            api.create(theirs, rehearsal=True)
        except Rejected as error:
            return ok("bounds", f"the cluster keeps us to our namespaces: {error}")
    why = f"nothing keeps us to namespaces that begin with {terms.prefix}"
    return warning("bounds", why, _APPLY)


def _volumes(api: Api) -> Check:
    with api.answering():
        default = stored(api)
    if not default:
        why = "no StorageClass is the default, so that services with volumes do not start"
        return warning("volumes", why, "mark a StorageClass as the default one")
    return ok("volumes", "there is a default StorageClass")


def _credentials(title: str, pulling: Credentials) -> Check:
    hosts = ", ".join(pulling.hosts())
    why = f"previews fetch images of {hosts} with MATINEE_{pulling.setting.upper()}"
    if pulling.setting.endswith(PULL):
        return ok(title, why)
    whose = pulling.setting.removesuffix(PUSH)
    return warning(
        title,
        f"{why}: what may push lies in the namespace of every preview",
        f"set MATINEE_{whose.upper()}{PULL.upper()} to credentials that may pull only",
    )


def _hosts(terms: Terms) -> Check:
    if not terms.domain:
        why = "MATINEE_DOMAIN is not set: public services without a domain of their own have no URL from outside"
        return warning("hosts", why, "set it to a domain whose wildcard leads to the cluster's entrance")
    return ok("hosts", f"public services get hosts under {terms.domain}")

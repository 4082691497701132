"""Whether the cluster answers, lets us, and has what previews take."""

from collections.abc import Iterator

from bot.core.errors import Unavailable
from bot.core.telling.checkup import Check, Health, ok, tried, warning
from bot.keeping.credentials import Credentials
from runners._kubernetes.api import Api
from runners._kubernetes.container import LASTING_SINCE
from runners._kubernetes.kinds import Kind, manifest
from runners._kubernetes.poststop import stored
from runners._kubernetes.terms import PULL, Terms

_VERBS = ("list", "create", "patch", "delete")


def checks(api: Api, terms: Terms) -> Iterator[Check]:
    """The API, and where it answers, our rights, volumes, and whether anybody reaches a preview."""
    there = tried("cluster", lambda: _version(api))
    yield there
    if there.state is not Health.FAILED:
        yield tried("rights", lambda: _rights(api))
        yield tried("volumes", lambda: _volumes(api))
    if pulling := terms.pulling:
        yield tried("pull credentials", lambda: _credentials(pulling))
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
        lacking = [verb for verb in _VERBS if not _may(api, verb)]
    if lacking:
        raise Unavailable(f"we may not {', '.join(lacking)} namespaces; give matinee's account these rights")
    return ok("rights", "we may make namespaces and remove them")


def _may(api: Api, verb: str) -> bool:
    asked = {"resourceAttributes": {"verb": verb, "resource": "namespaces"}}
    return bool(api.create(manifest(Kind.REVIEW, "", {}, spec=asked))["status"]["allowed"])


def _volumes(api: Api) -> Check:
    with api.answering():
        default = stored(api)
    if not default:
        why = "no StorageClass is the default, so that services with volumes do not start"
        return warning("volumes", why, "mark a StorageClass as the default one")
    return ok("volumes", "there is a default StorageClass")


def _credentials(pulling: Credentials) -> Check:
    hosts = ", ".join(pulling.hosts())
    why = f"previews fetch images of {hosts} with MATINEE_{pulling.setting.upper()}"
    if pulling.setting == PULL:
        return ok("pull credentials", why)
    return warning(
        "pull credentials",
        f"{why}: what may push lies in the namespace of every preview",
        f"set MATINEE_{PULL.upper()} to credentials that may pull only",
    )


def _hosts(terms: Terms) -> Check:
    if not terms.domain:
        why = "MATINEE_DOMAIN is not set: public services without a domain of their own have no URL from outside"
        return warning("hosts", why, "set it to a domain whose wildcard leads to the cluster's entrance")
    return ok("hosts", f"public services get hosts under {terms.domain}")

"""Settings, read once at a door: environment variables over `matinee.toml` over defaults. Nothing here acts on them."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from bot.core.errors import Misused

PREFIX = "MATINEE_"
FORK_BUILDERS_OWN = (
    "buildkit_address",
    "buildkit_tls_ca",
    "buildkit_tls_cert",
    "buildkit_tls_key",
    "registry",
    "registry_credentials_file",
    "registry_pull_credentials_file",
)
"""Where a builder is and what it is let in with: a builder for forks has nothing of it from the other."""
FORK_BUILDERS = (
    *FORK_BUILDERS_OWN,
    "buildkit_memory",
    "buildkit_cpus",
    "registry_insecure",
    "registry_mirror",
    "registry_cache",
)
"""What a builder for forks may be told apart from the other."""
KNOWN = {
    "state": "folder for all that matinee keeps (default $XDG_STATE_HOME/matinee)",
    "database_url": "deliveries and lanes (default sqlite:///<state>/matinee.db)",
    "listen": "address for webhooks (default 127.0.0.1:8080)",
    "admin_listen": "address for health and, later, metrics and pages (default 127.0.0.1:8081)",
    "public_url": "where the world reaches the bot, like https://matinee.example",
    "runner": "where previews run (default docker)",
    "builder": "what builds images (default docker)",
    "buildx": "the buildx program (default: the one on the PATH, or where Docker keeps its plugins)",
    "buildkit_address": "the daemon of the builder buildkit (default unix:///run/buildkit/buildkitd.sock)",
    "buildkit_tls_ca": "file with the authority that the daemon's certificate is of",
    "buildkit_tls_cert": "file with our certificate for the daemon",
    "buildkit_tls_key": "file with the key of our certificate",
    "buildkit_memory": "what one step of a build may use at most, like 4Gi (default: no limit)",
    "buildkit_cpus": "the same in CPUs, like 2 or 500m (default: no limit)",
    "registry": "where the builder buildkit pushes to: a registry and a path, like registry.example/previews",
    "registry_credentials_file": "a config.json of Docker with the registry's credentials",
    "registry_pull_credentials_file": "the same with what may pull, for builders and for the nodes of a cluster",
    "registry_insecure": "whether registry and mirror have no TLS or an unknown certificate (default false)",
    "registry_mirror": "a registry that is asked first for what Docker Hub has",
    "registry_cache": "whether every build leaves its steps in the registry, for daemons that are new (default true)",
    "fork_builder": "what builds for pulls from forks (default: nothing, so that they are refused)",
    **{f"fork_{name}": f"the same as {name}, for that builder" for name in FORK_BUILDERS},
    "docker_forks": "allow: let the runner docker run pulls from forks, which it does not keep from this machine",
    "trusted_actors": "accounts that count as if they could write, by number, like github:49699333",
    "spec": "the spec's path in every repository (default matinee.yaml)",
    "variables": "environment variables for previews, but not of forks; a spec's own count before them",
    "tell": "how pulls are told what happens: true (default), false, or which of comment, status, deployment",
    "build_hosts": "hosts from which builds may fetch other repositories (default: the pull's own host alone)",
    "build_credentials_file": "a TOML file with tokens for other repositories, and whose pulls may use them",
    "workers": "how many environments are worked on side by side (default 4)",
    "lease": "seconds after which a bot that fell silent loses its lanes (default 15)",
    "sweep_every": "how often it is looked for what no event told, like 10m (default) or 1h",
    "sweep_percent": "share of previews that a sweep deletes at once without being told to (default 50)",
    "extend_most": "how far from now the end of a preview may be put off (default 720h)",
    "encryption_key": "keys for what is kept, the newest first (default: one made in <state>/encryption.key)",
    "secrets_file": "the operator's secrets by repository (default <state>/secrets.json)",
    "secrets_secret": "<namespace>/<name> of a Secret with them, in the place of a file",
    "companion_image": "a busybox for gates of public services and pods of jobs (default busybox)",
    "kubeconfig": "which cluster (default: what KUBECONFIG says, else the cluster that the bot runs in)",
    "kubernetes_context": "which context of the kubeconfig (default: its current one)",
    "namespace_prefix": "how the namespaces of environments begin (default matinee-)",
    "domain": "under which public services get their hosts, <service>-<environment>.<domain>",
    "pod_security": "baseline (default) or restricted: what the cluster lets pods be",
    "kubernetes_requests": "share of its limits that a container asks for (default cpu=0.1,memory=1)",
    "kubernetes_pending": "seconds in which the cluster may find or make a node for a pod (default 120)",
    "kubernetes_quota": "what an environment may have at most, as a ResourceQuota says it",
    "egress": "networks that previews may call (default 0.0.0.0/0,::/0: all but private ones)",
    "fork_egress": "the same for pulls from forks (default: none)",
    "ingress_namespaces": "namespaces whose pods may call previews (default ingress-nginx)",
    "ingress_class": "class of every Ingress (default: the cluster's default)",
    "ingress_tls": "https for public services: `default`, or the Secret with the certificate",
    "ingress_annotations": "annotations of every Ingress, NAME=VALUE with commas between them",
    "gateway": "<namespace>/<name> of a Gateway: HTTPRoutes to it in place of Ingresses",
    "github_url": "GitHub's API (default https://api.github.com)",
    "github_app_id": "the id of a GitHub App, which is used in the place of a token",
    "github_private_key": "the App's private key, in PEM",
    "github_token": "a token that may read pulls and contents, and write comments and statuses",
    "github_webhook_secret": "the secret that GitHub signs deliveries with",
    "gitlab_url": "GitLab's address (default https://gitlab.com)",
    "gitlab_token": "an access token with the scope api and the role Developer",
    "gitlab_role": "the least role that may let a commit run: developer (default), maintainer or owner",
    "gitlab_webhook_secret": "the secret token that GitLab sends with deliveries",
    "gitlab_signing_token": "the signing token that GitLab signs deliveries with",
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACCOUNT = re.compile(r"[a-z][a-z0-9]*:[1-9][0-9]{0,18}")
_OTHERS = ("traceback",)
"""Variables that are read where they count."""
SECRET = frozenset(
    {
        "encryption_key",
        "github_private_key",
        "github_token",
        "github_webhook_secret",
        "gitlab_token",
        "gitlab_webhook_secret",
        "gitlab_signing_token",
    }
)
_NAMES = tuple(f"{PREFIX}{name.upper()}" for name in (*KNOWN, *(f"{name}_file" for name in sorted(SECRET)), *_OTHERS))


def settings(environment: Mapping[str, str], file: Path | None = None) -> Mapping[str, str]:
    """All settings by lower-case name without prefix; a secret may come as `…_FILE` naming a file that holds it."""
    given = {**_from_file(file), **_from_environment(environment)}
    state = given.get("state") or _state(environment)
    defaults = {
        "state": state,
        "database_url": f"sqlite:///{Path(state).absolute()}/matinee.db",
        "secrets_file": f"{Path(state).absolute()}/secrets.json",
        "listen": "127.0.0.1:8080",
        "admin_listen": "127.0.0.1:8081",
        "spec": "matinee.yaml",
        "tell": "true",
        "runner": "docker",
        "builder": "docker",
        "workers": "4",
        "lease": "15",
        "sweep_every": "10m",
        "sweep_percent": "50",
        "extend_most": "720h",
    }
    return {**defaults, **given, "state": str(Path(state).absolute())}


def unknown(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that look like settings and are none."""
    return tuple(sorted(name for name in environment if name.startswith(PREFIX) and name not in _NAMES))


def meant(variable: str) -> str:
    """What to do about one of these."""
    near = difflib.get_close_matches(variable, _NAMES, n=1)
    return f"did you mean {near[0]}?" if near else f"take {variable} away, or look in docs/bot.md for what there is"


def without_files(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The same without what names a secret's file, for whoever has to go on although one cannot be read."""
    files = {f"{PREFIX}{name.upper()}_FILE" for name in SECRET}
    return {name: value for name, value in environment.items() if name not in files}


def secrets(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The values that may never be seen anywhere."""
    given = (settings[name] for name in sorted(SECRET - {"encryption_key"}) if settings.get(name))
    return (*given, *settings.get("encryption_key", "").replace(",", " ").split())


def begun(settings: Mapping[str, str], forges: Iterable[str]) -> tuple[str, ...]:
    """Those of the forges for which a token, a key or a webhook's secret is given."""
    given = [name for name in SECRET if settings.get(name, "").strip()]
    return tuple(sorted(forge for forge in forges if any(name.startswith(f"{forge}_") for name in given)))


def address(text: str, name: str) -> tuple[str, int]:
    """`host:port` in two."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise Misused(f"{PREFIX}{name.upper()}: {text!r} is no address; write it as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def number(settings: Mapping[str, str], name: str) -> int:
    """A setting that is a whole number above zero."""
    text = settings[name]
    if not text.isdigit() or int(text) < 1:
        raise Misused(f"{PREFIX}{name.upper()}: {text!r} is no whole number above 0")
    return int(text)


def timespan(settings: Mapping[str, str], name: str) -> timedelta:
    """A setting that is a time above zero."""
    from bot.core.patterns import TIMESPAN
    from bot.core.units import seconds

    text = settings[name]
    if not re.fullmatch(TIMESPAN, text):
        raise Misused(f"{PREFIX}{name.upper()}: {text!r} is no time above zero; write it as 10m or 1h30m")
    return timedelta(seconds=seconds(text))


def truth(settings: Mapping[str, str], name: str) -> bool:
    """A setting that is true or false."""
    text = settings[name].lower()
    if text not in ("true", "false"):
        raise Misused(f"{PREFIX}{name.upper()}: {settings[name]!r} is neither true nor false")
    return text == "true"


def path(settings: Mapping[str, str], name: str) -> str:
    """A setting that is a file's path from a repository's root."""
    text = settings[name].removeprefix("./")
    if text.startswith("/") or not text.isprintable() or not {"", ".", ".."}.isdisjoint(text.split("/")):
        raise Misused(f"{PREFIX}{name.upper()}: {text!r} is no path from a repository's root, like deploy/matinee.yaml")
    return text


def variables(settings: Mapping[str, str], name: str) -> Mapping[str, str]:
    """A setting that is an object of texts, or lines `NAME=value`; what is wrong is said without any value."""
    text = settings.get(name, "").strip()
    given = _object(text, name) if text.startswith("{") else _lines(text, name)
    for key, value in given.items():
        if not _VARIABLE.fullmatch(key) or key.startswith(PREFIX):
            raise Misused(f"{PREFIX}{name.upper()}: {key!r} cannot be the name of a variable")
        if not isinstance(value, str) or "\0" in value:
            raise Misused(f"{PREFIX}{name.upper()}: the value of {key} is no text that a variable can have")
    return given


def _object(text: str, name: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Misused(f'{PREFIX}{name.upper()}: it is no JSON object; write it like {{"LOG_LEVEL": "debug"}}')
    return given


def _lines(text: str, name: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if wrong := next((number for number, line in enumerate(lines, 1) if "=" not in line), None):
        raise Misused(f"{PREFIX}{name.upper()}: line {wrong} is not of the form NAME=value")
    return {key.strip(): value for key, _, value in (line.partition("=") for line in lines)}


def accounts(settings: Mapping[str, str], name: str) -> frozenset[str]:
    """A setting that lists accounts of forges by their numbers."""
    words = settings.get(name, "").replace(",", " ").split()
    if wrong := next((word for word in words if not _ACCOUNT.fullmatch(word)), None):
        raise Misused(f"{PREFIX}{name.upper()}: {wrong!r} is no account; write it by its number, like github:49699333")
    return frozenset(words)


def _state(environment: Mapping[str, str]) -> str:
    home = environment.get("XDG_STATE_HOME") or f"{environment.get('HOME', '.')}/.local/state"
    return f"{home}/matinee"


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in KNOWN:
        variable = f"{PREFIX}{name.upper()}"
        if variable in environment:
            found[name] = environment[variable]
        elif name in SECRET and f"{variable}_FILE" in environment:
            found[name] = _secret_file(f"{variable}_FILE", environment[f"{variable}_FILE"])
    return found


def _secret_file(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{variable}: {path} cannot be read: {getattr(error, 'strerror', error)}") from error


def _from_file(file: Path | None) -> dict[str, str]:
    path = file or Path("matinee.toml")
    if file is None and not path.exists():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Misused(f"{path}: cannot be read as settings: {error}") from error
    names = {variable.removeprefix(PREFIX).lower() for variable in _NAMES}
    if strange := sorted(document.keys() - names):
        near = difflib.get_close_matches(strange[0], names, n=1)
        advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(KNOWN))}"
        raise Misused(f"{path}: {', '.join(strange)}: no such setting; {advice}")
    given = {name: str(value) for name, value in document.items() if name in KNOWN}
    for name in sorted(name for name in SECRET if f"{name}_file" in document):
        given.setdefault(name, _secret_file(f"{path}: {name}_file", str(document[f"{name}_file"])))
    return given


def from_here(file: Path | None = None) -> Mapping[str, str]:
    """The settings of this process."""
    return settings(os.environ, file)

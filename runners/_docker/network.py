"""The one network of an environment, and a container's name on it."""

import zlib
from collections.abc import Iterator, Sequence

from bot.core.group import Home
from bot.core.names import EnvironmentId
from runners._docker import names
from runners._docker.engine import Engine, Seen, said
from runners._docker.records import Records

_OURS = 256
_TRIES = 3


def ensured(engine: Engine, records: Records, home: Home) -> str:
    """The id of the environment's network, made where there is none; names are not unique, so one caller at a time."""
    with records.held(home.environment, "network"):
        return found(engine, home.environment) or _made(engine, home)


def found(engine: Engine, environment: EnvironmentId) -> str | None:
    """The id of the environment's network; the oldest, should there be several."""
    name = names.network(environment)
    listed = engine.api.networks(names=[name], filters={"label": names.ours(environment)})
    same = sorted((each["Created"], each["Id"]) for each in listed if each["Name"] == name)
    return str(same[0][1]) if same else None


def rename(engine: Engine, network: str, seen: Seen, aliases: Sequence[str]) -> None:
    """Give a container these aliases and no others; it keeps its address, so that open connections only pause."""
    from docker.errors import APIError

    ip = next((endpoint.ip for endpoint in seen.networks.values()), "")
    if seen.networks:
        engine.api.disconnect_container_from_network(seen.id, network)
    try:
        engine.api.connect_container_to_network(seen.id, network, aliases=list(aliases), ipv4_address=ip or None)
    except APIError:
        if not ip:
            raise
        engine.api.connect_container_to_network(seen.id, network, aliases=list(aliases))


def subnets(environment: EnvironmentId) -> Iterator[str]:
    """Where to look for room once the engine's own pools are used up; each environment begins elsewhere."""
    first = zlib.crc32(environment.encode())
    return (f"10.221.{(first + step) % _OURS}.0/24" for step in range(_OURS))


def _made(engine: Engine, home: Home) -> str:
    for _ in range(_TRIES):
        for subnet in _candidates(engine, home):
            if made := _with(engine, home, subnet):
                engine.pools.add(subnet)
                return made
    return _create(engine, home, None)


def _candidates(engine: Engine, home: Home) -> Iterator[str]:
    """Where there may be room: where there was before, then where the engine finds some."""
    if engine.pools:
        used = {pool["Subnet"] for each in engine.api.networks() for pool in each["IPAM"]["Config"] or ()}
        yield from sorted(engine.pools - used)
    pool = _chosen(engine, home)
    yield from [pool] if pool else subnets(home.environment)


def _chosen(engine: Engine, home: Home) -> str | None:
    """Let the engine find a pool that suits the host, since only a network with a pool of its own keeps addresses."""
    from docker.errors import APIError

    try:
        # Nothing leads into or out of this one: rules for that cost more than all the rest of it.
        made = _create(engine, home, None, probe=True)
    except APIError as error:
        if "pool" not in said(error):
            raise
        return None
    pool = engine.api.inspect_network(made)["IPAM"]["Config"][0]["Subnet"]
    engine.api.remove_network(made)
    return str(pool)


def _with(engine: Engine, home: Home, subnet: str) -> str | None:
    from docker.errors import APIError

    try:
        return _create(engine, home, subnet)
    except APIError as error:
        if "overlap" not in said(error).lower():
            raise
        return None


def _create(engine: Engine, home: Home, subnet: str | None, *, probe: bool = False) -> str:
    from docker.types import IPAMConfig, IPAMPool

    ipam = IPAMConfig(pool_configs=[IPAMPool(subnet=subnet)]) if subnet else None
    name, labels = names.network(home.environment), dict(names.labels(home))
    if probe:
        name = names.beside(name, "probe")
    made = engine.api.create_network(
        name, driver="bridge", labels=labels, ipam=ipam, check_duplicate=not probe, internal=probe
    )
    return str(made["Id"])

"""What of an environment is on the engine: the names of its containers, networks and volumes."""

import docker


def left(environment: str) -> list[str]:
    """All of them, also of containers that do not run."""
    engine = docker.from_env()
    label = {"label": f"matinee.dev/environment={environment}"}
    everything = (
        engine.containers.list(all=True, filters=label),
        engine.networks.list(filters=label),
        engine.volumes.list(filters=label),
    )
    engine.close()
    return [each.name for kind in everything for each in kind]

"""The small image of our own containers, fetched where the engine does not have it."""

from bot.core.errors import Unavailable
from runners._docker.engine import Engine, said


def fetched(engine: Engine, image: str) -> str:
    """The image, once the engine has it."""
    from docker.errors import ImageNotFound

    try:
        engine.api.inspect_image(image)  # type: ignore[no-untyped-call] # the stub has no types
    except ImageNotFound:
        _pull(engine, image)
    return image


def _pull(engine: Engine, image: str) -> None:
    from docker.errors import APIError

    name, _, tag = image.rpartition(":")
    try:
        engine.api.pull(name or image, tag=tag if name else "latest")
    except APIError as error:
        raise Unavailable(
            f"the image {image}, which holds the network of groups and the ports of public services, cannot be "
            f"fetched: {said(error)}; fetch it by hand or set companion_image"
        ) from error

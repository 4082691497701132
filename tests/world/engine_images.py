"""The images that tests made on the real engine, and what is in them."""

import contextlib
import io
import tarfile

import docker
from docker.errors import ImageNotFound


def remove_images(repository: str) -> None:
    """Remove what was built for this repository; an image of other names as well stays under those."""
    client = docker.from_env()
    for image in client.images.list(f"matinee/{repository}"):
        for tag in [tag for tag in image.tags if tag.startswith(f"matinee/{repository}:")]:
            with contextlib.suppress(ImageNotFound):  # a bot that lets the same content go takes all of its names
                client.images.remove(tag)
    client.close()


def content(image: str, path: str) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """The files at a path of an image, by their paths from there."""
    client = docker.from_env()
    container = client.containers.create(image, ["true"])
    try:
        data = b"".join(container.get_archive(path)[0])
    finally:
        container.remove(v=True)
        client.close()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {each.name: (each, _bytes(archive, each)) for each in archive}


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member) if member.isreg() else None
    return file.read() if file else b""

"""Where Qovery's services have their images from."""

import posixpath
from urllib.parse import urlsplit

from bot.core.importing.entry import Entry
from bot.core.importing.qovery_place import Resource, Whole
from bot.core.reading.yaml_marks import Path

_HERE = "this repository, at the pull's commit"
_BUILDPACKS = "choose a Dockerfile; there are no buildpacks"
_REGISTRY = "its registry is not in this file; write its host before the name where it is not Docker Hub"


def source(resource: Resource, path: Path, at_all: Whole) -> None:
    """Write `image` or `build`."""
    entry = resource.entry
    given = entry.take("source")
    image = given.take("image") if given else entry if resource.kind == "qovery_container" else None
    docker = given.take("docker") if given else entry if resource.kind == "qovery_application" else None
    if image:
        _image(image, path, at_all)
    elif docker:
        _build(docker, path, at_all)
    if given:
        for each in (image, docker):
            if each:
                each.taken |= {"registry_id", "registry", "git_repository", "dockerfile_path"}
                each.rest({"dockerfile_raw": "write it into a file of the repository and name that as dockerfile"})
        given.rest()


def _image(entry: Entry, path: Path, at_all: Whole) -> None:
    named, tag = entry.take("image_name") or entry.take("name"), entry.take("tag")
    name = at_all.names.fixed(named) if named else ""
    version = at_all.names.fixed(tag) if tag else ""
    if named and name:
        host = _registry(entry)
        unsaid = "registry" not in entry.fields
        at_all.draft.put((*path, "image"), f"{host}{name}{f':{version}' if version else ''}", named)
        if unsaid and "/" in name and "." not in name.partition("/")[0]:
            at_all.draft.remark((*path, "image"), _REGISTRY)


def _registry(entry: Entry) -> str:
    """The host of a registry that the API names; Docker Hub needs none."""
    registry = entry.take("registry")
    url = registry.told("url") if registry else ""
    try:
        host = urlsplit(url).netloc if "://" in url else url
    except ValueError:
        host = ""
    return "" if not host or host.endswith("docker.io") else f"{host}/"


def _build(entry: Entry, path: Path, at_all: Whole) -> None:
    names, draft = at_all.names, at_all.draft
    draft.put((*path, "build"), {}, entry)
    if repository := entry.take("git_repository"):
        url = names.fixed(given) if (given := repository.take("url")) else ""
        branch = names.fixed(given) if (given := repository.take("branch")) else ""
        root = names.fixed(given) if (given := repository.take("root_path")) else ""
        if url != at_all.here and given:
            draft.put((*path, "build", "repository"), url or "", repository)
            draft.put((*path, "build", "ref"), branch or "main", repository)
        else:
            draft.remark((*path, "build"), _HERE)
        folder = posixpath.normpath((root or ".").lstrip("/") or ".")
        if folder != ".":
            draft.put((*path, "build", "root"), folder, repository)
        repository.taken |= {
            "git_token_id",
            "git_token_name",
            "provider",
            "owner",
            "name",
            "has_access",
            "deployed_commit_id",
        }
        repository.taken |= {"deployed_commit_date", "deployed_commit_contributor", "deployed_commit_tag"}
        repository.rest()
    if (given := entry.take("dockerfile_path")) and (file := names.fixed(given)) and file != "Dockerfile":
        draft.put((*path, "build", "dockerfile"), file.lstrip("/"), given)
    if (given := entry.take("docker_target_build_stage")) and (stage := names.fixed(given)):
        draft.put((*path, "build", "target"), stage, given)
    mode = entry.take("build_mode")
    if mode and mode.value == "BUILDPACKS":
        mode.leave("there are no buildpacks; it needs a Dockerfile")
        draft.remark((*path, "build"), _BUILDPACKS)

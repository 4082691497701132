"""Where the image of a compose file's service comes from."""

import posixpath
import re

from bot.core.importing.asked import fixed, referring
from bot.core.importing.commented import Json
from bot.core.importing.draft import Draft
from bot.core.importing.entry import Entry
from bot.core.reading.yaml_marks import Listing, Path, Scalar, dotted

_ADDRESS = re.compile(r"(https?://[^#\s]+)(?:#([^:]*)(?::(.*))?)?")
_REASONS = {
    "dockerfile_inline": "write it into a file of the repository and name that as dockerfile",
    "cache_from": "the builder keeps what it built",
    "cache_to": "the builder keeps what it built",
    "ssh": "give what it needs as a secret of the build",
    "labels": "images carry labels of matinee's own",
    "tags": "an image is named after the content that goes into it",
    "network": "builds have the builder's network",
    "no_cache": "what did not change is not built again",
    "pull": "what it builds on is asked for at each build",
}


def source(service: Entry, draft: Draft, path: Path, folder: str) -> str:
    """Write `build` or `image`; return the image's name, empty where it is built."""
    build, image = service.take("build"), service.take("image")
    if build is None:
        text = fixed(image) if image else ""
        if image and text:
            draft.put((*path, "image"), text, image)
        return text or ""
    if image:
        image.leave("it is built; its image is named after the content that goes into it")
    if isinstance(build.tree, Scalar):
        _context(build, draft, (*path, "build"), folder)
        return ""
    _build(build, draft, (*path, "build"), folder)
    if platform := service.take("platform"):
        draft.put((*path, "build", "platform"), fixed(platform) or "", platform)
    return ""


def _context(entry: Entry | None, draft: Draft, path: Path, folder: str) -> None:
    text = (fixed(entry) if entry else ".") or "."
    if address := _ADDRESS.fullmatch(text):
        parts = {"repository": address[1], "ref": address[2] or "main", "root": address[3] or "."}
        draft.put(path, {key: value for key, value in parts.items() if value != "."}, entry)
        return
    root = posixpath.normpath(posixpath.join(folder, text))
    draft.put(path, {} if root == "." else {"root": root}, entry)


def _build(build: Entry, draft: Draft, path: Path, folder: str) -> None:
    _context(build.take("context"), draft, path, folder)
    draft.origins.setdefault(path, (build.line, dotted(build.path), build.file))
    for key in ("dockerfile", "target"):
        if (given := build.take(key)) and (text := fixed(given)):
            draft.put((*path, key), text, given)
    if given := build.take("args"):
        for name, value, entry in pairs(given):
            text = referring(value if value is not None else f"${{{name}}}", draft, entry)
            draft.put((*path, "args", name), text, entry)
    if given := build.take("additional_contexts"):
        _contexts(given, draft, path, folder)
    if given := build.take("platforms"):
        first, *others = given.items() if isinstance(given.tree, Listing) else [given]
        draft.put((*path, "platform"), fixed(first) or "", first)
        for other in others:
            other.leave("a preview is built for one platform")
    if given := build.take("secrets"):
        _secrets(given, draft, path)
    build.rest(_REASONS, without="x-")


def pairs(given: Entry) -> list[tuple[str, str | None, Entry]]:
    """`KEY: value` or `- KEY=value`; None for one that is passed on."""
    if isinstance(given.tree, Listing):
        cut = [(text.partition("="), item) for item in given.items() if (text := item.text())]
        return [(name, value if sign else None, item) for (name, sign, value), item in cut]
    return [(name, each.text() if each.given else None, each) for name, each in given.entries()]


def _contexts(given: Entry, draft: Draft, path: Path, folder: str) -> None:
    for name, value, entry in pairs(given):
        text = value or ""
        if "://" in text or text.startswith("service:"):
            entry.leave("a further context is a folder of the repository; name an image in the Dockerfile itself")
        else:
            draft.put((*path, "contexts", name), posixpath.normpath(posixpath.join(folder, text)), entry)


def _secrets(given: Entry, draft: Draft, path: Path) -> None:
    names: list[Json] = []
    for item in given.items():
        named = item.take("source") if item.fields else item
        if named and (text := named.text()):
            names.append(re.sub(r"[^A-Za-z0-9_]", "_", text))
        if item.fields:
            item.rest()
    draft.put((*path, "secrets"), names, given)

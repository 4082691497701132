"""What is remembered of an environment: sealed Secrets in its namespace, whole or not at all."""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from bot.core import standing as memory
from bot.core.errors import Overtaken, Unavailable
from bot.core.group import Home
from bot.core.names import EnvironmentId, Name
from bot.core.standing import Standing
from bot.keeping.cipher import Cipher
from runners._kubernetes import names
from runners._kubernetes.api import Api, selector
from runners._kubernetes.hold import fence, generation, overtaken, removed, written
from runners._kubernetes.kinds import Body, Kind, going, labels_of, manifest, name_of, uid_of
from runners._kubernetes.names import Role
from runners._kubernetes.refusals import Rejected

INDEX = "standing"
_LARGEST = 700_000
"""Bytes in one Secret; the cluster takes a few more."""
_KEPT = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the memory: the environment's own under `""`, a job's outputs under the job's name."""

    digest: str = field(repr=False)
    secrets: tuple[str, ...]
    """In which it lies, in this order."""


Index = Mapping[str, Section]


class Memory:
    """The memories of one cluster. The Secret that names the others is written last, so that nothing is half kept."""

    def __init__(self, api: Api, cipher: Cipher) -> None:
        self._api = api
        self._cipher = cipher

    def recall(self, namespace: Body, environment: EnvironmentId) -> Standing | None:
        """What was kept last; None where nothing was, or what was is going with its namespace."""
        found = self._found(namespace, environment)
        if INDEX not in found:
            return None
        try:
            index = self._index(found[INDEX], environment)
            texts = {key: self._opened(section, found, environment) for key, section in index.items()}
            outputs = {Name(key): text for key, text in texts.items() if key}
            return _whole(texts[""], outputs)
        except (KeyError, ValueError) as error:
            if going(namespace):
                return None
            raise Unavailable(
                f"what is remembered of {environment} is damaged: restore the Secrets of namespace "
                f"{name_of(namespace)} that are labelled {names.ROLE}, or delete the namespace and deploy again"
            ) from error

    def remember(self, home: Home, namespace: Body, standing: Standing) -> None:
        """Keep this instead of what was kept, unless that is newer or changes meanwhile."""
        found = self._found(namespace, home.environment)
        kept = found.get(INDEX)
        if kept is not None and generation(labels_of(kept)) > home.generation:
            raise overtaken(home, generation(labels_of(kept)))
        before = self._index(kept, home.environment) if kept else {}
        self._write(home, namespace, found, {**_sections(standing)}, before)

    def reseal(self, home: Home, namespace: Body) -> None:
        """Seal what is kept with the newest key."""
        standing = self.recall(namespace, home.environment)
        if standing is not None:
            found = self._found(namespace, home.environment)
            self._write(home, namespace, found, _sections(standing), {})

    def _write(
        self, home: Home, namespace: Body, found: Mapping[str, Body], texts: Mapping[str, bytes], before: Index
    ) -> None:
        labels = {**names.ours(home.environment), names.GENERATION: str(home.generation)}
        digests = {key: sha256(text).hexdigest() for key, text in texts.items()}
        index: dict[str, Section] = {}
        made: list[Body] = []
        for key, text in texts.items():
            if key in before and before[key].digest == digests[key]:
                index[key] = before[key]
                continue
            pieces = tuple(_pieces(key, self._cipher.seal(zlib.compress(text))))
            for name, piece in pieces:
                body = _secret(name, piece, {**labels, names.ROLE: Role.PART})
                made.append(written(lambda: self._put(namespace, body, None), home))  # noqa: B023 - called at once
            index[key] = Section(digest=digests[key], secrets=tuple(name for name, _ in pieces))
        shown = json.dumps({key: [section.digest, *section.secrets] for key, section in index.items()})
        body = _secret(INDEX, self._cipher.seal(shown.encode()), {**labels, names.ROLE: Role.STANDING})
        try:
            self._fenced(home, namespace, body, found.get(INDEX))
        except (Overtaken, Unavailable):
            self._dropped(made)
            raise
        unnamed = [each for name, each in found.items() if name not in _named(index)]
        # A newer generation's is not ours to judge.
        self._dropped(each for each in unnamed if generation(labels_of(each)) <= home.generation)

    def _fenced(self, home: Home, namespace: Body, body: Body, kept: Body | None) -> None:
        """Write the index over exactly the one that was read."""
        try:
            written(lambda: self._put(namespace, body, kept), home)
        except Rejected as error:
            if error.status not in (404, 409):
                raise
            there = self._api.read(Kind.NAMESPACE, name_of(namespace))
            fence(there, home)
            if there is None or going(there) or uid_of(there) != uid_of(namespace):
                raise removed(home) from error
            raise Unavailable(
                f"two at once remember generation {home.generation} of {home.environment}; the later one may try again"
            ) from error

    def _put(self, namespace: Body, body: Body, kept: Body | None) -> Body:
        body["metadata"]["namespace"] = name_of(namespace)
        if kept is None:
            return self._api.create(body)
        body["metadata"]["resourceVersion"] = kept["metadata"]["resourceVersion"]
        return self._api.replace(body)

    def _dropped(self, bodies: Iterable[Body]) -> None:
        """Delete what no index names; what changes or goes meanwhile is somebody else's by now."""
        for body in bodies:
            try:
                self._api.delete(body)
            except Rejected as error:
                if error.status != 409:
                    raise

    def _found(self, namespace: Body, environment: EnvironmentId) -> Mapping[str, Body]:
        ours = selector(names.ours(environment))
        labels = f"{ours},{names.ROLE} in ({Role.STANDING},{Role.PART})"
        items = self._api.listed(Kind.SECRET, name_of(namespace), labels=labels).items
        return {name_of(body): body for body in items}

    def _index(self, kept: Body, environment: EnvironmentId) -> Index:
        text = self._cipher.open(_sealed([kept]), f"what is remembered of {environment}")
        shown: Mapping[str, list[str]] = json.loads(text)
        return {key: Section(digest=words[0], secrets=tuple(words[1:])) for key, words in shown.items()}

    def _opened(self, section: Section, found: Mapping[str, Body], environment: EnvironmentId) -> bytes:
        sealed = _sealed([found[name] for name in section.secrets])
        return zlib.decompress(self._cipher.open(sealed, f"what is remembered of {environment}"))


def _named(index: Index) -> frozenset[str]:
    """The Secrets that are still good."""
    return frozenset((INDEX, *(name for section in index.values() for name in section.secrets)))


def _sections(standing: Standing) -> Mapping[str, bytes]:
    outputs = {str(job): memory.dumps_outputs(variables) for job, variables in standing.outputs.items()}
    return {"": memory.dumps(replace(standing, outputs={})), **outputs}


def _whole(text: bytes, outputs: Mapping[Name, bytes]) -> Standing:
    return replace(memory.loads(text), outputs={job: memory.loads_outputs(each) for job, each in outputs.items()})


def _pieces(key: str, sealed: str) -> Iterator[tuple[str, str]]:
    """The text cut to what a Secret holds, each piece with a name that no other text's has."""
    stem = f"{key or 'environment'}-{sha256(sealed.encode()).hexdigest()[:12]}"
    for number, start in enumerate(range(0, len(sealed), _LARGEST)):
        yield names.fitted(f"remembered-{stem}-{number}", 253), sealed[start : start + _LARGEST]


def _secret(name: str, text: str, labels: Mapping[str, str]) -> Body:
    return manifest(Kind.SECRET, name, labels, data={_KEPT: base64.b64encode(text.encode()).decode()})


def _sealed(secrets: Iterable[Body]) -> str:
    return "".join(base64.b64decode(secret["data"][_KEPT]).decode() for secret in secrets)

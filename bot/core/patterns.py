"""How the spec's texts and numbers have to look, each with the words for one that does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.address import HOST as ADDRESS_HOST
from bot.core.address import PART
from bot.core.choices import JobEvent
from bot.core.names import NAME, VARIABLE, Name


@dataclass(frozen=True, slots=True)
class Form:
    """One form: `5 is no duration; write it like 30s`."""

    noun: str
    advice: str
    hides: bool = False
    """What was written in its place may hold a password, and is not repeated."""


TITLE = r"^\w(?:[\w .-]{0,98}\w)?$"
DURATION = r"^(?:[0-9]{1,5}(?:\.[0-9]{1,3})?(?:ms|s|m|h)){1,4}$"
"""As in `90s` and `1h30m`; no sum of these is more than a clock can hold."""
TIMESPAN = r"^(?:[1-9][0-9]{0,4}(?:\.[0-9]{1,3})?(?:ms|s|m|h)){1,4}$"
"""A duration above zero."""
ABSOLUTE = r"^/(?:[^/\x00]+/)*[^/\x00]+$"
SIZE = r"^[1-9][0-9]{0,8}(?:Ki|Mi|Gi|Ti)$"
CPU = r"^(?:[1-9][0-9]{0,5}m|[1-9][0-9]{0,2}(?:\.[0-9]{1,3})?|0\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$"
_PART = r"[a-z0-9]+(?:(?:[.]|_{1,2}|-+)[a-z0-9]+)*"
IMAGE = (
    rf"^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{{1,5}})?/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,128})?$"
)
"""A host, a path in lower case, a tag, a digest."""
STAGE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"
PLATFORM = r"^[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9_.]+)?$"
USER = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$"
URL_PATH = r"^/[^\s\x00]{0,1999}$"
LABEL = r"^[^\s,\x00](?:[^,\x00\n]{0,98}[^\s,\x00])?$"
GLOB = r"^[^\s/\x00](?:[^\x00\n]{0,498}[^\s\x00])?$"
HOST = r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"
REPOSITORY = rf"^https?://{ADDRESS_HOST}(?:/{PART}){{1,20}}/?$"
REF = r"^[A-Za-z0-9_][A-Za-z0-9_./+-]{0,254}$"
CONTEXT = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"
_NODE = f"^{NAME.pattern}$"
_VARIABLE = f"^{VARIABLE.pattern}$"

_NAMED = "use at most 40 of a-z, 0-9 and -, a letter first and no - at the end"
_TIMED = "write it like 30s, 5m or 1h30m"
FORMS: Mapping[str, Form] = {
    _NODE: Form("name", _NAMED),
    _VARIABLE: Form("variable name", "use letters, digits and _, no digit first"),
    TITLE: Form("name", "use at most 100 letters, digits, spaces and . _ - between them"),
    DURATION: Form("duration", _TIMED),
    TIMESPAN: Form("duration", f"{_TIMED}, above zero"),
    ABSOLUTE: Form("path inside a container", "write it whole, below / and without / at its end, like /var/lib/data"),
    SIZE: Form("size", "write it like 512Mi or 1Gi"),
    CPU: Form("share of processors", 'write it like 500m (half a core) or "2"'),
    IMAGE: Form("image", "write its name in lower case, like postgres:16"),
    STAGE: Form("build stage", "write the name after AS in the Dockerfile"),
    PLATFORM: Form("platform", "write it like linux/amd64"),
    USER: Form("user", "write an id or a name, like 1000 or 1000:1000"),
    URL_PATH: Form("path of a URL", "begin it with /, and write it without spaces, like /healthz"),
    LABEL: Form("label", "write one label's name of at most 100 characters, without a comma"),
    GLOB: Form("pattern of files", "write it from the repository's root, without / at its beginning, like api/**"),
    HOST: Form("host", "write it in lower case and without https://, like shop.preview.example.com"),
    REPOSITORY: Form(
        "repository",
        "write its address like https://forge.example/acme/web.git, without user, password or query",
        hides=True,
    ),
    REF: Form("branch, tag or commit", "write its name, like main or v1.4"),
    CONTEXT: Form("name of a build context", "use letters, digits and . _ -, a letter or digit first"),
}

RANGES: Mapping[str, Form] = {
    "port": Form("port", "use 1 to 65535"),
    "tcp": Form("port", "use 1 to 65535"),
    "restarts": Form("number of restarts", "use 0 to 100"),
    "replicas": Form("number of replicas", "use 1 to 20"),
    "max_duration": Form("time limit in seconds", "use 1 to 86400 (one day)"),
    "user": Form("user id", "use 0 to 4294967294"),
    "version": Form("version of this file", "write version: 1"),
}
"""Numbers, by the key before them."""

NodeName = Annotated[Name, StringConstraints(pattern=_NODE)]
VariableName = Annotated[str, StringConstraints(pattern=_VARIABLE)]
Title = Annotated[str, StringConstraints(pattern=TITLE)]
Port = Annotated[int, Field(ge=1, le=65535)]
Duration = Annotated[str, StringConstraints(pattern=DURATION)]
Timespan = Annotated[str, StringConstraints(pattern=TIMESPAN)]
AbsolutePath = Annotated[str, StringConstraints(pattern=ABSOLUTE)]
Size = Annotated[str, StringConstraints(pattern=SIZE)]
Cpu = Annotated[str, StringConstraints(pattern=CPU)]
Image = Annotated[str, StringConstraints(pattern=IMAGE, max_length=500)]
Stage = Annotated[str, StringConstraints(pattern=STAGE)]
Platform = Annotated[str, StringConstraints(pattern=PLATFORM)]
User = Annotated[int, Field(ge=0, le=2**32 - 2)] | Annotated[str, StringConstraints(pattern=USER)]
UrlPath = Annotated[str, StringConstraints(pattern=URL_PATH)]
Label = Annotated[str, StringConstraints(pattern=LABEL)]
Glob = Annotated[str, StringConstraints(pattern=GLOB)]
Host = Annotated[str, StringConstraints(pattern=HOST, max_length=253)]
Repository = Annotated[str, StringConstraints(pattern=REPOSITORY)]
Ref = Annotated[str, StringConstraints(pattern=REF)]
ContextName = Annotated[str, StringConstraints(pattern=CONTEXT)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Restarts = Annotated[int, Field(ge=0, le=100)]
Replicas = Annotated[int, Field(ge=1, le=20)]
Event = Annotated[JobEvent, Field(strict=False)]
"""In the file it is written as text, not as our enum."""
Argv = tuple[str, ...]

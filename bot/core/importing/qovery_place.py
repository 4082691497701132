"""What the services of one Qovery environment know of each other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.importing.databases import Database
from bot.core.importing.draft import Draft
from bot.core.importing.entry import Entry
from bot.core.importing.hcl_names import Names
from bot.core.importing.sizes import mebibytes
from bot.core.reading.yaml_marks import Path

KINDS = ("qovery_job", "qovery_application", "qovery_container", "qovery_database")
_BUILT_IN = re.compile(r"QOVERY_(POSTGRESQL|MYSQL|MONGODB|REDIS)_Z?[A-Z0-9]+_([A-Z_]+)")
_OUTPUT = re.compile(r"QOVERY_OUTPUT_JOB_Z?([A-Za-z0-9]+)_([A-Za-z_][A-Za-z0-9_]*)")
_IMAGES = {"POSTGRESQL": "postgres", "MYSQL": "mysql", "MONGODB": "mongo", "REDIS": "redis"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing of Qovery's by its kind in Terraform; `name` is what it is called here."""

    kind: str
    label: str
    entry: Entry
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The whole file: who is called what, and which repository it is about."""

    names: Names
    resources: Mapping[str, Resource] = field(default_factory=dict)
    databases: Mapping[str, Database] = field(default_factory=dict)
    here: str = ""

    @property
    def draft(self) -> Draft:
        """What is written."""
        return self.names.draft

    def own(self, expression: str) -> str | None:
        """`qovery_database.db.internal_host` as `${services.db.host}`."""
        key, _, what = expression.rpartition(".")
        database = self.databases.get(key)
        if database is not None:
            told = {"internal_host": database.host, "external_host": database.host, "port": database.port}
            return {**told, "login": database.engine.login, "password": database.password}.get(what)
        found = self.resources.get(key)
        if found is not None and found.kind != "qovery_job" and what == "internal_host":
            return f"${{services.{found.name}.host}}"
        return None

    def built_in(self, name: str) -> str | None:
        """What one of Qovery's own variables holds, where the file has one thing only that it can be of."""
        if read := _BUILT_IN.fullmatch(name):
            ours = [each for each in self.databases.values() if each.engine.image == _IMAGES[read[1]]]
            return _of_database(ours[0], read[2]) if len(ours) == 1 else None
        if read := _OUTPUT.fullmatch(name):
            jobs = [each for each in self.resources.values() if each.kind == "qovery_job"]
            alike = [each for each in jobs if _identity(each).startswith(read[1].lower())] or jobs
            return f"${{jobs.{alike[0].name}.outputs.{read[2]}}}" if len(alike) == 1 else None
        return None

    def limit(self, entry: Entry, key: str, path: Path) -> None:
        """`cpu` in thousandths, `memory` in MB."""
        given = entry.take(key)
        number = self.names.number(given) if given else None
        if number and number > 0:
            self.draft.put((*path, "resources", key), f"{number}m" if key == "cpu" else mebibytes(number), given)


def _of_database(database: Database, what: str) -> str | None:
    told = {
        "HOST": database.host,
        "HOST_INTERNAL": database.host,
        "PORT": database.port,
        "LOGIN": database.engine.login,
        "PASSWORD": database.password,
        "DEFAULT_DATABASE_NAME": database.engine.database,
        "DATABASE_URL": database.url,
        "DATABASE_URL_INTERNAL": database.url,
    }
    return told.get(what)


def _identity(resource: Resource) -> str:
    found = resource.entry.fields.get("id")
    return str(getattr(found.value, "text", "")).lower() if found else "-"

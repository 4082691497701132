"""Databases that other systems give ready-made → services of a preview."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.importing.asked import GENERATED
from bot.core.importing.commented import Json
from bot.core.importing.draft import Draft
from bot.core.importing.entry import Entry
from bot.core.importing.known import known


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One kind of database; `{password}` and `{host}` stand for the service's own."""

    image: str
    version: str
    login: str = ""
    database: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    url: str
    health: Mapping[str, Json]


ENGINES: Mapping[str, Engine] = {
    "postgres": Engine(
        image="postgres",
        version="17",
        login="postgres",
        database="postgres",
        variables={"POSTGRES_PASSWORD": "{password}"},
        url="postgres://postgres:{password}@{host}:5432/postgres",
        health={"exec": ["pg_isready", "-q", "-U", "postgres"]},
    ),
    "mysql": Engine(
        image="mysql",
        version="8.4",
        login="root",
        database="app",
        variables={"MYSQL_ROOT_PASSWORD": "{password}", "MYSQL_DATABASE": "app"},
        url="mysql://root:{password}@{host}:3306/app",
        health={"tcp": 3306},
    ),
    "mongo": Engine(
        image="mongo",
        version="8",
        login="root",
        database="admin",
        variables={"MONGO_INITDB_ROOT_USERNAME": "root", "MONGO_INITDB_ROOT_PASSWORD": "{password}"},
        url="mongodb://root:{password}@{host}:27017/admin",
        health={"tcp": 27017},
    ),
    "redis": Engine(image="redis", version="7", url="redis://{host}:6379", health={"tcp": 6379}),
    "rabbitmq": Engine(
        image="rabbitmq",
        version="4",
        login="app",
        variables={"RABBITMQ_DEFAULT_USER": "app", "RABBITMQ_DEFAULT_PASS": "{password}"},
        url="amqp://app:{password}@{host}:5672",
        health={"tcp": 5672},
    ),
    "memcached": Engine(image="memcached", version="1.6", url="{host}:11211", health={"tcp": 11211}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One of them, as other nodes name it."""

    name: str
    engine: Engine

    @property
    def host(self) -> str:
        """Where it is reached."""
        return f"${{services.{self.name}.host}}"

    @property
    def port(self) -> str:
        """The port there."""
        return f"${{services.{self.name}.port}}"

    @property
    def password(self) -> str:
        """Empty where it needs none."""
        return f"${{secrets.{self.secret}}}" if self.engine.login else ""

    @property
    def secret(self) -> str:
        """What its password is called."""
        return f"{self.name.upper().replace('-', '_')}_PASSWORD"

    @property
    def url(self) -> str:
        """The whole address, with its password."""
        return self._filled(self.engine.url)

    def write(self, draft: Draft, entry: Entry, *, version: str = "", size: str = "1Gi") -> None:
        """Write the service and its secret."""
        path = ("services", self.name)
        image = f"{self.engine.image}:{version or self.engine.version}"
        draft.put((*path, "image"), image, entry)
        found = known(self.engine.image)
        if found is not None:
            draft.put((*path, "port"), found.port, entry)
        draft.put((*path, "health"), dict(self.engine.health), entry)
        if self.engine.login:
            draft.put(("secrets", self.secret), "generate", entry, remark=GENERATED)
        for name, value in self.engine.variables.items():
            draft.put((*path, "variables", name), self._filled(value), entry)
        if found is not None and found.folder:
            draft.put((*path, "volumes", found.folder), size, entry, remark="choose its size")

    def _filled(self, text: str) -> str:
        return text.replace("{password}", self.password).replace("{host}", self.host)

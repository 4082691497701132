"""What is known of images and names that everybody uses: ports, folders with data, words of secrets."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """Where such an image listens and what it keeps."""

    port: int
    folder: str = ""


_IMAGES = {
    "postgres": Known(5432, "/var/lib/postgresql/data"),
    "postgis/postgis": Known(5432, "/var/lib/postgresql/data"),
    "pgvector/pgvector": Known(5432, "/var/lib/postgresql/data"),
    "timescale/timescaledb": Known(5432, "/var/lib/postgresql/data"),
    "mysql": Known(3306, "/var/lib/mysql"),
    "mariadb": Known(3306, "/var/lib/mysql"),
    "mongo": Known(27017, "/data/db"),
    "redis": Known(6379, "/data"),
    "valkey/valkey": Known(6379, "/data"),
    "memcached": Known(11211),
    "rabbitmq": Known(5672, "/var/lib/rabbitmq"),
    "nats": Known(4222),
    "elasticsearch": Known(9200, "/usr/share/elasticsearch/data"),
    "opensearchproject/opensearch": Known(9200, "/usr/share/opensearch/data"),
    "minio/minio": Known(9000, "/data"),
    "clickhouse/clickhouse-server": Known(8123, "/var/lib/clickhouse"),
    "nginx": Known(80),
    "httpd": Known(80),
    "caddy": Known(80),
    "traefik": Known(80),
    "axllent/mailpit": Known(8025),
}
_INSIDE = (5432, 3306, 27017, 6379, 11211, 5672, 4222, 9200, 9300, 1433, 1521, 9042, 2181, 9092, 2379, 26257, 1025)
"""Ports at which no browser is answered."""
_SECRET = re.compile(
    r"(?:^|_)(?:PASS|PASSWD|PASSWORD|SECRET|TOKEN|KEY|CREDENTIALS?|DSN)S?(?:_|$)|PASSWORD|PASSPHRASE|API_?KEY|_PWD(?:_|$)",
    re.IGNORECASE,
)
_SWITCHES = ("true", "false", "yes", "no", "on", "off")
_PLACES = ("_FILE", "_PATH", "_DIR")
_MADE = re.compile(
    r"(?:^|_)(?:PASS|PASSWD|PASSWORD)(?:_|$)|PASSWORD|(?:APP|JWT|SESSION|COOKIE|NEXTAUTH|AUTH)_SECRET"
    r"|^(?:(?:APP|JWT|SESSION|COOKIE|AUTH|DJANGO|FLASK|RAILS|SIGNING|ENCRYPTION)_)?SECRET_?KEY(?:_|$)",
    re.IGNORECASE,
)


def known(image: str) -> Known | None:
    """What is known of this image, whatever its registry of the Hub, tag and digest."""
    name = image.partition("@")[0]
    base = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    return _IMAGES.get(base.removeprefix("docker.io/").removeprefix("library/"))


def answers_browsers(port: int) -> bool:
    """Whether what listens there may be a page."""
    return port not in _INSIDE


def secret(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    return _SECRET.search(name) is not None


def holds(name: str, value: str) -> bool:
    """Whether this variable holds a secret: by its name, unless it is a setting (`TOKEN_TTL=60`) or a path."""
    last = _SECRET.search(name.rpartition("_")[2]) is not None
    setting = value.lower() in _SWITCHES or (value.isdecimal() and not last) or name.upper().endswith(_PLACES)
    return bool(value) and secret(name) and not setting


def made_here(name: str) -> bool:
    """Whether any random value will do: a password between services of one preview, a key to sign with."""
    return _MADE.search(name) is not None

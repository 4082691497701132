"""Whether a delivery is GitLab's own: its token, or a signature over the raw bytes, before anything in them is read."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from bot.core.errors import Misused
from bot.core.events import Delivery, Forged

PLAIN = "X-Gitlab-Token"
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""As the specification Standard Webhooks names them."""
PATIENCE = 300
"""Seconds that a signature's time may differ from ours."""
_PREFIX = "whsec_"
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_SHORTEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What the webhook was given; each that is set must hold."""

    token: bytes = field(default=b"", repr=False)
    signing: bytes = field(default=b"", repr=False)

    def __bool__(self) -> bool:
        return bool(self.token or self.signing)


def secrets(token: str, signing: str) -> Secrets:
    """Both from their settings; raises `Misused` where the signing token is none."""
    return Secrets(token=token.strip().encode("utf-8", "surrogateescape"), signing=_key(signing.strip()))


def refusal(delivery: Delivery, secrets: Secrets, now: float) -> Forged | None:
    """Say why the delivery is not to be believed at this time; None where all holds that is set."""
    if not secrets:
        return Forged(
            "neither a webhook secret nor a signing token is set, so no delivery can be believed; "
            "set MATINEE_GITLAB_WEBHOOK_SECRET or MATINEE_GITLAB_SIGNING_TOKEN"
        )
    if secrets.token and (forged := _by_token(delivery, secrets.token)):
        return forged
    return _by_signature(delivery, secrets.signing, now) if secrets.signing else None


def signature(id_: str, timestamp: str, body: bytes, key: bytes) -> str:
    """What GitLab writes into the header for this body."""
    mac = hmac.new(key, f"{id_}.{timestamp}.".encode("utf-8", "surrogateescape") + body, hashlib.sha256)
    return f"v1,{base64.b64encode(mac.digest()).decode()}"


def _by_token(delivery: Delivery, token: bytes) -> Forged | None:
    header = delivery.header(PLAIN.lower())
    if header is None:
        return Forged(f"{PLAIN} is missing or was sent twice; give the webhook on GitLab a secret token")
    if not hmac.compare_digest(token, _bytes(header)):
        return Forged(f"{PLAIN} does not fit; the webhook's secret token and MATINEE_GITLAB_WEBHOOK_SECRET must agree")
    return None


def _by_signature(delivery: Delivery, key: bytes, now: float) -> Forged | None:
    id_, timestamp, sent = (delivery.header(name) for name in (ID, TIMESTAMP, SIGNATURE))
    if id_ is None or timestamp is None or sent is None:
        return Forged(f"{ID}, {TIMESTAMP} or {SIGNATURE} is missing; give the webhook on GitLab a signing token")
    if not _SECONDS.fullmatch(timestamp):
        return Forged(f"{TIMESTAMP} is no number of seconds")
    if abs(now - int(timestamp)) > PATIENCE:
        return Forged(f"{TIMESTAMP} is more than {PATIENCE} s away from this machine's clock")
    right = _bytes(signature(id_, timestamp, delivery.body, key))
    if not any(hmac.compare_digest(right, _bytes(each)) for each in sent.split(" ")):
        return Forged(
            f"{SIGNATURE} does not fit; the signing tokens of webhook and MATINEE_GITLAB_SIGNING_TOKEN differ"
        )
    return None


def _bytes(header: str) -> bytes:
    """As they came over the network: servers read headers as Latin-1."""
    try:
        return header.encode("latin-1")
    except UnicodeEncodeError:
        return header.encode("utf-8", "surrogatepass")


def _key(text: str) -> bytes:
    if not text:
        return b""
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if len(key) < _SHORTEST:
        raise Misused(f"MATINEE_GITLAB_SIGNING_TOKEN is no signing token of GitLab's; it begins with {_PREFIX}")
    return key

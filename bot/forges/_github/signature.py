"""Whether a delivery is GitHub's own: the signature over the raw bytes, before anything in them is read."""

import hashlib
import hmac
import re

from bot.core.events import Delivery, Forged

HEADER = "X-Hub-Signature-256"
_FORM = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)


def refusal(delivery: Delivery, secret: bytes) -> Forged | None:
    """Say why the delivery is not to be believed; None where its signature holds."""
    if not secret.strip():
        return Forged("no webhook secret is set, so no delivery can be believed; set MATINEE_GITHUB_WEBHOOK_SECRET")
    header = delivery.header(HEADER.lower())
    if header is None:
        return Forged(f"{HEADER} is missing or was sent twice; give the webhook on GitHub a secret")
    form = _FORM.fullmatch(header)
    if form is None:
        return Forged(f"{HEADER} is not `sha256=` and 64 lower-case hexadecimal digits")
    if not hmac.compare_digest(signature(delivery.body, secret).encode(), header.encode()):
        return Forged(f"{HEADER} does not fit; the webhook's secret and MATINEE_GITHUB_WEBHOOK_SECRET must be the same")
    return None


def signature(body: bytes, secret: bytes) -> str:
    """What GitHub writes into the header for this body."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"

"""Encryption at rest: what is kept of secrets is sealed with the newest key, and opened with any of them."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.errors import Misused, Unavailable

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEY_FILE = "encryption.key"


class Cipher:
    """Seals and opens; the library is loaded at the first use."""

    def __init__(self, keys: str, *, fallback: Path) -> None:
        self._given = keys
        self._fallback = fallback

    def seal(self, text: bytes) -> str:
        """The text as nobody without a key can read or change it."""
        return self._box.encrypt(text).decode()

    def open(self, sealed: str, what: str) -> bytes:
        """What `seal` was given; `Unavailable` names what cannot be read, where no key of ours fits."""
        from cryptography.fernet import InvalidToken

        try:
            return self._box.decrypt(sealed.encode())
        except InvalidToken:
            raise Unavailable(
                f"{what} cannot be read: none of the encryption keys opens it; add the key that it was written with "
                "to MATINEE_ENCRYPTION_KEY, after the newer one"
            ) from None

    @property
    def made_here(self) -> bool:
        """Whether the key is one of our own making, kept beside what it protects."""
        return not self._given.strip()

    @cached_property
    def _box(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet

        keys = self._given.replace(",", " ").split() or [self._own()]
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise Misused(
                "MATINEE_ENCRYPTION_KEY: one of the keys is none; write what `matinee secrets key` prints, "
                "several with commas between them, the newest first"
            ) from None

    def _own(self) -> str:
        """The key that was made here, or one made now; two processes at once take the same one."""
        try:
            return self._fallback.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            pass
        self._fallback.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._fallback.with_suffix(f".{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{new_key()}\n")
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(partial, self._fallback)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        return self._fallback.read_text(encoding="ascii").strip()


def new_key() -> str:
    """A key for `MATINEE_ENCRYPTION_KEY`."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def cipher(settings: Mapping[str, str]) -> Cipher:
    """With the keys that the settings name, else with one of our own beside the state."""
    return Cipher(settings.get("encryption_key", ""), fallback=Path(settings["state"]) / KEY_FILE)

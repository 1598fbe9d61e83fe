"""Passwords of customers and staff: how they are kept, compared and judged."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from forms.kinds import Fault

SHORTEST: Final = 12
LONGEST: Final = 200
"""Signs; a longer text would only make the server work."""
_FEW: Final = 4
_INITIAL_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher: Final = PasswordHasher()

_COMMON: Final = frozenset((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())
"""What is left of a frequent password once the digits and signs around it are gone."""
_RUNS: Final = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)


def hashed(password: str) -> str:
    """What is kept of a password (Argon2id with its own salt); takes about a tenth of a second by design."""
    return _hasher.hash(_composed(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether that is the password; without a stored one the answer is no and takes as long."""
    try:
        found = _hasher.verify(stored or _nobodys(), _composed(password[: LONGEST + 1]))
    except (Argon2Error, InvalidHashError):
        return False
    return found and stored is not None


def fault(password: str, *, about: Collection[str] = ()) -> Fault | None:
    """What is wrong with a new password, None when it is good; ``about``: login, e-mail, names that it may not be."""
    if len(password) < SHORTEST:
        return Fault("password_short", f"Hasło musi mieć co najmniej {SHORTEST} znaków. Może to być kilka słów.")
    if len(password) > LONGEST:
        return Fault("password_long", f"Hasło może mieć najwyżej {LONGEST} znaków.")
    lowered = password.casefold()
    own = {part.casefold() for known in about for part in (known, known.partition("@")[0])} - {""}
    if lowered in own or _bare(lowered) in {_bare(part) for part in own} - {""}:
        return Fault("password_is_login", "Hasło nie może być Twoim loginem, adresem ani nazwiskiem.")
    if _is_common(lowered):
        return Fault("password_common", "Takie hasło łatwo zgadnąć. Wymyśl inne, na przykład z kilku słów.")
    return None


def initial_password() -> str:
    """A random password to hand over once: four groups that are easy to read out (about 79 bits)."""
    groups = ("".join(secrets.choice(_INITIAL_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _composed(password: str) -> str:
    """The same signs in one form of writing: some keyboards send an accent apart from its letter."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobodys() -> str:
    return hashed(secrets.token_hex())


def _bare(text: str) -> str:
    """The text without digits and signs around it."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _is_common(lowered: str) -> bool:
    bare = _bare(lowered)
    letters = re.sub(r"[\W\d_]", "", lowered)
    half = len(lowered) // 2
    return (
        lowered.isdigit()
        or len(set(lowered)) <= _FEW
        or bare in _COMMON
        or letters in _COMMON
        or any(lowered in run for run in _RUNS)
        or (lowered[:half] == lowered[half:] and lowered[:half] in _COMMON)
    )

"""Passwords of customers and staff: how they are kept, compared and judged."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from environment.settings import get_settings
from forms.kinds import Fault

SHORTEST: Final = 12
LONGEST: Final = 128
"""Signs; a longer text would only make the server work."""
_LONGEST_KEPT: Final = 200
"""Passwords chosen under an earlier limit go on working."""
_INITIAL_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher: Final = PasswordHasher()

_IS_OWN: Final = (
    "Hasło nie może być Twoim loginem, adresem, nazwiskiem ani nazwą firmy, także z dodatkiem. Wymyśl takie, które "
    "nie mówi nic o Tobie."
)
_GUESSED: Final = "Takie hasło łatwo zgadnąć."
_REASONS: Final = (
    ("repeat", "Powtarza się w nim to samo. "),
    ("sequence", "Ma znaki po kolei. "),
    ("spatial", "Ma klawisze, które leżą obok siebie. "),
    ("date", "Ma datę. "),
    ("regex", "Ma rok. "),
    ("dictionary", "Ma znane słowo. "),
)
_ADVICE: Final = "Weź cztery słowa, które do siebie nie pasują; odstępy między nimi też się liczą."

_LOOKED_AT: Final = 72
"""Signs that are judged: whoever makes them strong needs no more, and the judge takes long over long ones."""
_STRONG: Final = 4
"""Of zxcvbn's scores: more than ten thousand million guesses."""
_OWN: Final = 3
"""Signs from which on a word of the person's own counts; shorter ones stand in many a word."""
_POLISH: Final = tuple((Path(__file__).parent / "polish_passwords.txt").read_text("utf-8").split())
"""Words that are frequent in Polish passwords and that zxcvbn, which knows English ones, takes for none."""
_judging: Final = Lock()
"""zxcvbn keeps the words it is given in one place for all threads."""


def hashed(password: str) -> str:
    """What is kept of a password (Argon2id with its own salt); takes about a tenth of a second by design."""
    return _hasher.hash(_composed(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether that is the password; without a stored one the answer is no and takes as long."""
    try:
        found = _hasher.verify(stored or _nobodys(), _composed(password[: _LONGEST_KEPT + 1]))
    except (Argon2Error, InvalidHashError):
        return False
    return found and stored is not None


def fault(password: str, *, about: Collection[str] = ()) -> Fault | None:
    """What is wrong with a new password, None when it is good; ``about``: login, e-mail, names that it may not be."""
    settings = get_settings()
    if len(password) < SHORTEST:
        return Fault("password_short", f"Hasło musi mieć co najmniej {SHORTEST} znaków. Może to być kilka słów.")
    if len(password) > LONGEST:
        return Fault("password_long", f"Hasło może mieć najwyżej {LONGEST} znaków.")
    own = _words(*about) | _words(settings.company_name, settings.company_short, settings.company_town, "eBOK")
    lowered = password.casefold()
    without = lowered
    for word in sorted(own, key=len, reverse=True):
        without = without.replace(word, "")
    if without != lowered and not _judged(without, ())[0]:
        return Fault("password_is_login", _IS_OWN)
    strong, patterns = _judged(password, own)
    if not strong or password.isdigit():
        reason = next((told for pattern, told in _REASONS if pattern in patterns), "")
        return Fault("password_common", f"{_GUESSED} {reason}{_ADVICE}")
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


def _words(*texts: str) -> set[str]:
    """The words of what belongs to a person or a company, each long enough to be told from others."""
    return {word for text in texts for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= _OWN}


def _judged(password: str, own: Collection[str]) -> tuple[bool, set[str]]:
    """Whether a password is strong, and which patterns it is made of."""
    if not password:
        return False, set()
    from zxcvbn import zxcvbn  # noqa: PLC0415  its lists of words take 14 MB, and few processes judge a password

    with _judging:
        found = zxcvbn(password[:_LOOKED_AT], [*own, *_POLISH])
    return found["score"] >= _STRONG, {part["pattern"] for part in found["sequence"]}

"""E-mail addresses that are right in form and yet may be slips of who typed them: ``gmial.com``, ``wp.p``, ``o2.con``.

Such an address is asked about and never refused: there are more domains than any list knows.
"""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import OSA

from forms.kinds import FieldKind, Value, Writing
from ocr.lexicons import mail_domains

_GENUINE: Final = frozenset({"mail.com", "email.com", "ymail.com", "mail.de", "gmx.com", "gmx.at", "gmx.pl", "live.pl"})
"""Domains of others that stand close to a frequent one."""
_ENDS: Final = {
    **dict.fromkeys(("con", "cmo", "ocm", "comm", "coom", "vom", "xom"), "com"),
    **dict.fromkeys(("p", "l", "lp", "pll", "ppl", "pl1"), "pl"),
}
"""Ends that no domain has, by what they were to be."""
_SHORT: Final = 3
"""Where so few characters tell who provides the mail, another one tells of another provider: op, wp, vp."""


def likely_meant(address: str) -> str | None:
    """The address that was meant, as far as its domain tells; None where it looks as it should."""
    name, at, domain = address.strip().lower().rpartition("@")
    meant = _domain_meant(domain) if name and at else None
    return None if meant is None else f"{name}@{meant}"


def question(kind: FieldKind, value: Value) -> str | None:
    """What to ask about a right value, in Polish; None where nothing is, as of all that is no e-mail address."""
    if kind.writing is not Writing.EMAIL or not isinstance(value, str):
        return None
    meant = likely_meant(value)
    return None if meant is None else f"Czy ten adres jest na pewno dobry? Może chodziło o {meant}."


def _domain_meant(domain: str) -> str | None:
    known = mail_domains()
    if domain in known or domain in _GENUINE:
        return None
    near = [one for one in known if _is_slip(domain, one)]
    rest, _, end = domain.rpartition(".")
    if not near and rest and (end in _ENDS or end in _ENDS.values()):
        near = [one for one in known if one.rpartition(".")[0] == rest]
        if not near and end in _ENDS:
            return f"{rest}.{_ENDS[end]}"
    return max(near, key=lambda one: known[one], default=None)


def _is_slip(typed: str, known: str) -> bool:
    """Whether one sign too many, missing or wrong, or two exchanged ones, make the one domain the other."""
    if OSA.distance(typed, known, score_cutoff=1) != 1:
        return False
    host, of_known = typed.partition(".")[0], known.partition(".")[0]
    return host == of_known or len(host) != len(of_known) or len(of_known) > _SHORT or sorted(host) == sorted(of_known)

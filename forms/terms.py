"""The standing texts, above all both Regulamins: which version is in force on a day, what it says and what it changes.

A folder holds them: one text for each version, ``KEY-VERSION.md``, what it changes, ``KEY-VERSION_changes.md``, and
``history.csv`` with the day from which each is in force. The shipped folder is a sound beginning; the setting
``terms_dir`` names the company's own. A version that somebody has consented to is never edited: a new text is a new
version. What a company has no own text of, as of its privacy, is the shipped one, but for the Regulamins.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from environment.clock import today
from environment.settings import get_settings
from forms.form import Form
from forms.wording import counted

_SHIPPED: Final = Path(__file__).parent / "terms_texts"
_HISTORY: Final = "history.csv"
_COLUMNS: Final = ["key", "version", "in_force_from"]
_YEAR: Final = 365
_VERSION: Final = re.compile(r"[0-9a-z]([0-9a-z.-]{0,14}[0-9a-z])?")


class TermsError(ValueError):
    """The folder of Regulamin texts contradicts itself; the message is Polish and names file and line."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A standing text in one version; ``of_title`` is its title in the genitive."""

    key: str
    title: str
    of_title: str
    version: str
    in_force_from: date


_TITLES: Final = {
    "ebok": ("Regulamin eBOK", "Regulaminu eBOK"),
    "einvoice": (
        "Regulamin wystawiania i przesyłania faktur w formie elektronicznej",
        "Regulaminu wystawiania i przesyłania faktur w formie elektronicznej",
    ),
    "privacy": ("Prywatność i pliki cookie", "informacji o prywatności"),
    "accessibility": ("Deklaracja dostępności", "Deklaracji dostępności"),
}
KEYS: Final = tuple(_TITLES)
REGULAMINS: Final = ("ebok", "einvoice")
"""Those that somebody consents to."""
_DAYS: Final = ("first_day", "first_date", "this_day", "this_date")


def terms_of(form: Form, day: date | None = None) -> Terms | None:
    """The Regulamin that a consent by this form is given to, in force on that day (today); None when it asks for none.

    ValueError when the form names a Regulamin that this installation does not have.
    """
    if form.terms is None:
        return None
    if form.terms not in REGULAMINS:
        raise ValueError(f"form {form.code}: there is no Regulamin {form.terms!r}, only {', '.join(REGULAMINS)}")
    return in_force(form.terms, day or today())


def in_force(key: str, day: date) -> Terms:
    """The version of a text that is in force on a day; before the first one: the first. KeyError: no such key."""
    known = versions(key)
    return next((terms for terms in reversed(known) if terms.in_force_from <= day), known[0])


def versions(key: str) -> tuple[Terms, ...]:
    """All versions of a text, oldest first; also those to come. KeyError when there is no such key."""
    return _history(_folder())[key]


def check_terms() -> None:
    """TermsError when the folder in force contradicts itself: told at the start, not when somebody consents."""
    _history(_folder())


def text_of(terms: Terms) -> str:
    """The text in Markdown, with the company's data in place of ``${company_name}`` and the like.

    ``[words]{#place}`` gives words a place of their own on the page, ``[day]{#place 2026-01-01}`` a day, as
    ``forms.terms_pages`` shows them.
    """
    first, this = versions(terms.key)[0].in_force_from, terms.in_force_from
    days = zip(_DAYS, (f"{first:%d.%m.%Y} r.", f"{first}", f"{this:%d.%m.%Y} r.", f"{this}"), strict=True)
    return Template(_source(_folder(), terms.key, terms.version).read_text("utf-8")).substitute(_facts() | dict(days))


def what_changes(terms: Terms) -> tuple[str, ...]:
    """What is new in a version for whoever knows the one before, a sentence each; empty where nobody wrote that."""
    source = _changes(_source(_folder(), terms.key, terms.version))
    return _items(Template(source.read_text("utf-8")).substitute(_facts())) if source.is_file() else ()


def _changes(text: Path) -> Path:
    return text.with_name(f"{text.stem}_changes.md")


def _items(text: str) -> tuple[str, ...]:
    """The items of a list in Markdown; what is indented goes on with the line above it."""
    return tuple(" ".join(item.split()) for item in re.split(r"(?m)^- ", text)[1:])


def _facts() -> dict[str, str]:
    settings = get_settings()
    return {
        "company_name": settings.company_name,
        "company_address": settings.company_address,
        "company_phones": " lub ".join(settings.company_phones),
        "company_email": settings.company_email,
        "company_www": settings.company_www,
        "portal_url": settings.account_url,
        "public_url": settings.public_url,
        "mail_from": settings.mail_from,
        "proof_days": str(settings.proof_days),
        "terms_notice_days": str(settings.terms_notice_days),
        "keep_drafts": _period(settings.draft_days),
        "keep_cases": _period(settings.keep_originals_days),
        "keep_consents": _period(settings.keep_consents_days),
        "keep_billing": _period(settings.keep_billing_days),
        "keep_readings": _period(settings.keep_readings_days),
        "keep_questions": _period(settings.keep_questions_days),
        "keep_requests": _period(settings.keep_requests_days),
        "keep_messages": _period(settings.keep_messages_days),
        "keep_accounts": _period(settings.keep_accounts_days),
    }


def _period(days: int) -> str:
    """So many days in words; 0 is for ever."""
    years, rest = divmod(days, _YEAR)
    if not days:
        return "bezterminowo"
    if not years or rest > years:  # leap days
        return f"{days} {counted(days, 'dzień', 'dni', 'dni')}"
    return f"{years} {counted(years, 'rok', 'lata', 'lat')}"


def _folder() -> Path:
    return get_settings().terms_dir or _SHIPPED


def _source(folder: Path, key: str, version: str) -> Path:
    """The company's own, or the shipped one of a text that it has no version of."""
    own = folder / f"{key}-{version}.md"
    return own if own.is_file() or key in REGULAMINS else _SHIPPED / own.name


@cache
def _history(folder: Path) -> dict[str, tuple[Terms, ...]]:
    """The table of a folder, judged as a whole before anybody consents to something that is not there."""
    found: dict[str, list[Terms]] = {key: [] for key in _TITLES}
    table = folder / _HISTORY
    if not table.is_file():
        raise TermsError(f"Brakuje tabeli wersji regulaminów: {table}.")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != _COLUMNS:
            raise TermsError(f"{table}, wiersz 1: kolumny muszą być takie: {','.join(_COLUMNS)}.")
        for row in rows:
            terms = _version(folder, row, f"{table}, wiersz {rows.line_num}")
            found[terms.key].append(terms)
    for key in _TITLES:
        if key not in REGULAMINS and not found[key]:
            found[key] = list(_history(_SHIPPED)[key])
    for key, known in found.items():
        days = [terms.in_force_from for terms in known]
        if not known or len({terms.version for terms in known}) < len(known) or len(set(days)) < len(days):
            raise TermsError(f"{table}: {key} musi mieć wersję, a każda wersja i każdy dzień może być tylko raz.")
    return {key: tuple(sorted(known, key=lambda terms: terms.in_force_from)) for key, known in found.items()}


def _version(folder: Path, row: dict[str, str | None], where: str) -> Terms:
    key, version, day = ((row[column] or "").strip() for column in _COLUMNS)
    if key not in _TITLES:
        raise TermsError(f"{where}: nie ma tekstu {key!r}, są tylko: {', '.join(_TITLES)}.")
    if not _VERSION.fullmatch(version):
        raise TermsError(f"{where}: {version!r} to nie wersja. Przykłady: 1, 2.1, 2026-01.")
    try:
        in_force_from = date.fromisoformat(day)
    except ValueError:
        raise TermsError(f"{where}: {day!r} to nie dzień. Przykład: 2026-01-31.") from None
    source = folder / f"{key}-{version}.md"
    if not source.is_file():
        raise TermsError(f"{where}: brakuje pliku {source.name}.")
    unknown = set(Template(source.read_text("utf-8")).get_identifiers()) - set(_facts()) - set(_DAYS)
    if unknown:
        raise TermsError(f"{source}: nieznane {', '.join(sorted(unknown))}.")
    changes = _changes(source)
    said = changes.read_text("utf-8") if changes.is_file() else None
    if said is not None and (not _items(said) or set(Template(said).get_identifiers()) - set(_facts())):
        raise TermsError(f"{changes}: ma być listą zmian, każda od nowego wiersza i znaków „- ”, bez nieznanych słów.")
    return Terms(key, *_TITLES[key], version, in_force_from)

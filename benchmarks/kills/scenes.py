"""What is handed in while processes die, by whom, and how each thing must end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from benchmarks.kills.alone import Readings
from benchmarks.kills.mail import Temper
from documents.states import State
from environment import clock
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.submission import FieldValue, Source, Submission
from ocr.errors import DocumentError, EncryptedFileError
from ocr.results import DocumentReading, FileReading
from specimens import names
from specimens.people import CustomerRow, invented_customers, values_for

_DRAWN: Final = [row for row in invented_customers(60, 11, domains=names.SAFE_DOMAINS) if row["phone"]]
PEOPLE: Final[Sequence[CustomerRow]] = [
    *[row for row in _DRAWN if row["email"]][:4],
    *[row for row in _DRAWN if not row["email"] and row["phone"][0] in "5678"][:1],
]
"""Customers with e-mail and telephone; the last one has no e-mail."""
_SIGNED: Final = clock.today()
"""When everything is signed: the same day for all processes, also for one whose clock is ahead of midnight."""


class Way(StrEnum):
    """How something is handed in."""

    FOLDER = "folder"
    API = "api"
    WEB = "web"


@dataclass(frozen=True)
class Ending:
    """How one form must end: its document's state, what came of it in the register, and what its customer is told."""

    state: State
    outcome: str | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A form as somebody filled it in; ``form`` None is a letter in his own words."""

    form: str | None
    person: int = 0
    changed: dict[str, Value] = field(default_factory=dict)

    def values(self) -> dict[str, Value]:
        """What stands in it."""
        assert self.form is not None
        form, person = form_by_code(self.form), PEOPLE[self.person]
        drawn = values_for(form, person, self.person, _SIGNED, domains=names.SAFE_DOMAINS)
        return {**drawn, "date_signed": _SIGNED.isoformat(), **self.changed}


@dataclass(frozen=True)
class Handed:
    """One thing that is handed in, ``times`` times, with what stands in it, and how each form in it must end.

    ``real`` are its bytes where a reader is to look at it.
    """

    name: str
    way: Way
    forms: tuple[Filled, ...]
    endings: tuple[Ending, ...]
    times: int = 1
    unusable: type[DocumentError] | None = None
    real: bytes | None = None

    @cached_property
    def content(self) -> bytes:
        """Its bytes: for a file that no reader sees they say nothing, ``reading`` does."""
        if self.real is not None:
            return self.real
        if self.way is Way.FOLDER:
            return f"%PDF-1.7 {self.name} %%EOF".encode()
        values = self.forms[0].values()
        values.pop("signature", None)
        return json.dumps(values, ensure_ascii=False, indent=1 if self.way is Way.WEB else None).encode()

    @property
    def sha256(self) -> str:
        """By which its documents are known."""
        return hashlib.sha256(self.content).hexdigest()

    def reading(self) -> FileReading | DocumentError:
        """What a reader finds in the file."""
        if self.unusable is not None:
            return self.unusable()
        return FileReading(tuple(_read(form, page) for page, form in enumerate(self.forms, 1)), ())


@dataclass(frozen=True)
class Scene:
    """Things handed in one after the other, links used in between, with a mail server of that temper (None: files).

    ``uncertain`` and ``failed`` messages are what that mail server brings about by itself.
    """

    name: str
    handed: tuple[Handed, ...]
    temper: Temper | None = Temper.TAKES
    links: bool = False
    uncertain: int = 0
    failed: int = 0

    def readings(self) -> Readings:
        """What stands in its files."""
        return {one.sha256: one.reading() for one in self.handed if one.way is Way.FOLDER}


def _read(filled: Filled, page: int) -> DocumentReading:
    if filled.form is None:
        return DocumentReading(None, None, None, (page,), "scan")
    form = form_by_code(filled.form)
    fields = {name: _trusted(name, value, page) for name, value in filled.values().items()}
    return DocumentReading(Submission(form, fields, paper=True), form.code, form.version, (page,), "scan")


def _trusted(name: str, value: Value, page: int) -> FieldValue:
    source = Source.SIGNATURE if name == "signature" else Source.TICK if isinstance(value, bool) else Source.PRINT
    return FieldValue(value, source=source, page=page)


_CONFIRMED: Final = State.CONFIRMED


def _acceptance(name: str, person: int, way: Way, *more: str) -> Handed:
    ending = Ending(_CONFIRMED, "done", tuple(sorted(("einvoice_link", *more))))
    return Handed(name, way, (Filled("einvoice_acceptance", person),), (ending,))


def _sign_up(person: int, way: Way, *more: str) -> Handed:
    ending = Ending(_CONFIRMED, "done", tuple(sorted(("account_link", *more))))
    both = {"notify_sms": True, "notify_email": True}
    return Handed("sign-up", way, (Filled("ebok_signup", person, dict[str, Value](both)),), (ending,))


_LETTERS: Final = (_acceptance("acceptance", 0, Way.FOLDER), _sign_up(1, Way.API))

SCENES: Final = (
    Scene("letters", _LETTERS),
    Scene(
        "a batch",
        (
            Handed(
                "batch",
                Way.FOLDER,
                (Filled("einvoice_acceptance", 0), Filled("ebok_signup", 1), Filled(None)),
                (
                    Ending(_CONFIRMED, "done", ("einvoice_link",)),
                    Ending(_CONFIRMED, "done", ("account_link",)),
                    Ending(State.IN_REVIEW),
                ),
            ),
        ),
    ),
    Scene(
        "repetitions",
        (
            replace(_acceptance("scanned twice", 0, Way.FOLDER), times=2),
            _sign_up(1, Way.API),
            Handed(
                "the same sign-up again",
                Way.WEB,
                (Filled("ebok_signup", 1, {"notify_sms": True, "notify_email": True}),),
                (Ending(State.DUPLICATE, "same_request", ("already_done",)),),
            ),
        ),
    ),
    Scene(
        "a withdrawal",
        (
            _acceptance("acceptance", 0, Way.WEB),
            Handed(
                "withdrawal",
                Way.API,
                (Filled("einvoice_withdrawal", 0, {"email_current": None}),),
                (Ending(_CONFIRMED, "done", ("withdrawal_done",)),),
            ),
        ),
    ),
    Scene(
        "links",
        (_acceptance("acceptance", 2, Way.WEB, "einvoice_active"), _sign_up(3, Way.WEB, "account_active")),
        links=True,
    ),
    Scene(
        "refusals",
        (
            Handed(
                "unsigned",
                Way.FOLDER,
                (Filled("einvoice_acceptance", 0, {"signature": None}),),
                (Ending(State.REJECTED, None, ("incomplete_signature", "sms_incomplete")),),
            ),
            Handed("locked", Way.FOLDER, (), (Ending(State.QUARANTINED),), unusable=EncryptedFileError),
        ),
    ),
    Scene(
        "a letter and an SMS",
        (
            Handed(
                "unsigned",
                Way.FOLDER,
                (Filled("einvoice_withdrawal", -1, {"signature": None}),),
                (Ending(State.REJECTED, None, ("incomplete_signature", "sms_incomplete")),),
            ),
        ),
    ),
    Scene("files instead of mail", _LETTERS, temper=None),
    Scene("a server that defers", _LETTERS, Temper.DEFERS),
    Scene("a server that refuses", _LETTERS, Temper.REFUSES, failed=2),
    *(
        Scene(f"a server that {temper}", _LETTERS, temper, uncertain=2)
        for temper in (Temper.HANGS_BEFORE, Temper.HANGS_AFTER, Temper.DIES_BEFORE, Temper.DIES_AFTER)
    ),
)
"""All of them."""

"""Who a submission comes from, and whether it may go straight through.

A customer is identified by two factors: the customer number, and the name, the PESEL or NIP, or the whole address.
A datum that contradicts the register is for a human, whatever else agrees. What the register does not know neither
helps nor hurts.

Similarity (rapidfuzz) accepts nothing by itself. It *explains* a contradiction to the clerk, and it corrects one letter
of a name, street or town that a machine read from print with doubt, when the customer number *and* PESEL or NIP agree:
then there is no other person it could be. Without PESEL or NIP only street and town are corrected, and only when the
name agrees letter by letter: Kowalski and Kowalska live at one address. E-mail addresses, digits, and whatever a person
typed are never corrected. Handwriting was held against the register while it was read, sign by sign
(``ocr.handprint.customer_identity``): here it may lose its trust, and gains nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from rapidfuzz.distance import Levenshtein

from customers.comparison import Answer, address_answer, compare_addresses, compare_names, plain
from customers.effects import effect_of
from customers.records import ADDRESS, CustomerLookup, CustomerRecord
from customers.signing import signer_problems
from forms.form import Form, Problem
from forms.submission import FieldValue, Source, Submission

OLDEST_SIGNATURE = timedelta(days=366)
"""An older paper no longer tells what its signer wants today: a human asks."""

_READ_BY_MACHINE = (Source.PRINT, Source.HANDPRINT)
_LONG_ENOUGH = 5
"""Letters of a text that may be corrected: shorter ones differ by one letter too easily."""


@dataclass(frozen=True, slots=True)
class Match:
    """The customer of that number and what agrees: subset of 'customer_no', 'name', 'pesel', 'nip', 'address'."""

    record: CustomerRecord | None
    factors: frozenset[str]
    problems: tuple[Problem, ...]

    @property
    def identified(self) -> bool:
        """Whether the number and one more factor agree and nothing contradicts."""
        return len(self.factors) > 1 and not self.problems


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to happen with a submission.

    ``customer_no`` is set when the number is in the register; ``identified`` says whether two factors prove it.
    """

    decision: Literal["ready", "review", "reject"]
    problems: tuple[Problem, ...]
    customer_no: str | None
    identified: bool


def match(submission: Submission, directory: CustomerLookup) -> Match:
    """Compare what was given with the register. A number that is missing is told by the form's own problems."""
    number = submission.text("customer_no")
    if number is None:
        return Match(None, frozenset(), ())
    record = directory.find(number)
    if record is None:
        problem = Problem("customer_no", "unknown_customer", "Takiego numeru klienta nie ma w rejestrze.")
        return Match(None, frozenset(), (problem,))
    answers = _answers(submission, record)
    factors = {"customer_no", *(name for name, answer in answers.items() if answer is Answer.AGREES)}
    problems = [_mismatch(submission, record, name) for name, answer in answers.items() if answer is Answer.CONTRADICTS]
    if len(factors) == 1 and not problems:
        text = "Poza numerem klienta nic nie potwierdza, kto to jest: sprawdź nazwisko, PESEL lub NIP albo adres."
        problems.append(Problem("customer_no", "second_factor_missing", text))
    return Match(record, frozenset(factors), tuple(problems))


def _answers(submission: Submission, record: CustomerRecord) -> dict[str, Answer]:
    return {
        "name": compare_names(submission.text("name"), record.name),
        "pesel": _compare_numbers(submission.text("pesel"), record.pesel),
        "nip": _compare_numbers(submission.text("nip"), record.nip),
        "address": address_answer(_address_answers(submission, record)),
    }


def contradicted(submission: Submission, record: CustomerRecord) -> frozenset[str]:
    """Names of the fields that say something else than the register."""
    answers = {**_answers(submission, record), **_address_answers(submission, record)}
    return frozenset(name for name, answer in answers.items() if answer is Answer.CONTRADICTS) - {"address"}


def _compare_numbers(given: str | None, known: str | None) -> Answer:
    if not given or not known:
        return Answer.SILENT
    return Answer.AGREES if given == known else Answer.CONTRADICTS


def _address_answers(submission: Submission, record: CustomerRecord) -> dict[str, Answer]:
    return compare_addresses({name: submission.text(name) for name in ADDRESS}, _address(record), record.unknown)


def _address(record: CustomerRecord) -> dict[str, str | None]:
    return {name: getattr(record, name) for name in ADDRESS}


def _mismatch(submission: Submission, record: CustomerRecord, factor: str) -> Problem:
    names: tuple[str, ...] = (factor,)
    if factor == "address":
        parts = _address_answers(submission, record)
        names = tuple(name for name, answer in parts.items() if answer is Answer.CONTRADICTS)
    labels = ", ".join(submission.form[name].label for name in names)
    close = all(_distance(submission.text(name), getattr(record, name)) == 1 for name in names)
    hint = " Różnica jest jednego znaku: to może być pomyłka." if close else ""
    return Problem(names[0], f"mismatch_{factor}", f"{labels}: inaczej niż w rejestrze klientów.{hint}")


def _distance(given: str | None, known: str | None) -> int:
    return Levenshtein.distance(plain(given or ""), plain(known or ""), score_cutoff=2)


def corroborate(submission: Submission, directory: CustomerLookup) -> Submission:
    """A copy in which readings that the register confirms are trusted, but not handwriting or what is for an eye.

    The customer is the one whose number was read *and* whom another factor confirms: a misread number leads to
    another customer, with another name. A machine's reading that the register contradicts is no longer trusted and
    says so in ``doubt``; what a person typed keeps its trust as a reading, and ``match`` tells the contradiction.
    """
    number = submission.text("customer_no")
    record = None if number is None else directory.find(number)
    if record is None:
        return submission if number is None else _doubted(submission, {"customer_no"}, "Nie ma go w rejestrze.")
    answers = _answers(submission, record)
    if Answer.AGREES not in answers.values():
        if Answer.CONTRADICTS not in answers.values():
            return submission
        return _doubted(submission, {"customer_no"}, "Ten numer ma w rejestrze ktoś inny.")
    for name in _correctable(answers):
        submission = _corrected(submission, record, name)
    answers, parts = _answers(submission, record), _address_answers(submission, record)
    known = {name for name in ("name", "pesel", "nip") if answers[name] is Answer.AGREES}
    known |= {name for name, answer in parts.items() if answer is Answer.AGREES and submission.value(name)}
    if parts["house"] is Answer.AGREES and submission.value("flat"):
        known.add("flat")
    known |= {
        name
        for name, values in _contacts(record).items()
        if submission.text(name) is not None and submission.text(name) in values
    }
    if Answer.CONTRADICTS not in answers.values():
        known.add("customer_no")
    against = {name for name, answer in (answers | parts).items() if answer is Answer.CONTRADICTS}
    return _doubted(_trusted(submission, known), against, "Inaczej niż w rejestrze klientów.")


def _contacts(record: CustomerRecord) -> dict[str, tuple[str | None, ...]]:
    addresses = (record.email, record.invoice_email)
    return {"phone": (record.phone,), "email": addresses, "email_current": addresses, "email_new": addresses}


def _correctable(answers: Mapping[str, Answer]) -> tuple[str, ...]:
    numbers = {answers["pesel"], answers["nip"]}
    if Answer.AGREES in numbers and Answer.CONTRADICTS not in numbers:
        return ("name", "street", "town")
    return ("street", "town") if answers["name"] is Answer.AGREES else ()


def _corrected(submission: Submission, record: CustomerRecord, name: str) -> Submission:
    reading, known = submission.fields.get(name), getattr(record, name)
    if reading is None or reading.trusted or reading.by_eye or reading.source is not Source.PRINT or not known:
        return submission
    if len(plain(known)) < _LONG_ENOUGH or _distance(submission.text(name), known) != 1:
        return submission
    raw = reading.raw if reading.raw is not None else submission.text(name)
    return submission.with_value(name, replace(reading, value=known, raw=raw, trusted=True, doubt=None))


def _trusted(submission: Submission, names: set[str]) -> Submission:
    changed = {
        name: replace(reading, trusted=True, doubt=None)
        for name, reading in submission.fields.items()
        if name in names and reading.source is not Source.HANDPRINT and not reading.by_eye
    }
    return replace(submission, fields={**submission.fields, **changed})


def _doubted(submission: Submission, names: set[str], doubt: str) -> Submission:
    changed = {
        name: replace(reading, trusted=False, doubt=doubt)
        for name, reading in submission.fields.items()
        if name in names and reading.source in _READ_BY_MACHINE and reading.value is not None
    }
    return replace(submission, fields={**submission.fields, **changed})


def judge(submission: Submission, directory: CustomerLookup, today: date) -> Verdict:
    """Decide: 'ready', 'review', or 'reject'. Call ``corroborate`` first.

    Ready is a customer identified by two factors, no problem at all, and trust in every field that the effect needs.
    A paper is rejected only when its signature is missing for sure and everything else is fine: then the right
    customer can be asked to sign. Everything else is for a human.
    """
    found = match(submission, directory)
    told = submission.problems(today)
    # What could not be read is doubtful, not missing and not wrong.
    asked = {*needed(submission), *(problem.field for problem in told)}
    doubtful = [
        item.name for item in submission.form.fields if item.name in asked and _is_doubtful(submission, item.name)
    ]
    problems = [problem for problem in told if problem.field not in doubtful]
    problems += [
        *(_doubtful(submission.form, name) for name in doubtful),
        *found.problems,
        *_old_signature(submission, today),
        *signer_problems(submission, found.record),
    ]
    if submission.text("customer_no") is None and "customer_no" not in {problem.field for problem in problems}:
        problems.append(Problem(None, "unknown_customer", "Nie podano numeru klienta: ustal, kto to jest."))
    number = None if found.record is None else found.record.customer_no
    if not problems and found.identified:
        return Verdict("ready", (), number, identified=True)
    only_signature = {problem.code for problem in problems} == {"missing_signature"}
    decision: Literal["review", "reject"] = "reject" if only_signature and found.identified else "review"
    return Verdict(decision, tuple(problems), number, found.identified)


def needed(submission: Submission) -> tuple[str, ...]:
    """The fields on which the effect rests, in the order of the form.

    An identifying field need not be trusted by itself: what agrees with the register is, what does not is a problem.
    But one that must be filled in and cannot be read is doubtful, not missing.
    """
    form = submission.form
    names = {"customer_no", "date_signed", *effect_of(form).rests_on(submission)}
    if submission.paper:
        names.add("signature")
    unread = {item.name for item in form.fields if item.required and submission.value(item.name) is None}
    return tuple(item.name for item in form.fields if item.name in names | unread)


def _is_doubtful(submission: Submission, name: str) -> bool:
    reading: FieldValue | None = submission.fields.get(name)
    return reading is not None and not reading.trusted


def _doubtful(form: Form, name: str) -> Problem:
    return Problem(name, "doubtful_field", f"{form[name].label}: odczyt jest niepewny, porównaj z obrazem.")


def _old_signature(submission: Submission, today: date) -> list[Problem]:
    signed = submission.text("date_signed")
    try:
        too_old = signed is not None and today - date.fromisoformat(signed) > OLDEST_SIGNATURE
    except ValueError:
        return []  # told as a wrong date already
    label = submission.form["date_signed"].label if too_old else ""
    return [Problem("date_signed", "old_signature", f"{label}: minął ponad rok.")] if too_old else []

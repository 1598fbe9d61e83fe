"""What an accepted form does to the register: exactly once for each document.

Order of forms. Forms of one customer in one matter (e-invoices, account) are carried out in the order of receipt.
One that was *received* before a form that is already known here (it waited in review, or was read slowly), or *signed*
before one that was accepted (an old paper, a second scan of it), may not tell what the customer wants today: a human
decides, unless the state is already what the form asks for. A form that needed no change counts as any other does: it
tells what the customer wanted, too. One that was taken back does not: it was misread, and what it really says is
carried out as a document of its own, which stands in its place. On one day the order of receipt rules; an acceptance
after a withdrawal works again, and does no harm where it should not, since nothing is sent by e-mail before the address
is proven again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from customers.compensation import COMPENSATED
from customers.effect import Reason
from customers.effects import all_reasons, effect_of
from customers.outcome import Case, Origin, Outcome
from customers.proofs import lock_customer, stands, token_of
from customers.reindexing import reindexed
from customers.tables import Change, Customer
from database.encryption import digest
from documents.arrival import Arrival, numbers_of
from environment.clock import now
from forms.submission import Submission

OUT_OF_ORDER: Final = (
    Reason(
        "received_before_last",
        short="Jest nowszy formularz",
        label="Mamy już nowszy formularz w tej sprawie",
        answer="W tej samej sprawie mamy już nowszy formularz.",
        overrulable=True,
    ),
    Reason(
        "signed_before_last",
        short="Jest późniejszy podpis",
        label="Mamy już formularz podpisany później",
        answer="W tej samej sprawie mamy już formularz podpisany później.",
        overrulable=True,
    ),
)
"""Why the order of forms may leave one to a human."""
_HISTORY: Final = (
    select(Change)
    .where(
        or_(
            Change.tracking == bindparam("tracking"),
            and_(Change.customer_no == bindparam("number"), Change.subject == bindparam("subject")),
        )
    )
    .order_by(Change.id)
    .execution_options(populate_existing=True)
)
"""Made once: to put a question together costs more than to ask it."""
_WITHOUT_CHANGE: Final = ("already_done", "same_request")
"""Outcomes of forms that asked for what was so already."""


def reasons() -> tuple[Reason, ...]:
    """All reasons for which a form cannot be carried out as it is."""
    return (*all_reasons().values(), *OUT_OF_ORDER)


def approvable() -> frozenset[str]:
    """Codes of 'needs_human' that a clerk may overrule."""
    return frozenset(reason.code for reason in reasons() if reason.overrulable)


def request_digest(submission: Submission) -> str:
    """Keyed digest of form, customer and values: equal for the same request, on paper or online.

    The signature is not part of it, the day of signature is: two requests of two days are two requests.
    """
    values = {name: value for name, value in submission.values.items() if value and name != "signature"}
    return digest(submission.form.code, *(f"{name}={values[name]}" for name in sorted(values)))


def apply(
    session: Session,
    submission: Submission,
    origin: Origin,
    today: date,
    *,
    approved: Collection[str] = (),
    paper_from: date | None = None,
) -> Outcome:
    """Carry out the effect of the form in the caller's transaction; a second call tells the same outcome again.

    Only 'needs_human' is decided anew by a later call: after a correction, or with the code ``approved`` by a clerk.
    ``paper_from`` is the first day that was agreed, for an effect that has one: that on paper of a withdrawal (default:
    the day after receipt; AgreedDayError when it is later than 30 days). Incomplete submissions are never applied,
    whoever sent them here; who the customer is was decided before, by ``matching.judge`` or a clerk.
    """
    number = submission.text("customer_no")
    customer = None if number is None else lock_customer(session, number)
    recorded, known = _history(session, submission, origin)
    case = _case(session, customer, recorded, submission=submission, origin=origin, paper_from=paper_from)
    if isinstance(case, Outcome):
        return case
    outcome = _without_change(case, known, today, approved)
    if outcome is None:
        with reindexed(session, case.customer):
            outcome = effect_of(submission.form).carry_out(case)
    outcome = replace(outcome, proof_token=token_of(session, origin.tracking))
    _record(case, outcome, recorded)
    return outcome


def foresee(
    session: Session,
    submission: Submission,
    origin: Origin,
    today: date,
    *,
    approved: Collection[str] = (),
    paper_from: date | None = None,
) -> Outcome:
    """What ``apply`` would come to now.

    Nothing is changed and nobody waits: the session may be one for looking only.
    """
    number = submission.text("customer_no")
    customer = None if number is None else session.get(Customer, number)
    recorded, known = _history(session, submission, origin)
    case = _case(session, customer, recorded, submission=submission, origin=origin, paper_from=paper_from)
    if isinstance(case, Outcome):
        return case
    return _without_change(case, known, today, approved) or effect_of(submission.form).foreseen(case)


def _history(session: Session, submission: Submission, origin: Origin) -> tuple[Change | None, list[Change]]:
    """What is recorded of this document, and all that is of the matter it is about, in one question."""
    number, subject, tracking = submission.text("customer_no"), _subject(submission), origin.tracking
    found = list(session.scalars(_HISTORY, {"tracking": tracking, "number": number, "subject": subject}))
    matter = [one for one in found if (one.customer_no, one.subject) == (number, subject)]
    return next((one for one in found if one.tracking == tracking), None), matter


def _case(
    session: Session,
    customer: Customer | None,
    recorded: Change | None,
    *,
    submission: Submission,
    origin: Origin,
    paper_from: date | None,
) -> Case | Outcome:
    """What there is to decide, or what came of it before; an outcome, too, where nobody has that number."""
    effect = effect_of(submission.form)
    if paper_from is not None and effect.agreed_day is None:
        raise ValueError(f"paper_from: no day is agreed for the effect {effect.name}")
    if recorded is not None and recorded.outcome != "needs_human":
        return _retold(session, recorded)
    if customer is None:
        return Outcome("needs_human", "unknown_customer", "Takiego numeru klienta nie ma w rejestrze.", None)
    return Case(session, customer, submission, origin, paper_from)


def _without_change(case: Case, known: Sequence[Change], today: date, approved: Collection[str]) -> Outcome | None:
    """Why nothing is to be changed; None where the effect is to be carried out."""
    overruled = frozenset(approved) & approvable()
    if problems := case.submission.problems(today):
        return case.outcome("needs_human", "incomplete", problems[0].message)
    if earlier := _same_request(case, known):
        message = "To samo zgłoszenie przyjęliśmy już wcześniej."
        facts = earlier.detail["facts"]
        return replace(case.outcome("same_request", "same_request", message, **facts), duplicate_of=earlier.tracking)
    for reason in (effect_of(case.submission.form).settled, partial(_known_later_form, known=known)):
        found = reason(case)
        if found is not None and found.code not in overruled:
            return found
    return None


def _same_request(case: Case, known: Sequence[Change]) -> Change | None:
    """The last change in this matter when it is this very request and its effect still stands."""
    last = next((one for one in reversed(known) if one.outcome == "done"), None)
    same = last is not None and last.request_digest == request_digest(case.submission)
    return last if last is not None and same and stands(case.session, last.tracking) else None


def _known_later_form(case: Case, known: Sequence[Change]) -> Outcome | None:
    if not effect_of(case.submission.form).in_order:
        return None
    others = [one for one in known if one.tracking != case.origin.tracking and one.outcome != COMPENSATED]
    if not others:
        return None
    came = _arrivals(case, known)
    last = max(others, key=lambda one: came[one.tracking])
    if came[last.tracking] > came[case.origin.tracking]:
        together = last.received_at == case.origin.received_at
        text = "W tym samym pliku dalej jest drugi" if together else "Po tym formularzu wpłynął już inny"
        text += f" w tej samej sprawie ({last.tracking})"
        if last.outcome in _WITHOUT_CHANGE:
            text += ", który nie wymagał zmian, bo było już tak, jak w nim napisano"
        return case.outcome("needs_human", "received_before_last", f"{text}. Zdecyduj, który obowiązuje.")
    signed = case.signed_on
    accepted = [one for one in others if one.outcome != "needs_human"]
    if later := [one for one in accepted if signed and one.signed_on and one.signed_on > signed]:
        text = f"Podpisany wcześniej niż przyjęty już formularz w tej samej sprawie ({later[-1].tracking})."
        return case.outcome("needs_human", "signed_before_last", f"{text} Zdecyduj, który obowiązuje.")
    return None


def _arrivals(case: Case, known: Sequence[Change]) -> dict[str, Arrival]:
    """When each of them came, and this one.

    A correction stands where the document stands that was misread. What no document is behind (the demo's) comes first
    of its moment.
    """
    moments = {one.tracking: one.received_at for one in known} | {case.origin.tracking: case.origin.received_at}
    misread = {one.detail["corrected_by"]: one.tracking for one in known if "corrected_by" in one.detail}
    numbers = numbers_of(case.session, moments)
    return {each: Arrival(at, numbers.get(misread.get(each, each), 0)) for each, at in moments.items()}


def _subject(submission: Submission) -> str:
    return effect_of(submission.form).subject(submission.form)


def _record(case: Case, outcome: Outcome, recorded: Change | None) -> None:
    row = recorded or Change(tracking=case.origin.tracking)
    row.customer_no, row.subject = case.customer.customer_no, _subject(case.submission)
    row.effect, row.outcome, row.code = case.submission.form.effect, outcome.kind, outcome.code
    row.request_digest = request_digest(case.submission)
    row.received_at, row.at = case.origin.received_at, now()
    # a wrong date is one of the problems that send a document to a human, so it is not read then
    row.signed_on = None if outcome.code == "incomplete" else case.signed_on
    row.detail = {"message": outcome.message, "facts": outcome.facts, "duplicate_of": outcome.duplicate_of}
    case.session.add(row)
    case.session.flush()


def _retold(session: Session, recorded: Change) -> Outcome:
    detail = recorded.detail
    return Outcome(
        recorded.outcome,  # type: ignore[arg-type]  # written from an Outcome
        recorded.code,
        detail["message"],
        recorded.customer_no,
        detail["facts"],
        token_of(session, recorded.tracking),
        detail["duplicate_of"],
    )

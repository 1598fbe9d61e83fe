"""Who is told what: from what happened to a document to the messages in the outbox.

An e-mail address is trustworthy when its owner has proven it by a link. Messages to any other address carry no
personal data: only the company, the tracking number and what is to be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from confirmations.message import Put, mark, page_address, put_message
from confirmations.outbox import enqueue
from confirmations.recipients import Recipient, awaits_proof, by_email, postal_address, proof_ends_on, reach
from confirmations.tables import Medium, RecipientRole
from customers.applying import reasons
from customers.effects import effect_of, proving_for
from customers.outcome import Outcome
from customers.proofs import Renewal
from customers.proving import ProofResult
from customers.records import CustomerRecord
from environment.clock import today
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.fields import MOBILE
from forms.form import Form, Problem
from forms.submission import Submission

_NOT_AUTHORISED: Final = (
    "Dane na formularzu nie zgadzają się z danymi naszego klienta. Jeśli działasz w cudzym imieniu, dołącz "
    "pełnomocnictwo."
)


def compose(
    session: Session, *, tracking: str, submission: Submission, outcome: Outcome, customer: CustomerRecord
) -> list[str]:
    """Messages after an effect was applied, in the transaction of the effect; the keys of the messages.

    What the effect gives: a link to the address that it waits for, and its notices. None for an outcome that waits for
    a human. Safe to repeat: the keys are the same.
    """
    if outcome.kind == "needs_human":
        return []
    form, target = submission.form, outcome.fact("email")
    if outcome.kind != "done":
        return [_already_done(session, tracking, form, outcome, customer)]
    effect = effect_of(form)
    keys = []
    if effect.proving is not None:
        if target is None or outcome.proof_token is None:
            return []  # told again after the link was used or died: its message was written then
        renewal = Renewal(outcome.proof_token, effect.proving.purpose, customer.customer_no, tracking, target)
        keys.append(_link(session, renewal, None))
    for notice in effect.notices(form, outcome):
        number = customer.customer_no
        recipient = by_email(session, number, notice.to) if notice.to else reach(session, customer)
        named = number if notice.named else None
        keys.append(
            put_message(session, tracking, notice.message.name, recipient, named, **dict[str, Any](notice.said))
        )
    return keys


def answer_to(code: str | None) -> str | None:
    """Why a document cannot be carried out as it is, in the words in which its customer is told; None when untold."""
    told = {reason.code: reason.answer for reason in reasons()} | {"not_authorised": _NOT_AUTHORISED}
    return told.get(code or "")


def compose_incomplete(
    session: Session,
    *,
    tracking: str,
    form: Form | None,
    problems: Sequence[Problem],
    customer: CustomerRecord | None,
    submission: Submission | None = None,
    note: str | None = None,
    refusal: int = 1,
    put: Put = enqueue,
) -> list[str]:
    """The message that a paper cannot be accepted and what to do (rejected: no signature, unreadable).

    ``note`` is what a clerk adds in his own words; ``refusal`` counts from 1 how often the document was rejected.
    ``customer`` is None when nobody was identified: then only an e-mail address that was read beyond doubt from the
    paper is written to, and the list of keys is empty when there is none (a clerk has to find the sender). With the
    setting ``sms_notices`` an SMS to the register's telephone says that a message is under way. ``put`` takes the
    messages instead of the outbox.
    """
    recipient = _reach_sender(session, customer, submission)
    if recipient is None:
        return []
    unsigned = form is not None and {problem.code for problem in problems} == {"missing_signature"}
    customer_no = customer.customer_no if customer else None
    said: dict[str, Any] = {"form_title": form.title if form else None, "note": note}
    if form is not None:
        current = form_by_code(form.code)
        said["blank"] = {"code": current.code, "version": current.version}
    if not unsigned:
        said["fields"] = _labels(form, problems)
    template = "incomplete_signature" if unsigned else "incomplete_unreadable"
    again = _of_refusal(refusal)
    keys = [put_message(session, tracking, template, recipient, customer_no, again=again, put=put, **said)]
    if get_settings().sms_notices and customer is not None and _takes_sms(customer.phone):
        assert customer.phone is not None
        sms = Recipient(Medium.SMS, customer.phone, False, RecipientRole.CUSTOMER, customer.customer_no)
        written = recipient.medium.value
        keys.append(put_message(session, tracking, "sms_incomplete", sms, None, again=again, put=put, written=written))
    return keys


def compose_answer(
    session: Session,
    *,
    tracking: str,
    form: Form,
    code: str,
    customer: CustomerRecord,
    note: str | None = None,
    refusal: int = 1,
    put: Put = enqueue,
) -> list[str]:
    """The true answer when a clerk rejects what could not be done; ``code`` is that of the 'needs_human' outcome.

    ``note`` is what the clerk adds in his own words; ``refusal`` counts from 1 how often the document was rejected.
    ``put`` takes the message instead of the outbox.
    """
    reason = answer_to(code) or "Podane informacje wymagają wyjaśnienia."
    said: dict[str, Any] = {"form_title": form.title, "reason": reason, "note": note}
    recipient, again = reach(session, customer), _of_refusal(refusal)
    return [
        put_message(session, tracking, "needs_office", recipient, customer.customer_no, again=again, put=put, **said)
    ]


def compose_proof(session: Session, result: ProofResult) -> list[str]:
    """The message after an address was proven by its link: account, e-invoices or the new address are in force."""
    way = proving_for(result.purpose)
    recipient = by_email(session, result.customer_no, result.email)
    said: dict[str, Any] = {}
    if way.password and not result.password_set:
        said["password_page"] = page_address("haslo")
    return [put_message(session, result.tracking, way.proven.name, recipient, result.customer_no, asked=True, **said)]


def compose_link_again(session: Session, renewal: Renewal) -> list[str]:
    """The link once more, with a renewed token (customer or clerk asked for it)."""
    return [_link(session, renewal, mark(renewal.token))]


def compose_link_undelivered(
    session: Session, *, tracking: str, form: Form, token: str, customer: CustomerRecord
) -> str:
    """A letter that the e-mail with that link cannot be delivered, and what to do; the key of the message.

    It tells the number of the case and never the link, which would prove a mailbox that nobody opened.
    """
    recipient = Recipient(Medium.LETTER, postal_address(customer), True, RecipientRole.EXACT, customer.customer_no)
    said: dict[str, Any] = {"form_title": form.title}
    return put_message(
        session, tracking, "link_undelivered", recipient, customer.customer_no, again=mark(token), **said
    )


def compose_address_corrected(session: Session, *, tracking: str, customer_no: str, before: str, again: str) -> str:
    """The notice to the address before that a call has corrected it: who did not call must learn of it.

    ``again`` tells one correction from another. The key of the message.
    """
    recipient = by_email(session, customer_no, before)
    return put_message(session, tracking, "address_corrected", recipient, None, again=again)


def compose_correction(
    session: Session,
    *,
    tracking: str,
    form: Form,
    wrong: Sequence[str],
    customer: CustomerRecord,
    stranger: bool,
    correction: str | None,
) -> str:
    """What we read wrong in a form that was carried out already, and that it is mended; the key of the message.

    ``wrong`` names the fields. A ``stranger`` is the customer to whom somebody else's form was ascribed: he is told
    only that it was taken back. ``correction`` is the tracking number under which the form is carried out anew.
    """
    said: dict[str, Any] = {
        "form_title": form.title,
        "stranger": stranger,
        "fields": [item.label for item in form.fields if item.name in wrong],
        "correction": None if stranger else correction,
    }
    again = "stranger" if stranger else None
    return put_message(
        session, tracking, "correction", reach(session, customer), customer.customer_no, again=again, **said
    )


def compose_step(
    session: Session, *, tracking: str, template: str, recipient: Recipient, customer_no: str, step: int, **said: Any
) -> str:
    """The message of one step of a case that goes on after it was confirmed; the key of the message."""
    return put_message(session, tracking, template, recipient, customer_no, again=str(step), **said)


def _link(session: Session, link: Renewal, again: str | None) -> str:
    said: dict[str, Any] = {
        "link": page_address(f"potwierdzenie/{link.token}"),
        "valid_until": _iso(session, link.tracking, link.email),
    }
    recipient = Recipient(Medium.EMAIL, link.email, False, RecipientRole.LINK, link.customer_no)
    template = proving_for(link.purpose).link.name
    return put_message(session, link.tracking, template, recipient, None, again=again, **said)


def _already_done(session: Session, tracking: str, form: Form, outcome: Outcome, customer: CustomerRecord) -> str:
    """To the address that the form speaks of, unless it speaks of none that needs to be right, like a withdrawal."""
    target = outcome.fact("email")
    if target and effect_of(form).answers_to_given:
        recipient = by_email(session, customer.customer_no, target, RecipientRole.GIVEN)
        waiting = not recipient.proven and awaits_proof(session, customer.customer_no, target)
    else:
        recipient, waiting = reach(session, customer), False
    return put_message(
        session,
        tracking,
        "already_done",
        recipient,
        customer.customer_no,
        form_title=form.title,
        duplicate_of=outcome.duplicate_of,
        awaiting_proof=waiting,
    )


def _of_refusal(number: int) -> str | None:
    """What tells the messages of a later refusal from those of the first, which have left."""
    return str(number) if number > 1 else None


def _reach_sender(session: Session, customer: CustomerRecord | None, submission: Submission | None) -> Recipient | None:
    if customer is not None:
        return reach(session, customer)
    for name in ("email", "email_current"):
        found = submission.fields.get(name) if submission else None
        if found is not None and found.trusted and isinstance(found.value, str):
            return Recipient(Medium.EMAIL, found.value, False, RecipientRole.GIVEN)
    return None


def _labels(form: Form | None, problems: Sequence[Problem]) -> list[str]:
    """Labels of the fields in trouble, in the order of the form."""
    wanted = {problem.field for problem in problems}
    return [item.label for item in form.fields if item.name in wanted] if form else []


def _takes_sms(phone: str | None) -> bool:
    return phone is not None and MOBILE.kind.parse(phone, today()).fault is None


def _iso(session: Session, tracking: str, email: str) -> str:
    last = proof_ends_on(session, tracking, email)
    if last is None:
        raise LookupError(f"{tracking}: no open proof for the link that is to be sent")
    return last.isoformat()

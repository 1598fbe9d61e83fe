"""What the pages of a web form show: made from the form alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from api.pages import message_page, page
from confirmations.polish import long_date
from forms.form import Form, Problem
from forms.submission import Submission
from forms.terms import terms_of
from forms.web import WebField, web_form
from forms.wording import data_protection_note, ksef_note
from ocr.lexicons.mail_slips import question

_NOTHING: Final = "nie podano"


def form_page(
    request: Request,
    form: Form,
    token: str,
    typed: Mapping[str, str],
    *,
    begun: bool = False,
    problems: Sequence[Problem] = (),
    not_kept: int = 0,
) -> Response:
    """The form to fill in, with what was typed so far and what must be mended.

    ``not_kept`` gives back what could not be kept, with that status: 503 for a fault of ours, 429 where one address
    began too many forms.
    """
    messages = {problem.field: problem.message for problem in reversed(problems)}
    return page(
        request,
        "web_form.html",
        status=not_kept or 200,
        form=form,
        sections=web_form(form).sections,
        token=token,
        typed=typed,
        begun=begun,
        summary=[(problem.field, _with_label(form, problem)) for problem in problems],
        messages=messages,
        faulty=bool(problems or not_kept),
        not_kept=not_kept,
        terms=terms_of(form),
        data_protection=data_protection_note(),
        ksef=ksef_note(form),
    )


def review_page(request: Request, submission: Submission, token: str, revision: int, *, changed: str) -> Response:
    """Everything as it was understood, before it is sent.

    ``changed`` tells what did since it was looked at: '' nothing, 'regulamin' the version of its Regulamin, else it.
    """
    form = submission.form
    sections = [
        (section.title, [_looked_at(submission, item) for row in section.rows for item in row])
        for section in web_form(form).sections
    ]
    return page(
        request,
        "web_review.html",
        form=form,
        sections=sections,
        token=token,
        revision=revision,
        changed=changed,
        terms=terms_of(form),
    )


def kept_page(request: Request, form: Form, token: str, address: str, until: date) -> Response:
    """Where to go on later: the address to copy, and a message that the person's own mail program sends."""
    subject, body = quote(f"Dokończ formularz: {form.title}"), quote(f"Dokończ formularz: {address}")
    mail = f"mailto:?subject={subject}&body={body}"
    return page(request, "web_kept.html", form=form, token=token, address=address, mail=mail, until=long_date(until))


def gone_page(request: Request, form: Form) -> Response:
    """Nothing is kept under this address (any more)."""
    sentences = [
        "Nie mamy zapisanego formularza pod tym adresem. Mógł wygasnąć albo odnośnik jest niepełny.",
        "Możesz wypełnić formularz od nowa albo zadzwonić do nas.",
    ]
    return _without_form(request, form, 404, "Tego formularza już nie ma", sentences)


def sent_elsewhere_page(request: Request, form: Form) -> Response:
    """What was kept under this address was sent from another browser, whose holder has the number of the case."""
    sentences = [
        "Formularz zapisany pod tym adresem wysłano z innego urządzenia lub z innej przeglądarki. Tam jest numer "
        "sprawy.",
        "Jeśli to nie Ty, zadzwoń do nas. Możesz też wypełnić formularz od nowa.",
    ]
    return _without_form(request, form, 410, "Ten formularz jest już wysłany", sentences)


def _without_form(request: Request, form: Form, status: int, heading: str, sentences: list[str]) -> Response:
    onward = (f"/formularze/{form.code}", form.title)
    return message_page(request, status, heading, sentences, mood="warn", onward=onward)


def _with_label(form: Form, problem: Problem) -> str:
    """The message, with the field that it is about where it does not say so itself."""
    label = form[problem.field].label if problem.field else ""
    if label in problem.message:
        return problem.message
    return f"{label}: {problem.message[0].lower()}{problem.message[1:]}"


def _looked_at(submission: Submission, item: WebField) -> tuple[WebField, str, str | None]:
    """A field with its value as it will be sent, and what to ask about that."""
    kind, value = submission.form[item.name].kind, submission.value(item.name)
    return item, kind.display(value) or _NOTHING, question(kind, value)

"""Web forms: fill in, check, send; a draft under a secret address keeps what is typed until then.

Every page works without JavaScript. A POST that keeps or sends is answered with 303, so that a reload repeats nothing.
A draft is sent under a lock and remembers its case: whoever sends it again is led to that case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.datastructures import UploadFile
from starlette.responses import Response

from access import tries
from api.bodies import json_object
from api.case_access import grant
from api.cookies import begun_form, drop_begun_forms, give_begun_form
from api.limits import count_submission
from api.online.web_form_pages import form_page, gone_page, kept_page, review_page, sent_elsewhere_page
from api.portal.access import authority_of, signed_in_here
from api.problems import ApiProblem
from api.security import client_key
from database.engine import DatabaseUnreachableError, reading, transaction
from documents import drafts
from documents.drafts import Draft
from documents.intake import IdempotencyConflictError, receive_values
from documents.states import IntakeChannel
from environment import clock
from environment.settings import get_settings
from forms.catalogue import UnknownFormError, form_by_code
from forms.form import Form
from forms.terms import terms_of
from forms.web import fault_of, online_submission, typed_values
from ocr.lexicons.mail_slips import question

log = structlog.get_logger("api")
router = APIRouter(prefix="/formularze", include_in_schema=False, default_response_class=HTMLResponse)

_MINUTES: Final = 60
_FILLED_IN: Final = timedelta(hours=1)
"""So long a form is kept that was filled in for who is signed in, unless he goes on with it: others sit there next."""
_OTHER_TERMS: Final = "regulamin"
Begun = Annotated[str, Depends(begun_form)]


@router.get("/{code}")
def begin(request: Request, code: str, begun: Begun) -> Response:
    """An empty form; the draft of this browser where one is begun."""
    form = _form(code)
    if drafts.is_token(begun):
        with reading() as session:
            draft = drafts.find(session, code, begun)
        if draft is not None and draft.values is not None:
            return _see(_address(form, begun))
    return form_page(request, form, drafts.new_token(), {})


@router.post("/{code}/pole")
async def check_field(request: Request, code: str) -> Response:
    """What is wrong with one value, or to be asked about it, as its field is left; nothing is kept."""
    form = _form(code)
    asked, _ = await json_object(request)
    name, value = asked.get("name"), asked.get("value")
    if not isinstance(name, str) or not isinstance(value, str):
        raise ApiProblem(422, "Podaj name i value jako teksty.")
    fault = fault_of(form, name, value, clock.today())
    asks = None if fault is not None or name not in form else question(form[name].kind, value)
    return JSONResponse({"message": fault, "question": asks})


@router.get("/{code}/{token}")
def go_on(request: Request, code: str, token: str, begun: Begun, popraw: str = "") -> Response:
    """The form as it was kept; with ``popraw``, also what must be mended before it can be sent."""
    form = _form(code)
    if _went_on(code, token, begun):
        return _see(_address(form, begun))
    draft = _find(code, token)
    if draft is None or draft.values is None:
        return _closed(request, form, draft)
    problems = online_submission(form, typed_values(form, draft.values), clock.today())[1] if popraw else []
    return form_page(request, form, token, draft.values, begun=True, problems=problems)


@router.post("/{code}/{token}")
async def keep(request: Request, code: str, token: str, begun: Begun) -> Response:
    """Keep what was typed, then show it for a last look, what to mend, or the address to come back to."""
    form = _form(code)
    if not drafts.is_token(token):
        return _closed(request, form, None)
    sent = await _sent(request)
    try:
        return await run_in_threadpool(_keep, request, form, token, sent, begun)
    except DatabaseUnreachableError as fault:
        log.error("database_unreachable", type=type(fault.orig).__qualname__)
        return form_page(request, form, token, typed_values(form, sent), not_kept=503)


def _keep(request: Request, form: Form, token: str, sent: dict[str, str], begun: str) -> Response:
    typed = typed_values(form, sent)
    token = begun if _went_on(form.code, token, begun) else token
    own = token == begun
    if (not own or _find(form.code, token) is None) and not _may_begin(request):
        return form_page(request, form, token, typed, not_kept=429)
    with transaction() as session:
        draft, token = drafts.keep(session, form.code, token, typed, own=own)
    if draft.values is None:
        return _closed(request, form, draft)
    if sent.get("dalej") == "pozniej":
        answer = _see(f"{_address(form, token)}/zapisano")
    elif online_submission(form, typed, clock.today())[1]:
        answer = _see(f"{_address(form, token)}?popraw=1")
    else:
        answer = _see(f"{_address(form, token)}/sprawdz")
    give_begun_form(answer, form.code, token)
    return answer


def begin_with(request: Request, form: Form, typed: Mapping[str, str], authority: int | None) -> Response:
    """A form begun for its sender, with what is known of him filled in; ApiProblem 429 where too many were begun.

    ``authority`` is that by which he acts for the customer whose form it is.
    """
    if not _may_begin(request):
        raise ApiProblem(429, "Z tego miejsca zaczęto już wiele formularzy. Spróbuj za godzinę.")
    with transaction() as session:
        values = typed_values(form, typed)
        _, token = drafts.keep(
            session, form.code, drafts.new_token(), values, own=True, lasts=_FILLED_IN, authority=authority
        )
    answer = _see(_address(form, token))
    give_begun_form(answer, form.code, token)
    return answer


def _may_begin(request: Request) -> bool:
    """Whether this address has not begun too many forms in the last hour; counts this one."""
    key = f"draft:{client_key(request)}"
    with transaction() as session:
        if not tries.allowed(session, key, most=get_settings().drafts_per_client, minutes=_MINUTES):
            return False
        tries.note_wrong(session, key)
    return True


@router.get("/{code}/{token}/zapisano")
def tell_address(request: Request, code: str, token: str) -> Response:
    """The address to come back to."""
    form = _form(code)
    draft = _find(code, token)
    if draft is None or draft.values is None:
        return _closed(request, form, draft)
    address = f"{get_settings().public_url.rstrip('/')}{_address(form, token)}"
    return kept_page(request, form, token, address, clock.last_day(draft.expires_at))


@router.get("/{code}/{token}/sprawdz")
def review(request: Request, code: str, token: str, zmieniono: str = "") -> Response:
    """All that will be sent, for a last look; with ``zmieniono``, it or its Regulamin changed since the last one."""
    form = _form(code)
    draft = _find(code, token)
    if draft is None or draft.values is None:
        return _closed(request, form, draft)
    submission, problems = online_submission(form, typed_values(form, draft.values), clock.today())
    if problems:
        return _see(f"{_address(form, token)}?popraw=1")
    return review_page(request, submission, token, draft.revision, changed=zmieniono)


@router.post("/{code}/{token}/sprawdz")
async def send(request: Request, code: str, token: str) -> Response:
    """Send the draft, once; ``wersja`` is the revision that was looked at, ``regulamin`` the version consented to."""
    form = _form(code)
    sent = await _sent(request)
    return await run_in_threadpool(_send, request, form, token, sent.get("wersja", ""), sent.get("regulamin"))


def _send(request: Request, form: Form, token: str, seen: str, agreed_to: str | None) -> Response:
    sender = signed_in_here(request)
    with transaction() as session:
        draft = drafts.find(session, form.code, token, lock=True)
        if draft is None or draft.values is None:
            return _closed(request, form, draft)
        typed = typed_values(form, draft.values)
        submission, problems = online_submission(form, typed, clock.today())
        if problems:
            return _see(f"{_address(form, token)}?popraw=1")
        if str(draft.revision) != seen:
            return _see(f"{_address(form, token)}/sprawdz?zmieniono=1")
        terms = terms_of(form)
        if terms is not None and agreed_to not in (None, terms.version):  # another day has begun meanwhile
            return _see(f"{_address(form, token)}/sprawdz?zmieniono={_OTHER_TERMS}")
        raw = json.dumps(typed, ensure_ascii=False).encode()
        count_submission(session, request)
        try:
            receipt = receive_values(
                session,
                submission,
                channel=IntakeChannel.WEB,
                raw=raw,
                idempotency_key=draft.request_key,
                authority=authority_of(sender, submission.text("customer_no"), draft.authority),
            )
        except IdempotencyConflictError as error:
            advice = "Ten formularz już do nas dotarł. Aby wysłać inny, zacznij od nowa na stronie głównej."
            raise ApiProblem(409, advice, title="Formularz jest już wysłany") from error
        drafts.mark_sent(session, draft, receipt.tracking)
    return _closed(request, form, draft)


@router.post("/{code}/{token}/usun")
def forget(request: Request, code: str, token: str) -> Response:
    """Erase what was typed and begin anew."""
    form = _form(code)
    with transaction() as session:
        drafts.forget(session, code, token)
    answer = _see(f"/formularze/{form.code}")
    drop_begun_forms(answer, form.code)
    return answer


def _form(code: str) -> Form:
    try:
        return form_by_code(code)
    except UnknownFormError as error:
        raise ApiProblem(
            404, "Wybierz formularz na stronie głównej albo zadzwoń do nas.", title="Nie ma takiego formularza"
        ) from error


def _find(code: str, token: str) -> Draft | None:
    if not drafts.is_token(token):
        return None
    with reading() as session:
        return drafts.find(session, code, token)


def _went_on(code: str, token: str, begun: str) -> bool:
    """Whether this browser goes on with a copy of that draft already, to which its back button may not lead."""
    if begun == token or not (drafts.is_token(begun) and drafts.is_token(token)):
        return False
    with reading() as session:
        return drafts.is_copy(session, code, begun, token)


async def _sent(request: Request) -> dict[str, str]:
    """The fields that a browser sent; ApiProblem 415 for any other body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise ApiProblem(415, "Wyślij formularz ze strony, na której go wypełniasz.")
    async with request.form() as fields:
        return {name: value for name, value in fields.items() if not isinstance(value, UploadFile)}


def _address(form: Form, token: str) -> str:
    return f"/formularze/{form.code}/{token}"


def _see(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303)


def _closed(request: Request, form: Form, draft: Draft | None) -> Response:
    """Where there is nothing (more) to fill in: to the case of a draft that was sent, or to its copy here.

    The case opens to the browser that holds the draft's address.
    """
    if draft is None:
        return gone_page(request, form)
    if draft.tracking is None:
        begun = begun_form(request)
        went_on_here = begun not in ("", request.path_params["token"])
        return _see(f"/formularze/{form.code}") if went_on_here else sent_elsewhere_page(request, form)
    answer = _see(f"/sprawa/{draft.tracking}")
    grant(answer, draft.tracking)
    drop_begun_forms(answer, form.code)
    return answer

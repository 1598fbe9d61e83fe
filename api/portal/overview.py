"""The first page of an account: what is owed, the last invoice, consumption, open cases, how invoices come."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.case_access import Access, grant
from api.case_wording import STATES
from api.portal import beginning
from api.portal.access import Acting, Einvoicing, Posted, Seeing, offer_other
from api.portal.addresses import HOME
from api.portal.frame import account_page
from api.problems import ApiProblem
from api.progress import title_of_form
from billing.metering.leaks import leaks_of
from customers.records import RegisterLookup
from customers.register import delivery_on
from database.engine import reading
from documents.tracking import TrackingError, normalise_tracking
from environment.clock import today
from portal.bills import bills_of
from portal.cases import is_case_of, open_cases
from portal.prefilling import offered
from portal.terms import announced
from portal.usage import usage_of
from portal.views import Permission

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/ebok")
def to_first_page() -> Response:
    """The address as people type it."""
    return RedirectResponse(HOME, 303)


@router.get(HOME)
def show(request: Request, owner: Seeing) -> Response:
    """Everything that matters, in one look."""
    day = today()
    with reading() as session:
        customer = RegisterLookup(session).find(owner.customer_no)
        bills, used = bills_of(session, owner.customer_no, day), usage_of(session, owner.customer_no, day)
        leaks = leaks_of(session, owner.customer_no, day)
        cases, delivery = open_cases(session, owner.customer_no), delivery_on(session, owner.customer_no, day)
        senders = owner.senders(session, [case.authority for case in cases])
    return account_page(
        request,
        owner,
        "portal/overview.html",
        record=customer,
        bills=bills,
        last=next(iter(bills.newest_first), None),
        usage=used,
        leaks=leaks,
        cases=[(case, title_of_form(case.form, case.version), STATES[case.state]) for case in cases],
        senders=senders,
        delivery=delivery,
        forms=offered(delivery),
        today=day,
        coming=announced(day),
    )


@router.get("/ebok/sprawy/{tracking}")
def open_case(request: Request, owner: Acting, tracking: str) -> Response:
    """Open the page of a case of his in this browser; that of anybody else does not exist."""
    try:
        number = normalise_tracking(tracking)
        with reading() as session:
            his = is_case_of(session, owner.customer_no, number)
    except TrackingError:
        number, his = "", False
    if not his:
        offer_other(request, owner, Permission.ACT, lambda session, one: is_case_of(session, one.customer_no, number))
        raise ApiProblem(404, "Nie ma tu sprawy o tym numerze. Sprawdź go.", title="Nie ma takiej sprawy")
    answer = RedirectResponse(f"/sprawa/{number}", 303)
    grant(answer, number, Access.VISITOR if owner.view.scope is None else Access.AGENT)
    return answer


@router.post("/ebok/formularze/{code}")
def begin_form(request: Request, owner: Einvoicing, code: str, form: Posted) -> Response:
    """Begin one of the forms on invoices, filled in with what we know."""
    with reading() as session:
        wanted = [one for one in offered(delivery_on(session, owner.customer_no, today())) if one.code == code]
    if not wanted:
        raise ApiProblem(404, "Ten formularz nie pasuje do tego, jak teraz przychodzą Twoje faktury.")
    return beginning.begin_form(request, owner, wanted[0])

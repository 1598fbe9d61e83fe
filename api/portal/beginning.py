"""Beginning a form of the catalogue from the account, filled in with what we know of the customer looked at."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from api.online.web_forms import begin_with
from api.portal.access import SignedIn
from audit.trail import record
from database.engine import reading, transaction
from environment.clock import today
from forms.form import Form
from portal.prefilling import known_values


def begin_form(request: Request, owner: SignedIn, form: Form) -> Response:
    """The form in a draft; who acts by authority reads in it nothing that he was not given, and the audit names him."""
    by_agent = owner.view.authority is not None
    with reading() as session:
        values = known_values(session, owner.customer_no, owner.login, form, today(), by_agent=by_agent)
    if by_agent:
        with transaction() as session:
            subject, detail = f"customer:{owner.customer_no}", {"form": form.code}
            record(session, actor=owner.actor, action="form_begun_by_agent", subject=subject, detail=detail)
    return begin_with(request, form, values)

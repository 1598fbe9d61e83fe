"""Beginning a form of the catalogue from the account, filled in with what we know of the customer looked at."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from api.online.web_forms import begin_with
from api.portal.access import SignedIn
from environment.clock import today
from forms.form import Form
from portal.prefilling import fill_in


def begin_form(request: Request, owner: SignedIn, form: Form) -> Response:
    """The form in a draft; who acts by authority reads in it nothing that he was not given, and the audit names him."""
    values = fill_in(owner.customer_no, owner.login, form, today(), owner.actor)
    return begin_with(request, form, values, owner.view.authority)

"""Customers whose address nobody proved stand at the desk until a clerk says what came of the call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from benchmarks import office
from customers.tables import Proof
from database.engine import transaction
from environment import clock
from forms.fields import PHONE
from tests.api.desk.staff import Desk


def test_a_clerk_phones_the_customer_and_the_task_is_gone(sqlite_database: str, desk: Callable[..., Desk]) -> None:
    office.fill_register()
    tracking = office.online("einvoice_acceptance", 2)
    office.worked_off(tracking)
    ewa = desk("ewa")
    assert "trzeba zadzwonić" not in ewa.browser.get("/biuro/do-wyjasnienia").text
    with transaction() as session:
        session.execute(update(Proof).values(expires_at=clock.now() - timedelta(days=1)))
    told = ewa.browser.get("/biuro/do-wyjasnienia").text
    person = office.people()[2]
    assert "trzeba zadzwonić (1)" in told and person["name"] in told
    assert PHONE.kind.display(person["phone"]).replace(" ", "\N{NO-BREAK SPACE}") in told
    done = ewa.post("/biuro/do-wyjasnienia", co="told", sprawa=tracking)
    assert "nie trzeba już dzwonić" in done.text and person["name"] not in done.text
    again = ewa.post("/biuro/do-wyjasnienia", co="declined", sprawa=tracking)
    assert again.status_code == 422 and "ktoś to załatwił" in again.text
    assert "telefon do klienta" in ewa.browser.get(f"/biuro/sprawy/{tracking}/historia").text


@pytest.mark.parametrize("fields", [{"co": "told", "sprawa": "K7M4-PX9A"}, {"co": "told", "sprawa": "nic"}])
def test_a_call_about_no_such_case_is_refused(desk: Callable[..., Desk], fields: dict[str, str]) -> None:
    assert desk("ewa").post("/biuro/do-wyjasnienia", **fields).status_code in (404, 422)

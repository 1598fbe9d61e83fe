"""Sample requests for a visit, and the pages on which they are seen: desk, field, account, page of a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from playwright.sync_api import Page

from access.crews import join_crew
from benchmarks import office
from benchmarks.stops import Stop, press
from database.engine import Session, transaction
from environment import clock
from environment.working_days import working_day_after
from portal.views import OWNER
from portal.visits import FORMS, answer, visit_of_case
from review.visits import decide


def asked(code: str, person: int = 0) -> str:
    """A request for a visit, taken into the register; gives its tracking number."""
    tracking = office.online(code, person)
    office.worked_off(tracking)
    return tracking


def decided(tracking: str, what: str, day: date | None = None, note: str = "", actor: str = "clerk:ewa") -> None:
    """What office or crew says."""
    with transaction() as session:
        when = "" if day is None else day.isoformat()
        decide(
            session, tracking, actor, what=what, seen=step_of(session, tracking), day=when, part="morning", note=note
        )


def answered(tracking: str, what: str = "pasuje", day: date | None = None, note: str = "") -> None:
    """What the customer says."""
    with transaction() as session:
        when = "" if day is None else day.isoformat()
        seen = str(step_of(session, tracking))
        answer(session, tracking, None, OWNER, what=what, seen=seen, day=when, note=note)


def step_of(session: Session, tracking: str) -> int:
    """The step at which a visit is; LookupError where the case asks for none."""
    found = visit_of_case(session, tracking)
    if found is None:
        raise LookupError(f"{tracking} asks for no visit")
    return found.step


def day_to_come(more: int = 4) -> date:
    """A working day that many working days ahead."""
    return working_day_after(clock.today(), more)


def visit_stops() -> Iterator[Stop]:
    """Requests for a visit in every state."""
    wished, proposed, agreed = (asked(code, 5 + place) for place, code in enumerate(FORMS))
    day = day_to_come()
    decided(proposed, "propose", day)
    decided(agreed, "propose", day)
    answered(agreed)
    with transaction() as session:
        join_crew(session, "bogdan", "Wodociągi")
    desk, field_work, account, case = "/biuro/wnioski", "/biuro/ekipa", "/ebok/wnioski", "/sprawa/{typed:path}"
    yield Stop("desk-visits", desk, desk, "ewa")
    yield Stop("desk-visit", f"{desk}/{{tracking}}", f"{desk}/{wished}", "ewa")
    yield Stop("desk-visit-faults", f"{desk}/{{tracking}}", f"{desk}/{wished}", "ewa", act=_propose_nothing)
    yield Stop("desk-visit-agreed", f"{desk}/{{tracking}}", f"{desk}/{agreed}", "ewa")
    yield Stop("crew", field_work, f"{field_work}?dzien={day}", "bogdan")
    yield Stop("crew-without-work", field_work, f"{field_work}?dzien=2026-01-02", "bogdan")
    calendar = f"{field_work}/kalendarz"
    yield Stop("crew-calendar", calendar, calendar, "bogdan")
    yield Stop("crew-calendar-made", calendar, calendar, "bogdan", act=press("Zrób"))
    with_visit, without = office.people()[6]["customer_no"], office.newcomer(2)
    for number, login in ((with_visit, "wnioski@example.com"), (without, "bez@example.com")):
        office.open_account(number, login)
    yield Stop("account-visits", account, account, customer=with_visit)
    yield Stop("account-visits-none", account, account, customer=without)
    yield Stop("case-visit-proposed", case, f"/sprawa/{proposed}", case=proposed)
    yield Stop("case-visit-agreed", case, f"/sprawa/{agreed}", case=agreed)


def _propose_nothing(page: Page) -> None:
    page.locator("#dzien").fill("")
    page.get_by_role("button", name="Zaproponuj ten dzień").click()

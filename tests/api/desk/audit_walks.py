"""Walks along routes of the desk, each with what the audit must say of it: customers' affairs, and work outside."""

from __future__ import annotations

import re
from collections.abc import Callable

from httpx import Response
from sqlalchemy import select

from access.crews import join_crew
from audit.tables import AuditEntry
from benchmarks import office, visits
from customers.tables import Account
from database.engine import reading, transaction
from documents.originals import store_bytes
from environment import clock
from portal import numbers, questions
from portal.conversations import QuestionKind
from portal.question_tables import QuestionAttachment, QuestionTurn
from tests.api.desk.staff import Desk
from tests.api.desk.test_outages import TYPED
from tests.api.desk.test_readings import report_doubtful
from tests.api.pictures import picture


def audited() -> list[tuple[str, str, str]]:
    """Who did what to what, in order."""
    with transaction() as session:
        told = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.position)
        return list(session.execute(told).tuples())


class Walk:
    """Walks routes one after the other, each with what the audit must say of it."""

    def __init__(self) -> None:
        self.walked: set[str] = set()

    def __call__(self, route: str, ask: Callable[[], object], action: str, subject: str, actor: str = "ola") -> None:
        """Ask something of a route; exactly that must stand in the audit then, beside what followed from it."""
        before = len(audited())
        ask()
        who = actor if ":" in actor or actor == "unknown" else f"clerk:{actor}"
        assert (who, action, subject) in audited()[before:], f"{route} left no trace"
        self.walked.add(route)


def of_customers(walk: Walk, ola: Desk) -> None:
    """What a clerk does with customers' accounts, questions and readings."""
    _customer_accounts(walk, ola)
    _questions(walk, ola)
    _readings(walk, ola)


def outside(walk: Walk, ola: Desk, supervisor: Desk, crew: Desk) -> None:
    """Visits, by ``ola`` and by the crew ("bodzio"), and outages of water, by the supervisor ("jan")."""
    _visits(walk, ola, crew)
    _outages(walk, supervisor)


def _customer_accounts(walk: Walk, ola: Desk) -> None:
    page, (home, further) = "/biuro/konta-klientow", office.people()[6:8]
    office.open_account(home["customer_no"], "konto@example.com")
    with transaction() as session:
        account = session.scalars(select(Account.id).where(Account.customer_no == home["customer_no"])).one()
        numbers.ask(session, account, {name: further[name] for name in numbers.ASKED_FOR})
    with reading() as session:
        (waiting,) = numbers.all_waiting(session)
    number, asked = f"customer:{further['customer_no']}", str(waiting.number)
    walk(f"GET {page}", _got(ola, page), "viewed", "customer_accounts")
    walk(f"GET {page}", _got(ola, f"{page}?numer={further['customer_no']}"), "viewed", number)
    walk(f"POST {page}/numery", lambda: ola.post(f"{page}/numery", prosba=asked, co="dodaj"), "number_joined", number)
    stranger, strange = _strange_account()
    said = {"numer": stranger, "konto": strange, "co": "obce", "jak": "document"}
    walk(f"POST {page}/konto", lambda: ola.post(f"{page}/konto", **said), "account_ended", f"customer:{stranger}")
    authority = {"numer": further["customer_no"], "email": "zarzadca@example.com", "scope": "see"}
    paper = {"until": str(clock.today()), "paper": office.received(b"%PDF-1.7 a letter")}
    given = f"{page}/pelnomocnictwa"
    walk(f"POST {given}", lambda: ola.post(given, **authority, **paper), "authority_given", number)
    shown = ola.browser.get(f"{page}?numer={further['customer_no']}").text
    (one,) = re.findall(r'name="pelnomocnictwo" value="(\d+)"', shown)
    ends = {"numer": further["customer_no"], "pelnomocnictwo": one}
    walk(f"POST {given}/wycofaj", lambda: ola.post(f"{given}/wycofaj", **ends), "authority_ended", number)


def _strange_account() -> tuple[str, str]:
    """A customer's number, and the account that somebody else opened for it."""
    number = str(office.people()[9]["customer_no"])
    office.open_account(number, "sasiad@example.com", vouched=False)
    with reading() as session:
        return number, str(session.scalars(select(Account.id).where(Account.customer_no == number)).one())


def _questions(walk: Walk, ola: Desk) -> None:
    page, one = "/biuro/pytania", "/biuro/pytania/{question}"
    (first, turn, file), (second, second_turn, second_file) = _asked("a"), _asked("b")
    subject, here, files = f"question:{first}", f"{page}/{first}", f"{one}/pliki/{{attachment}}"

    def sent(what: str, **fields: str) -> Callable[[], Response]:
        return lambda: ola.post(f"{here}/{what}", **fields)

    walk(f"GET {page}", _got(ola, page), "viewed", "questions")
    walk(f"POST {page}", lambda: ola.post(page, szukane="kwota"), "searched_by_name", "questions")
    walk(f"GET {one}", _got(ola, here), "opened", subject)
    drawn = _got(ola, f"{here}/pliki/{file}/miniatura/1.jpg")
    walk(f"GET {files}/{{size}}/{{page}}.jpg", drawn, "pictures_viewed", subject)
    large = _got(ola, f"{page}/{second}/pliki/{second_file}/strony/1")
    walk(f"GET {files}/strony/{{page}}", large, "pictures_viewed", f"question:{second}")
    walk(f"GET {files}", _got(ola, f"{here}/pliki/{file}"), "original_handed_out", subject)
    begun = sent("wniosek", wniosek="tank_collection", seen=str(turn))
    walk(f"POST {one}/wniosek", begun, "visit_begun", subject)
    walk(f"POST {one}/przekaz", sent("przekaz", komu="ola"), "question_handed_over", subject)
    answered = sent("odpowiedz", text="Z odczytu.", seen=str(turn), co="odpowiedz")
    walk(f"POST {one}/odpowiedz", answered, "question_answered", subject)
    here = f"{page}/{second}"
    walk(f"POST {one}/zakoncz", sent("zakoncz", seen=str(second_turn)), "question_closed", f"question:{second}")


def _asked(key: str) -> tuple[int, int, int]:
    """A question with a picture: its number, those of its turn and of the file."""
    asker = questions.Asker(office.people()[6]["customer_no"], "konto@example.com", sees_all=True)
    file = questions.SentFile("licznik.png", store_bytes(picture()))
    with transaction() as session:
        written = questions.Written("Skąd ta kwota?", key, [file])
        number = questions.ask(session, asker, written, kind=QuestionKind.BILLING)
    with reading() as session:
        turn = session.scalars(select(QuestionTurn.id).where(QuestionTurn.question_id == number)).one()
        of_turn = QuestionAttachment.turn_id == turn
        return number, turn, session.scalars(select(QuestionAttachment.id).where(of_turn)).one()


def _readings(walk: Walk, ola: Desk) -> None:
    page, customer = "/biuro/odczyty", office.people()[6]["customer_no"]
    number = report_doubtful(customer)
    here, accepted = f"{page}/{number}", {"co": "przyjmij"}
    walk(f"GET {page}", _got(ola, page), "viewed", "readings")
    walk(f"GET {page}/{{number}}/zdjecie.jpg", _got(ola, f"{here}/zdjecie.jpg"), "pictures_viewed", number)
    walk(f"POST {page}/{{number}}", lambda: ola.post(here, **accepted), "reading_accepted", f"customer:{customer}")


def _visits(walk: Walk, ola: Desk, crew: Desk) -> None:
    page, field_work, who = "/biuro/wnioski", "/biuro/ekipa", "bodzio"
    tracking, day = visits.asked("tank_collection", 6), visits.day_to_come().isoformat()
    walk(f"GET {page}", _got(ola, page), "viewed", "visits")
    walk(f"GET {page}/{{tracking}}", _got(ola, f"{page}/{tracking}"), "opened", tracking)
    proposed = {"co": "propose", "krok": "0", "dzien": day, "pora": "morning"}
    walk(f"POST {page}/{{tracking}}", lambda: ola.post(f"{page}/{tracking}", **proposed), "visit_proposed", tracking)
    visits.answered(tracking)
    with transaction() as session:
        join_crew(session, who, "Ekipa wodna")
    walk(f"POST {page}", lambda: ola.post(page, wizyta=tracking, daj="Ekipa wodna"), "visit_given", tracking)
    walk(f"GET {field_work}", _got(crew, f"{field_work}?dzien={day}"), "viewed", "crew_day", who)
    done = {"co": "done", "krok": "2"}
    reported = f"POST {field_work}/{{tracking}}"
    walk(reported, lambda: crew.post(f"{field_work}/{tracking}", **done), "visit_done", tracking, who)
    calendar, own = f"{field_work}/kalendarz", "staff:bodzio"
    walk(f"POST {calendar}", lambda: crew.post(calendar, co="nowy"), "calendar_address_made", own, who)
    walk(f"POST {calendar}", lambda: crew.post(calendar, co="koniec"), "calendar_ended", own, who)


def _outages(walk: Walk, supervisor: Desk) -> None:
    page, who = "/biuro/przerwy", "jan"
    person = office.people()[6]
    typed = {**TYPED, "street": str(person["street"] or person["town"])}

    def sent(rest: str) -> Callable[[], Response]:
        return lambda: supervisor.post(page + rest)

    for number in (1, 2):
        walk(f"POST {page}", lambda: supervisor.post(page, **typed), "outage_written", f"outage:{number}", who)
    walk(f"POST {page}/{{number}}/usun", sent("/2/usun"), "outage_discarded", "outage:2", who)
    walk(f"POST {page}/{{number}}/wyslij", sent("/1/wyslij"), "outage_announced", "outage:1", who)
    walk(f"POST {page}/{{number}}/przywrocono", sent("/1/przywrocono"), "outage_restored", "outage:1", who)


def _got(person: Desk, address: str) -> Callable[[], None]:
    """Asks for a page or picture, which is there."""

    def ask() -> None:
        assert person.browser.get(address).status_code == 200, address

    return ask

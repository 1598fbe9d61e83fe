"""Requests for a visit at the desk and in the field: lists, days, reports, the calendar."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from icalendar import Calendar
from sqlalchemy import select

from access.crews import join_crew
from access.roles import Role
from api import answer_time
from audit.tables import AuditEntry
from benchmarks import office, visits
from confirmations import outbox
from customers.tables import Request
from customers.visit_view import Visit
from customers.visits import VisitState
from database.engine import reading, transaction
from documents.loading import load
from documents.splitting import FoundForm, split
from environment import clock
from environment.clock import now
from forms.catalogue import form_by_code
from portal.question_tables import QuestionTurn
from review.case_sheet import seen_of
from review.decisions import approve
from review.queue import Clerk
from review.visits import one_visit
from specimens.files import image_pdf, letter
from specimens.scanner import scan
from tests.api.desk.staff import Desk
from tests.application import application
from tests.portal.asking import ask, with_account

FORMS = ("meter_service", "tank_collection", "treatment_plant_emptying")


@pytest.fixture(autouse=True)
def _register(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    office.fill_register()


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def now_is(tracking: str) -> Visit:
    with reading() as session:
        found = one_visit(session, tracking)
    assert found is not None
    return found


def agreed(code: str = "tank_collection", person: int = 0, day: date | None = None) -> str:
    tracking = visits.asked(code, person)
    visits.decided(tracking, "propose", day or visits.day_to_come())
    visits.answered(tracking)
    return tracking


def subjects(person: int) -> list[str]:
    outbox.deliver(transaction)
    return [str(mail["Subject"]) for mail in office.mails_to(office.people()[person]["email"])]


def test_the_office_sees_what_waits_for_whom_and_can_choose_kind_and_day(desk: Callable[..., Desk]) -> None:
    clerk, numbers = desk("ola"), [visits.asked(code, place) for place, code in enumerate(FORMS)]
    visits.decided(numbers[1], "propose", visits.day_to_come())
    everything = clerk.browser.get("/biuro/wnioski").text
    assert all(number in everything for number in numbers)
    of_kind = clerk.browser.get("/biuro/wnioski?rodzaj=meter_service").text
    assert [number in of_kind for number in numbers] == [True, False, False]
    of_day = clerk.browser.get(f"/biuro/wnioski?dzien={visits.day_to_come()}").text
    assert [number in of_day for number in numbers] == [False, True, False]
    assert clerk.browser.get("/biuro/wnioski?dzien=jutro&rodzaj=x").status_code == 200


def test_the_office_proposes_a_day_and_the_customer_is_told_without_anything_of_his(desk: Callable[..., Desk]) -> None:
    clerk, tracking = desk("ola"), visits.asked("tank_collection")
    day = visits.day_to_come()
    page = clerk.browser.get(f"/biuro/wnioski/{tracking}").text
    assert office.people()[0]["name"] in page
    sent = {"co": "propose", "krok": "0", "dzien": day.isoformat(), "pora": "morning"}
    assert "Zaproponowano dzień" in plain(clerk.post(f"/biuro/wnioski/{tracking}", **sent).text)
    assert "Zaproponowano dzień" in plain(clerk.post(f"/biuro/wnioski/{tracking}", **sent).text), "sent twice is one"
    visit = now_is(tracking)
    assert (visit.state, visit.day, visit.hours, visit.step) == (VisitState.PROPOSED, day, "między 7.00 a 11.00", 1)
    assert [one for one in subjects(0) if "Proponujemy dzień" in one] == [
        f"Proponujemy dzień wizyty (sprawa {tracking})"
    ]
    mail = office.mails_to(office.people()[0]["email"])[-1].get_body(("plain",))
    assert mail is not None
    text, person = mail.get_content(), office.people()[0]
    assert f"/sprawa/{tracking}" in text
    assert not [value for value in (person["name"], person["street"], person["customer_no"]) if value in text]


@pytest.mark.parametrize("day", ["", "2026-02-30", "2020-01-07", "2027-12-25"])
def test_a_day_on_which_nobody_can_come_is_not_proposed(desk: Callable[..., Desk], day: str) -> None:
    clerk, tracking = desk("ola"), visits.asked("tank_collection")
    refused = clerk.post(f"/biuro/wnioski/{tracking}", co="propose", krok="0", dzien=day)
    assert refused.status_code == 422
    assert 'href="#dzien"' in refused.text
    assert now_is(tracking).state is VisitState.ASKED


def test_two_at_one_request_do_not_overwrite_each_other(desk: Callable[..., Desk]) -> None:
    clerk, tracking = desk("ola"), visits.asked("tank_collection")
    visits.answered(tracking, "rezygnuje")
    late = clerk.post(
        f"/biuro/wnioski/{tracking}", co="propose", krok="0", dzien=visits.day_to_come().isoformat(), pora="day"
    )
    assert late.status_code == 422
    assert "Ktoś był szybszy" in plain(late.text)
    assert now_is(tracking).state is VisitState.CANCELLED


def test_the_wished_day_is_accepted_with_one_button(desk: Callable[..., Desk]) -> None:
    clerk, tracking = desk("ola"), visits.asked("meter_service")
    clerk.post(f"/biuro/wnioski/{tracking}", co="accept", krok="0", pora="afternoon")
    visit = now_is(tracking)
    assert (visit.state, visit.day, visit.hours) == (VisitState.AGREED, visit.wished_on, "między 11.00 a 15.00")
    assert visit.works[1:] == visit.works[1:].lower()


def test_what_nobody_answered_for_days_is_shown_apart(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, tracking = desk("ola"), visits.asked("tank_collection")
    visits.decided(tracking, "propose", visits.day_to_come())
    assert "Bez odpowiedzi" not in plain(clerk.browser.get("/biuro/wnioski").text)
    monkeypatch.setattr("customers.visit_view.clock.now", lambda: now() + timedelta(days=6))
    assert now_is(tracking).late
    monkeypatch.setattr("customers.visit_view.clock.now", lambda: now() + timedelta(days=4))
    assert not now_is(tracking).late


def test_the_crew_sees_its_day_along_the_streets_and_nothing_else(desk: Callable[..., Desk]) -> None:
    day = visits.day_to_come()
    numbers = [agreed("tank_collection", person, day) for person in (4, 2, 3)]
    waits = visits.asked("tank_collection", 5)
    crew = desk("bodzio", Role.CREW)
    page = crew.browser.get(f"/biuro/ekipa?dzien={day}").text
    shown = [number for number in re.findall(r'action="/biuro/ekipa/([^"]+)"', page) if number != "kalendarz"]
    assert sorted(shown) == sorted(numbers)
    assert shown == sorted(numbers, key=lambda number: now_is(number).order)
    assert waits not in page
    assert crew.browser.get("/biuro/wnioski").status_code == 403
    assert crew.browser.get(f"/biuro/sprawy/{numbers[0]}").status_code == 403
    assert "Na ten dzień nie ma" in plain(crew.browser.get("/biuro/ekipa?dzien=2026-01-02").text)
    assert numbers[0] not in crew.browser.get(f"/biuro/ekipa?dzien={day}&rodzaj=meter_service").text


def test_a_report_from_the_field_sent_twice_is_one_and_the_customer_is_told_once(desk: Callable[..., Desk]) -> None:
    day, tracking, crew = visits.day_to_come(), agreed(), desk("bodzio", Role.CREW)
    sent = {"co": "done", "krok": "2", "na": day.isoformat()}
    for _ in range(2):
        told = crew.post(f"/biuro/ekipa/{tracking}", **sent)
        assert (told.status_code, "Zapisane" in told.text) == (200, True)
    assert now_is(tracking).state is VisitState.DONE
    assert len([one for one in subjects(0) if "Praca jest wykonana" in one]) == 1


@pytest.mark.parametrize("told", ["nobody", "impossible"])
def test_that_a_visit_was_in_vain_is_told_of_no_day_to_come(desk: Callable[..., Desk], told: str) -> None:
    tracking, crew, clerk = agreed(), desk("bodzio", Role.CREW), desk("ola")
    day, before = now_is(tracking).day, subjects(0)
    for person, page in ((crew, f"/biuro/ekipa?dzien={day}"), (clerk, f"/biuro/wnioski/{tracking}")):
        assert f'value="{told}"' not in person.browser.get(page).text
        refused = person.post(f"{page.partition('?')[0].removesuffix(f'/{tracking}')}/{tracking}", co=told, krok="2")
        assert (refused.status_code, "jeszcze nie nadszedł" in plain(refused.text)) == (422, True)
    assert now_is(tracking).state is VisitState.AGREED
    assert subjects(0) == before, "nobody was there"
    assert crew.post(f"/biuro/ekipa/{tracking}", co="done", krok="2").status_code == 200, "they went there sooner"


def on_the_day(tracking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock shows the day of that visit."""
    ahead = (now_is(tracking).day or clock.today()) - clock.today()
    moment = clock.now() + ahead
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_nobody_at_home_goes_back_to_the_office_with_the_note(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = agreed()
    on_the_day(tracking, monkeypatch)
    crew = desk("bodzio", Role.CREW)
    crew.post(f"/biuro/ekipa/{tracking}", co="nobody", krok="2", uwagi="Pies, brama zamknięta")
    visit = now_is(tracking)
    assert (visit.state, visit.note) == (VisitState.ASKED, "Pies, brama zamknięta")
    page = plain(desk("ola").browser.get(f"/biuro/wnioski/{tracking}").text)
    assert "nikogo nie było: Pies, brama zamknięta" in page


def test_the_crew_decides_no_day(desk: Callable[..., Desk]) -> None:
    tracking, crew = agreed(), desk("bodzio", Role.CREW)
    refused = crew.post(f"/biuro/ekipa/{tracking}", co="cancel", krok="2")
    assert refused.status_code == 422
    assert now_is(tracking).state is VisitState.AGREED
    assert crew.post("/biuro/ekipa/AAAA-AAAA", co="done", krok="2").status_code == 404


def test_a_question_that_asks_for_a_visit_becomes_one_with_all_that_is_known_typed_in(
    desk: Callable[..., Desk],
) -> None:
    clerk, whom, person = desk("ola"), with_account(0), office.people()[0]
    number = ask(whom, "Proszę wywieźć szambo, zbiornik 8 m3.")
    with reading() as session:
        seen = session.scalars(select(QuestionTurn.id).where(QuestionTurn.question_id == number)).one()
    begun = [
        clerk.browser.post(
            f"/biuro/pytania/{number}/wniosek",
            data={"csrf": clerk.csrf, "wniosek": "tank_collection", "seen": str(seen)},
            follow_redirects=False,
        )
        for _ in range(2)
    ]
    assert {one.status_code for one in begun} == {303}
    (address,) = {one.headers["location"] for one in begun}
    page = clerk.browser.get(address).text
    for name in ("customer_no", "name", "street", "house", "postcode", "town"):
        assert html.escape(str(person[name] or ""), quote=False) in plain(page), name
    tracking = address.rpartition("/")[2]
    with transaction() as session:
        approve(
            session,
            tracking,
            Clerk("ola", supervisor=False),
            seen=seen_of(load(session, tracking)),
            values={"tank_size": "8"},
        )
    office.worked_off(tracking)
    assert (now_is(tracking).state, now_is(tracking).tank_size) == (VisitState.ASKED, "8")
    assert f"Przyjęliśmy wniosek (sprawa {tracking})" in subjects(0)
    assert tracking in clerk.browser.get(f"/biuro/pytania/{number}").text
    refused = clerk.post(f"/biuro/pytania/{number}/wniosek", wniosek="ebok_signup", seen=str(seen))
    assert refused.status_code == 422
    assert clerk.post("/biuro/pytania/999/wniosek", wniosek="tank_collection", seen="1").status_code == 404


def test_a_letter_in_own_words_becomes_a_request_and_the_register_fills_in_what_it_leaves_out(
    desk: Callable[..., Desk],
) -> None:
    clerk, person = desk("ola"), office.people()[2]
    tracking = office.received(image_pdf(scan(letter(3), "gray200", 1)))
    with transaction() as session:
        split(session, load(session, tracking), [FoundForm(None, None, (1,), None, "scan")])
    office.judged(tracking)
    clerk.post(f"/biuro/sprawy/{tracking}/zajmij")
    page = clerk.browser.get(f"/biuro/sprawy/{tracking}").text
    assert 'name="jako" value="tank_collection"' in page
    seen = re.search(r'name="widziano" value="([^"]+)"', page)
    assert seen is not None
    read = clerk.post(f"/biuro/sprawy/{tracking}/strony", co="odczytaj", jako="tank_collection", widziano=seen[1])
    seen = re.search(r'name="widziano" value="([^"]+)"', read.text)
    assert seen is not None and read.status_code == 200
    typed = {"pole.name": "Jan Zlistu", "pole.street": "", "pole.town": ""}
    chosen = {"kandydat": str(person["customer_no"]), "widziano": seen[1]}
    filled = clerk.post(f"/biuro/sprawy/{tracking}", **typed, **chosen)
    assert filled.status_code == 200
    for name in ("customer_no", "street", "town", "phone"):
        assert f'value="{html.escape(known_as(person, name))}"' in filled.text, name
    assert 'value="Jan Zlistu"' in filled.text, "what the letter says stays"


def known_as(person: dict[str, Any], name: str) -> str:
    """How a field shows what the register knows of somebody."""
    return form_by_code("tank_collection")[name].kind.display(person[name])


def crew_of_two(desk: Callable[..., Desk]) -> tuple[Desk, Desk, Desk]:
    """A clerk, and somebody of either crew."""
    both = desk("bodzio", Role.CREW), desk("czesio", Role.CREW)
    with transaction() as session:
        join_crew(session, "bodzio", "Ekipa wodna")
        join_crew(session, "czesio", "Szambo")
    return desk("ola"), *both


def given(clerk: Desk, tracking: str, crew: str, before: str = "", **more: str) -> Response:
    sent = {"co": "give", "krok": str(now_is(tracking).step), "ekipa": crew, "ekipa_byla": before}
    return clerk.post(f"/biuro/wnioski/{tracking}", **{**sent, **more})


def test_a_crew_sees_its_own_visits_and_those_of_nobody_on_its_page_and_in_its_calendar(
    desk: Callable[..., Desk],
) -> None:
    (clerk, first, second), day = crew_of_two(desk), visits.day_to_come()
    of_first, of_second, of_nobody = (agreed("tank_collection", person, day) for person in (1, 2, 3))
    given(clerk, of_first, "Ekipa wodna")
    assert "która ekipa jedzie" in plain(given(clerk, of_second, "Szambo").text)

    def seen(crew: Desk) -> set[str]:
        page = crew.browser.get(f"/biuro/ekipa?dzien={day}&ekipa=Szambo").text
        return {number for number in (of_first, of_second, of_nobody) if number in page}

    assert (seen(first), seen(second)) == ({of_first, of_nobody}, {of_second, of_nobody})
    events = [Calendar.from_ical(one.browser.get(feed(one)).content).walk("VEVENT") for one in (first, second)]
    places = [{str(event["location"]) for event in found} for found in events]
    assert places == [{now_is(one).place, now_is(of_nobody).place} for one in (of_first, of_second)]
    chief = desk("dyspozytor", Role.CREW)
    everything = chief.browser.get(f"/biuro/ekipa?dzien={day}").text
    assert all(number in everything for number in (of_first, of_second, of_nobody)), "of no crew: who sends crews out"
    assert seen(chief) == {of_second, of_nobody}
    refused = first.post(f"/biuro/ekipa/{of_second}", co="done", krok="2")
    assert (refused.status_code, now_is(of_second).state) == (422, VisitState.AGREED)
    assert "innej ekipie" in plain(refused.text)


def test_the_office_gives_a_visit_with_the_day_and_gives_it_to_others_and_nobody_overwrites(
    desk: Callable[..., Desk],
) -> None:
    (clerk, *_), tracking = crew_of_two(desk), visits.asked("meter_service")
    sent = {"co": "accept", "krok": "0", "pora": "day", "ekipa": "Ekipa wodna", "ekipa_byla": ""}
    for _ in range(2):
        assert clerk.post(f"/biuro/wnioski/{tracking}", **sent).status_code == 200, "sent twice is one"
    assert (now_is(tracking).crew, now_is(tracking).state) == ("Ekipa wodna", VisitState.AGREED)
    before = len(subjects(0))
    assert "Ktoś był szybszy" in plain(given(clerk, tracking, "Szambo", before="").text)
    given(clerk, tracking, "Szambo", before="Ekipa wodna")
    assert (now_is(tracking).crew, now_is(tracking).step) == ("Szambo", 1)
    assert given(clerk, tracking, "Nieznana", before="Szambo").status_code == 422
    given(clerk, tracking, "", before="Szambo")
    assert now_is(tracking).crew is None
    assert len(subjects(0)) == before, "to the customer nothing changes"


def test_the_list_of_the_office_shows_one_crew_or_what_none_has(desk: Callable[..., Desk]) -> None:
    (clerk, first, _), numbers = crew_of_two(desk), [agreed("tank_collection", person) for person in (1, 2)]
    given(clerk, numbers[0], "Ekipa wodna")

    def shown(crew: str) -> list[bool]:
        page = clerk.browser.get("/biuro/wnioski", params={"ekipa": crew}).text
        return [number in page for number in numbers]

    assert [shown(one) for one in ("Ekipa wodna", "-", "Szambo", "")] == [
        *([True, False], [False, True], [False, False], [True, True])
    ]
    taken = first.post(f"/biuro/ekipa/{numbers[1]}", co="give", krok="2")
    assert "ta wizyta jest Wasza" in plain(taken.text)
    assert now_is(numbers[1]).crew == "Ekipa wodna"


def test_many_visits_are_given_to_a_crew_at_once_and_what_others_changed_is_told(desk: Callable[..., Desk]) -> None:
    clerk = desk("ola")
    desk("bodzio", Role.CREW)
    numbers = [visits.asked(code, place) for place, code in enumerate(FORMS)]
    assert "dawanie" not in clerk.browser.get("/biuro/wnioski").text, "there is no crew to give them to"
    with transaction() as session:
        join_crew(session, "bodzio", "Ekipa wodna")
    page = clerk.browser.get("/biuro/wnioski").text
    boxes = re.findall(r'name="wizyta" value="([^"]+)" form="dawanie"', page)
    assert sorted(boxes) == sorted(numbers)

    def give(crew: str, *chosen: str, **shown: str) -> Response:
        form = {"csrf": clerk.csrf, "daj": crew, "wizyta": list(chosen), **shown}
        answer: Response = clerk.browser.post("/biuro/wnioski", data=form)
        return answer

    too_many = [f"TEST-{number:04}" for number in range(501)]
    for crew, chosen, told in (
        ("Ekipa wodna", too_many, "najwyżej 500"),
        ("Ekipa wodna", (), "Zaznacz wizyty"),
        ("", (boxes[0],), "Wybierz ekipę"),
        ("Obca", (boxes[0],), "Nie ma takiej ekipy"),
    ):
        refused = give(crew, *chosen)
        assert (refused.status_code, told in plain(refused.text)) == (422, True)
    kept = give("Ekipa wodna", *numbers[:2], rodzaj="meter_service")
    assert "Zapisane, która ekipa jedzie" in plain(kept.text) and numbers[2] not in kept.text
    assert [now_is(number).crew for number in numbers] == ["Ekipa wodna", "Ekipa wodna", None]
    late = give("-", *numbers)
    assert late.status_code == 422
    told = plain(late.text).partition("zobacz je jeszcze raz:")[2].partition(".")[0]
    assert sorted(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}", told)) == sorted(numbers[:2]), "their crew was another one"
    assert give("-", *(f"{number} Ekipa wodna" for number in numbers[:2])).status_code == 200
    assert [now_is(number).crew for number in numbers] == [None] * 3


def test_a_visit_of_a_crew_that_is_no_more_is_seen_by_all_and_forgotten_by_none(desk: Callable[..., Desk]) -> None:
    (clerk, first, second), day = crew_of_two(desk), visits.day_to_come()
    tracking = agreed("tank_collection", 0, day)
    given(clerk, tracking, "Szambo")
    assert tracking not in first.browser.get(f"/biuro/ekipa?dzien={day}").text
    admin = desk("adam", Role.ADMINISTRATOR)
    told = admin.post("/biuro/konta/czesio/ekipa", ekipa="ekipa  WODNA")
    assert "Ekipa jest zapisana" in plain(told.text) and "ekipa WODNA" not in told.text, "one crew, spelt as it is"
    assert all(tracking in one.browser.get(f"/biuro/ekipa?dzien={day}").text for one in (first, second))
    assert "nie ma już takiej ekipy" in plain(clerk.browser.get(f"/biuro/wnioski/{tracking}").text)
    assert tracking in clerk.browser.get("/biuro/wnioski?ekipa=-").text
    page = first.browser.get(f"/biuro/ekipa?dzien={day}").text
    assert 'value="give"' in page, "a crew may take it"
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.partition('class="field-work"')[2]))
    assert "ta wizyta jest Wasza" in plain(first.post(f"/biuro/ekipa/{tracking}", **{**sent, "co": "give"}).text)
    assert now_is(tracking).crew == "Ekipa wodna"
    assert admin.post("/biuro/konta/ola/ekipa", ekipa="Szambo").status_code == 422


def test_however_much_is_to_be_done_office_crew_and_calendar_see_all_of_it(desk: Callable[..., Desk]) -> None:
    clerk, crew, day = desk("ola"), desk("bodzio", Role.CREW), visits.day_to_come()
    newest = agreed("tank_collection", 0, day)
    with transaction() as session:
        one = session.query(Request).filter_by(tracking=newest).one()
        alike = {name: getattr(one, name) for name in ("customer_no", "form", "values", "visit_state", "step", "part")}
        for number in range(300):
            more = {"tracking": f"TEST-{number:04}", "at": one.at - timedelta(days=1), "since": one.at, "day": day}
            session.add(Request(**alike, **more))
        one.since = one.at + timedelta(hours=1)
    assert newest in clerk.browser.get("/biuro/wnioski").text
    with transaction() as session:
        session.query(Request).filter(Request.tracking != newest).update({"day": clock.today() - timedelta(days=1)})
    events = Calendar.from_ical(crew.browser.get(feed(crew)).content).walk("VEVENT")
    assert day in {found["dtstart"].dt.date() for found in events}, "days that are over hide none to come"
    with transaction() as session:
        session.query(Request).update({"day": day})
    shown = crew.browser.get(f"/biuro/ekipa?dzien={day}").text
    assert shown.count('class="field-work"') == 301


def feed(crew: Desk) -> str:
    made = crew.post("/biuro/ekipa/kalendarz", co="nowy").text
    found = re.search(r"https?://[^/<]+(/kalendarz/[\w-]+\.ics)", made)
    assert found is not None
    return found[1]


def test_the_calendar_holds_place_and_work_and_nothing_else_of_anybody(desk: Callable[..., Desk]) -> None:
    day = visits.day_to_come()
    tracking, crew = agreed("meter_service", 0, day), desk("bodzio", Role.CREW)
    answer = TestClient(application(), base_url="http://ebok.example").get(feed(crew))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    visit, person = now_is(tracking), office.people()[0]
    assert (str(event["summary"]), str(event["location"])) == (visit.works, visit.place)
    begin = datetime(day.year, day.month, day.day, 7, tzinfo=office.get_settings().zone).astimezone(UTC)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (begin, begin + timedelta(hours=4))
    assert int(event["sequence"]) == visit.step
    assert {str(name) for name in event} <= {
        *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "SUMMARY", "LOCATION", "STATUS", "DTSTART", "DTEND", "TRANSP")
    }
    unfolded = answer.text.replace("\r\n ", "")
    secrets = (person["name"], person["phone"], person["customer_no"], tracking, visit.hints or "no hints")
    assert not [secret for secret in secrets if secret and secret in unfolded]
    assert not list(event.errors)


def test_a_visit_for_all_day_is_a_day_in_the_calendar_and_a_cancelled_one_goes(desk: Callable[..., Desk]) -> None:
    tracking = visits.asked("tank_collection")
    clerk, crew = desk("ola"), desk("bodzio", Role.CREW)
    clerk.post(f"/biuro/wnioski/{tracking}", co="accept", krok="0", pora="day")
    address = feed(crew)
    (event,) = Calendar.from_ical(crew.browser.get(address).content).walk("VEVENT")
    assert event.decoded("dtstart") == now_is(tracking).day
    assert Calendar.from_ical(crew.browser.get(f"{address}?rodzaj=meter_service").content).walk("VEVENT") == []
    clerk.post(f"/biuro/wnioski/{tracking}", co="cancel", krok="1")
    assert Calendar.from_ical(crew.browser.get(address).content).walk("VEVENT") == []


def test_a_look_at_the_calendar_stands_in_the_audit_once_a_day_and_address(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    crew, anybody = desk("bodzio", Role.CREW), TestClient(application(), base_url="http://ebok.example")

    def looks() -> list[str]:
        with reading() as session:
            of_calendar = AuditEntry.actor == "calendar:bodzio"
            return list(session.scalars(select(AuditEntry.subject).where(of_calendar).order_by(AuditEntry.id)))

    first = feed(crew)
    assert anybody.get("/kalendarz/niczyj.ics").status_code == 404
    assert looks() == []
    for _ in range(3):
        anybody.get(first)
    (subject,) = looks()
    assert subject.startswith("crew_calendar:") and first.split("/")[-1].removesuffix(".ics") not in subject
    second = feed(crew)
    anybody.get(second)
    assert len(set(looks())) == 2, "another address is another secret"
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    for _ in range(2):
        anybody.get(second)
    assert len(looks()) == 3


def test_a_new_address_of_the_calendar_ends_the_old_one_and_leaving_ends_both(desk: Callable[..., Desk]) -> None:
    crew, admin = desk("bodzio", Role.CREW), desk("adam", Role.ADMINISTRATOR)
    first, second = feed(crew), feed(crew)
    assert [crew.browser.get(address).status_code for address in (first, second)] == [404, 200]
    admin.post("/biuro/konta/bodzio/rola", rola="mailroom")
    assert crew.browser.get(second).status_code == 404
    admin.post("/biuro/konta/bodzio/rola", rola="crew")
    assert crew.browser.get(second).status_code == 200
    assert "już nie działa" in plain(crew.post("/biuro/ekipa/kalendarz", co="koniec").text)
    assert crew.browser.get(second).status_code == 404

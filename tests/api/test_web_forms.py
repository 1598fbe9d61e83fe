"""Forms filled in on the web: nothing typed is lost, nothing is sent twice."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from confirmations.polish import long_date
from database.engine import transaction
from documents import drafts
from documents.loading import load
from documents.states import IntakeChannel
from documents.tables import Document
from documents.values import submission_of
from environment import clock
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.form import Form
from tests.application import application
from tests.clocks import SetClock

CODE = "einvoice_acceptance"
PESEL = "02070803628"
TYPED = {
    "customer_no": "1000 0017",
    "pesel": PESEL,
    "name": "Janina Wymyślona",
    "street": "Przykładowa",
    "house": "12a",
    "postcode": "66470",
    "town": "Kostrzyn nad Odrą",
    "email": "Janina@Example.com",
    "accept_terms": "true",
}


def address(client: TestClient, code: str = CODE) -> str:
    """Begin a form; where it is kept."""
    found = re.search(rf'action="(/formularze/{code}/[^"/]+)"', client.get(f"/formularze/{code}").text)
    assert found is not None
    return found[1]


def keep(client: TestClient, at: str, typed: dict[str, str], button: str = "sprawdz") -> httpx.Response:
    return client.post(at, data={**typed, "dalej": button}, follow_redirects=False)


def seen(client: TestClient, at: str) -> str:
    """The revision that the page for the last look shows."""
    found = re.search(r'name="wersja" value="(\d+)"', client.get(f"{at}/sprawdz").text)
    assert found is not None
    return found[1]


def send(client: TestClient, at: str, revision: str) -> httpx.Response:
    return client.post(f"{at}/sprawdz", data={"wersja": revision}, follow_redirects=False)


def inputs(page: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page)}


def documents() -> list[str]:
    """The tracking numbers of all that was sent."""
    with transaction() as session:
        return list(session.scalars(select(Document.tracking)))


def rows() -> list[str]:
    """The table of drafts as somebody sees it who holds the database alone."""
    with transaction() as session:
        return [str(row) for row in session.execute(text("SELECT * FROM drafts"))]


def tracking_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    found = re.fullmatch(r"/sprawa/([0-9A-Z-]{9})", answer.headers["location"])
    assert found is not None, answer.headers["location"]
    return found[1]


def test_what_was_typed_is_checked_shown_once_more_and_then_sent_as_normalised_values(client: TestClient) -> None:
    at = address(client)
    assert keep(client, at, TYPED).headers["location"] == f"{at}/sprawdz"
    review = client.get(f"{at}/sprawdz").text
    assert "janina@example.com" in review
    assert "66-470" in review

    answer = send(client, at, seen(client, at))

    tracking = tracking_of(answer)
    assert f"Path=/sprawa/{tracking}" in answer.headers["set-cookie"]
    with transaction() as session:
        document = load(session, tracking)
        values = submission_of(session, document).values
    assert (document.way_in, document.paper) == (IntakeChannel.WEB, False)
    assert values["customer_no"] == "10000017"
    assert values["house"] == "12A"
    assert values["nip"] is None
    assert values["accept_terms"] is True
    assert values["date_signed"] == clock.today().isoformat()


def test_nothing_typed_is_lost_on_an_error_and_each_is_told_twice(lone_client: TestClient) -> None:
    at = address(lone_client)
    wrong = {**TYPED, "pesel": "123", "name": 'Jan "Żółć" <b>', "email": "janina@"}

    told = keep(lone_client, at, wrong)
    page = lone_client.get(told.headers["location"]).text

    shown = inputs(page)
    assert {name: shown[name] for name in wrong if name != "accept_terms"} == {
        name: value for name, value in wrong.items() if name != "accept_terms"
    }
    assert re.search(r'name="accept_terms"[^>]* checked', page)
    assert "<title>Błąd: Akceptacja faktur elektronicznych" in page
    assert '<a href="#pesel">PESEL: wpisz dokładnie 11 cyfr.</a>' in page
    assert re.search(r'id="pesel-blad"[^>]*>Wpisz dokładnie 11 cyfr\.<', page)
    assert 'href="#email"' in page


def test_nothing_typed_is_lost_while_the_database_is_away(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_DATABASE_URL", "postgresql://nobody:tajne@127.0.0.1:1/nothing")
    get_settings.cache_clear()
    client = TestClient(application(), base_url="http://ebok.example")
    at = address(client)

    answer = keep(client, at, TYPED)

    assert answer.status_code == 503
    assert inputs(answer.text)["email"] == TYPED["email"]
    assert f'action="{at}"' in answer.text
    assert "po naszej stronie" in answer.text


def test_one_address_begins_only_so_many_forms_an_hour_and_loses_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_DRAFTS_PER_CLIENT", "2")
    get_settings.cache_clear()
    first = address(client)
    assert keep(client, first, TYPED).status_code == 303
    client.cookies.clear()
    assert keep(client, address(client), TYPED).status_code == 303
    assert keep(client, first, TYPED).status_code == 429  # without the cookie it would begin anew
    client.cookies.clear()

    fresh = address(client)
    refused = keep(client, fresh, TYPED)
    assert refused.status_code == 429
    assert inputs(refused.text)["email"] == TYPED["email"]
    assert "za godzinę" in refused.text
    client.cookies.set("ebok_formularz", fresh.rpartition("/")[2])
    assert keep(client, fresh, TYPED).status_code == 429  # a made-up cookie does not help


def test_who_goes_on_with_a_form_is_not_counted_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_DRAFTS_PER_CLIENT", "1")
    get_settings.cache_clear()
    at = address(client)
    assert [keep(client, at, TYPED, "pozniej").status_code for _ in range(3)] == [303] * 3


def test_a_form_with_an_error_cannot_be_sent_past_its_last_look(lone_client: TestClient) -> None:
    at = address(lone_client)
    keep(lone_client, at, {**TYPED, "accept_terms": ""})

    assert lone_client.get(f"{at}/sprawdz", follow_redirects=False).headers["location"] == f"{at}?popraw=1"
    assert send(lone_client, at, "1").headers["location"] == f"{at}?popraw=1"
    assert documents() == []


def test_sending_again_in_whichever_way_leads_to_the_same_case(client: TestClient) -> None:
    at = address(client)
    keep(client, at, TYPED)
    revision = seen(client, at)

    with ThreadPoolExecutor(4) as senders:
        told = {tracking_of(answer) for answer in senders.map(lambda _: send(client, at, revision), range(4))}
    again = [
        send(client, at, revision),
        keep(client, at, {**TYPED, "name": "Ktoś Inny"}),
        client.get(at, follow_redirects=False),
        client.get(f"{at}/sprawdz", follow_redirects=False),
    ]

    assert told == {tracking_of(answer) for answer in again}
    assert documents() == list(told)


def test_a_page_left_open_until_its_draft_was_swept_away_sends_nothing_anew(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = address(client)
    keep(client, at, TYPED)
    tracking = tracking_of(send(client, at, seen(client, at)))
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr(clock, "now", lambda: later)

    keep(client, at, TYPED)
    answer = send(client, at, seen(client, at))

    assert answer.status_code == 409
    assert "już do nas dotarł" in answer.json()["detail"]
    assert documents() == [tracking]


def test_what_is_sent_is_what_was_looked_at(lone_client: TestClient) -> None:
    at = address(lone_client)
    keep(lone_client, at, TYPED)
    looked_at = seen(lone_client, at)
    keep(lone_client, at, {**TYPED, "email": "inny@example.com"})

    answer = send(lone_client, at, looked_at)

    assert answer.headers["location"] == f"{at}/sprawdz?zmieniono=1"
    assert "w innej karcie" in lone_client.get(answer.headers["location"]).text
    assert documents() == []


def test_nobody_agrees_to_a_regulamin_that_came_into_force_after_he_looked(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, set_to = address(lone_client), SetClock(monkeypatch)
    set_to("2026-12-31 23:59")
    keep(lone_client, at, TYPED)
    looked_at = inputs(lone_client.get(f"{at}/sprawdz").text)
    assert looked_at["regulamin"] == "1"
    set_to("2027-01-01 00:01")
    answer = lone_client.post(f"{at}/sprawdz", data=looked_at, follow_redirects=False)
    assert answer.headers["location"] == f"{at}/sprawdz?zmieniono=regulamin"
    assert documents() == []
    again = lone_client.get(answer.headers["location"]).text
    assert "obowiązuje wersja 2" in again.replace("\N{NO-BREAK SPACE}", " ")
    done = lone_client.post(f"{at}/sprawdz", data=inputs(again), follow_redirects=False)
    page = lone_client.get(done.headers["location"]).text.replace("\N{NO-BREAK SPACE}", " ")
    told = r"<dt>Regulamin wystawiania i przesyłania faktur w formie elektronicznej</dt>\s*<dd>wersja 2"
    assert re.search(told, page), "the page of the case, and its receipt with it, name what was agreed to"
    assert len(documents()) == 1


def test_a_form_kept_for_later_is_found_by_its_address_on_another_device(lone_client: TestClient) -> None:
    at = address(lone_client)
    told = keep(lone_client, at, {"name": "Janina Wymyślona", "pesel": "123"}, "pozniej")
    assert told.headers["location"] == f"{at}/zapisano"
    kept = lone_client.get(f"{at}/zapisano").text
    assert f'readonly value="http://127.0.0.1:8000{at}"' in kept
    last = clock.today() + timedelta(days=get_settings().draft_days - 1)
    assert long_date(last) in kept, "all of the day that is told"

    elsewhere = TestClient(application(), base_url="http://ebok.example")
    page = elsewhere.get(at).text

    assert inputs(page)["name"] == "Janina Wymyślona"
    assert "error-summary" not in page


def test_who_hands_out_the_address_of_a_form_does_not_read_what_another_types_into_it(client: TestClient) -> None:
    at = address(client)
    keep(client, at, {"name": "Podstępny"})
    victim = TestClient(application(), base_url="http://ebok.example")
    assert "Podstępny" in victim.get(at).text

    answer = keep(victim, at, TYPED)
    own = answer.headers["location"].removesuffix("/sprawdz")

    assert own != at
    for path in (at, f"{at}/zapisano"):
        shown = client.get(path, headers={"Accept": "text/html"})
        assert (shown.status_code, PESEL in shown.text, own in shown.text) == (200, False, False)
    assert keep(victim, own, TYPED).headers["location"] == f"{own}/sprawdz"
    tracking = tracking_of(send(victim, own, seen(victim, own)))
    assert documents() == [tracking]
    for path in (at, f"{at}/sprawdz", f"{at}/zapisano"):
        shown = client.get(path, headers={"Accept": "text/html"})
        assert (shown.status_code, PESEL in shown.text, tracking in shown.text) == (410, False, False)
        assert "Ten formularz jest już wysłany" in shown.text
    assert keep(client, at, TYPED).status_code == 410
    assert send(client, at, "1").status_code == 410
    assert documents() == [tracking], "once, by whichever address"


def test_the_address_of_a_kept_form_stays_good_whoever_else_goes_on_with_it(client: TestClient) -> None:
    at = address(client)
    keep(client, at, {"name": "Janina Wymyślona"}, "pozniej")
    phone = TestClient(application(), base_url="http://ebok.example")
    own = keep(phone, at, {"name": "Janina Wymyślona", "street": "Wodna"}, "pozniej").headers["location"]
    own = own.removesuffix("/zapisano")
    assert phone.get(at, follow_redirects=False).headers["location"] == own, "the way back leads to the copy"
    assert keep(phone, at, {"street": "Wodna"}, "pozniej").headers["location"] == f"{own}/zapisano", "one copy"
    third = TestClient(application(), base_url="http://ebok.example")

    assert inputs(third.get(at).text)["name"] == inputs(client.get(at).text)["name"] == "Janina Wymyślona"
    assert keep(client, at, TYPED).headers["location"] == f"{at}/sprawdz", "it is still mine"
    tracking_of(send(client, at, seen(client, at)))
    assert inputs(phone.get(own).text)["street"] == "Wodna", "a copy is ended by nobody else"


def test_a_copy_of_a_copy_that_is_sent_ends_all_but_what_was_changed_since(client: TestClient) -> None:
    at = address(client)
    keep(client, at, {"name": "Janina Wymyślona"}, "pozniej")
    others = [TestClient(application(), base_url="http://ebok.example") for _ in range(2)]
    second = keep(others[0], at, TYPED, "pozniej").headers["location"].removesuffix("/zapisano")
    third = keep(others[1], second, TYPED, "pozniej").headers["location"].removesuffix("/zapisano")
    other = keep(TestClient(application(), base_url="http://ebok.example"), at, TYPED).headers["location"]
    keep(client, at, {"name": "Inna Wymyślona"}, "pozniej")

    tracking_of(send(others[1], third, seen(others[1], third)))

    assert others[0].get(second).status_code == 410
    assert inputs(client.get(at).text)["name"] == "Inna Wymyślona"
    assert client.get(other.removesuffix("/sprawdz")).status_code == 200


def test_the_way_back_to_the_empty_form_leads_to_what_was_begun_there_and_to_none_elsewhere(
    lone_client: TestClient,
) -> None:
    at = address(lone_client)
    keep(lone_client, at, TYPED)

    assert lone_client.get(f"/formularze/{CODE}", follow_redirects=False).headers["location"] == at
    assert lone_client.get("/formularze/ebok_signup", follow_redirects=False).status_code == 200

    send(lone_client, at, seen(lone_client, at))
    assert PESEL not in lone_client.get(f"/formularze/{CODE}").text


def test_a_form_that_is_not_wanted_any_more_is_erased(client: TestClient) -> None:
    at = address(client)
    keep(client, at, TYPED)
    assert client.post(f"{at}/usun", follow_redirects=False).headers["location"] == f"/formularze/{CODE}"

    assert client.get(at).status_code == 404
    assert client.get(f"/formularze/{CODE}", follow_redirects=False).status_code == 200
    assert rows() == []


def test_a_draft_expires_and_is_swept_away(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    at = address(client)
    keep(client, at, TYPED)
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr(clock, "now", lambda: later)

    gone = client.get(at, headers={"Accept": "text/html"})
    assert gone.status_code == 404
    assert f'href="/formularze/{CODE}"' in gone.text

    with transaction() as session:
        drafts.sweep_away(session)
    assert rows() == []


def test_nothing_personal_stands_in_the_table_of_drafts_or_in_an_address(client: TestClient) -> None:
    at = address(client)
    addresses = [keep(client, at, TYPED).headers["location"]]
    token = at.rpartition("/")[2]
    (before,) = rows()
    assert PESEL not in before
    assert token not in before

    addresses.append(send(client, at, seen(client, at)).headers["location"])
    with transaction() as session:
        draft = drafts.find(session, CODE, token)
    assert draft is not None
    assert draft.values is None
    assert not any(PESEL in one or "anina" in one for one in addresses)


def test_a_token_opens_the_form_of_its_own_kind_only(lone_client: TestClient) -> None:
    at = address(lone_client)
    keep(lone_client, at, TYPED)
    other = at.replace(CODE, "ebok_signup")

    for path in (other, f"{other}/sprawdz", f"{other}/zapisano", f"/formularze/{CODE}/{'A' * 32}", f"{at}x"):
        assert lone_client.get(path).status_code == 404, path
    assert lone_client.post(f"/formularze/{CODE}/krotki", data=TYPED).status_code == 404
    assert lone_client.get("/formularze/nieznany").status_code == 404


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("pesel", "44051401358", "Ten numer jest błędny. Sprawdź każdą cyfrę."),
        ("email", "ala@", "Wpisz cały adres, na przykład jan@example.com."),
        ("postcode", "66 470", None),
        ("phone", "", None),
    ],
)
def test_a_field_is_judged_as_it_is_left_by_the_rule_of_its_kind(
    lone_client: TestClient, name: str, value: str, message: str | None
) -> None:
    answer = lone_client.post(f"/formularze/{CODE}/pole", json={"name": name, "value": value})
    assert answer.json() == {"message": message, "question": None}


def test_an_address_that_may_be_a_slip_is_asked_about_and_not_refused(lone_client: TestClient) -> None:
    asked = "Czy ten adres jest na pewno dobry? Może chodziło o janina@gmail.com."
    left = lone_client.post(f"/formularze/{CODE}/pole", json={"name": "email", "value": "Janina@gmial.com"})
    assert left.json() == {"message": None, "question": asked}
    at = address(lone_client)
    assert keep(lone_client, at, {**TYPED, "email": "Janina@gmial.com"}).headers["location"] == f"{at}/sprawdz"
    assert asked in lone_client.get(f"{at}/sprawdz").text.replace("\u00a0", " ")
    keep(lone_client, at, TYPED)
    assert "Może chodziło" not in lone_client.get(f"{at}/sprawdz").text.replace("\u00a0", " ")


def test_what_is_no_form_of_a_browser_is_refused(lone_client: TestClient) -> None:
    at = address(lone_client)
    assert lone_client.post(at, json=TYPED).status_code == 415
    assert lone_client.post(at, files={"name": b"x"}).status_code == 415
    assert lone_client.post(f"/formularze/{CODE}/pole", json={"name": 1}).status_code == 422
    assert lone_client.post(at, data={"name": "x" * 70_000}).status_code == 413


def test_a_fifth_form_has_a_page_and_is_taken(fifth_form: Form, lone_client: TestClient) -> None:
    assert f"/formularze/{fifth_form.code}" in lone_client.get("/").text
    at = address(lone_client, fifth_form.code)
    keep(lone_client, at, {**TYPED, "meter_no": "87654321", "exchange": "true"})

    tracking = tracking_of(send(lone_client, at, seen(lone_client, at)))

    with transaction() as session:
        document = load(session, tracking)
        assert document.form == fifth_form.code
        assert submission_of(session, document).value("exchange") is True


def test_the_consent_leads_to_the_rules_it_is_given_to(lone_client: TestClient) -> None:
    assert form_by_code(CODE).terms == "einvoice"
    page = lone_client.get(f"/formularze/{CODE}").text
    assert 'href="/regulaminy/einvoice"' in page
    assert "art. 6 ust. 1" in page


def test_a_box_that_was_sent_as_false_is_not_shown_as_ticked(lone_client: TestClient) -> None:
    at = address(lone_client)
    keep(lone_client, at, {**TYPED, "accept_terms": "false", "email": ""})
    box = re.search(r'<input id="accept_terms"[^>]*>', lone_client.get(at).text)
    assert box is not None
    assert " checked" not in box[0]


def test_who_does_not_know_his_number_sees_where_an_invoice_has_it_and_whom_to_call(lone_client: TestClient) -> None:
    shown = lone_client.get(f"/formularze/{CODE}").text
    picture = re.search(r'<img src="(/static/[^"]*invoice[^"]*[.]svg[^"]*)"[^>]*alt="Rysunek faktury', shown)
    assert picture is not None
    drawn = lone_client.get(picture[1])
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert 'href="tel:+48957279651"' in shown

"""The page of a case: for its sender, for who knows a second secret, and for nobody else."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from fastapi.testclient import TestClient

from api.pages import moment
from benchmarks import office
from customers.links import link_of_case
from database.engine import transaction
from documents.loading import load
from documents.splitting import FoundForm, split
from documents.states import IntakeChannel, State
from documents.tracking import new_tracking
from documents.transitions import move
from environment.settings import get_settings
from tests.api.pictures import picture
from tests.application import application

WITHDRAWAL = "/api/v1/forms/einvoice_withdrawal/submissions"


def plain(page: str) -> str:
    return page.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def enter(client: TestClient, tracking: str, secret: str) -> Any:
    return client.post("/sprawa", data={"tracking": tracking, "secret": secret}, follow_redirects=False)


@pytest.mark.parametrize("secret", ["66 470", "66470"])
def test_number_and_post_code_open_the_case_with_masked_values(
    client: TestClient, values: dict[str, Any], secret: str
) -> None:
    tracking = client.post(WITHDRAWAL, json=values).json()["tracking"]
    assert "Wymyślona" not in client.get(f"/sprawa/{tracking}").text

    answer = enter(client, tracking.lower().replace("-", " "), secret)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/sprawa/{tracking}")
    shown = client.get(f"/sprawa/{tracking}")
    assert shown.status_code == 200
    assert "Formularz do nas dotarł" in plain(shown.text)
    assert "15.01.2026" in shown.text
    for value in ("Wymyślona", "10000017", "Przykładowa"):
        assert value not in shown.text


def test_an_address_in_the_register_opens_the_case_too(lone_client: TestClient) -> None:
    office.fill_register()
    tracking = office.waiting(office.Paper(code="einvoice_withdrawal", written={"email_current": None}))

    assert enter(lone_client, tracking, office.people()[0]["email"].upper()).status_code == 303


def test_a_wrong_number_and_a_wrong_secret_get_the_same_answer(client: TestClient, values: dict[str, Any]) -> None:
    tracking = client.post(WITHDRAWAL, json=values).json()["tracking"]
    unknown = new_tracking()

    wrong = enter(client, tracking, "00-001")
    none = enter(client, unknown, "66-470")

    assert wrong.status_code == none.status_code == 422
    assert wrong.text.replace(tracking, "") == none.text.replace(unknown, "")
    assert "set-cookie" not in wrong.headers


def test_the_page_of_an_unknown_number_looks_like_that_of_a_known_one(
    client: TestClient, values: dict[str, Any]
) -> None:
    tracking, unknown = client.post(WITHDRAWAL, json=values).json()["tracking"], new_tracking()

    pages = [client.get(f"/sprawa/{number}").text.replace(number, "") for number in (tracking, unknown)]
    receipts = [
        client.get(f"/sprawa/{number}/potwierdzenie.pdf", follow_redirects=False) for number in (tracking, unknown)
    ]

    assert pages[0] == pages[1]
    assert [answer.headers["location"].replace(tracking, "").replace(unknown, "") for answer in receipts] == [
        "/sprawa"
    ] * 2


def test_after_too_many_wrong_tries_the_right_secret_does_not_help_for_a_while(
    client: TestClient, values: dict[str, Any]
) -> None:
    tracking = client.post(WITHDRAWAL, json=values).json()["tracking"]
    for _ in range(get_settings().case_tries):
        assert enter(client, tracking, "00-001").status_code == 422

    locked = enter(client, tracking, "66-470")

    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) > 0
    assert "95 727 96 51" in plain(locked.text)


def test_one_client_cannot_try_number_after_number(
    lone_client: TestClient, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = lone_client.post(WITHDRAWAL, json=values).json()["tracking"]
    monkeypatch.setenv("EBOK_CASE_TRIES_PER_CLIENT", "3")
    get_settings.cache_clear()
    for _ in range(3):
        assert enter(lone_client, new_tracking(), "66-470").status_code == 422

    assert enter(lone_client, tracking, "66-470").status_code == 429


def test_the_cookie_of_one_case_opens_no_other(lone_client: TestClient, values: dict[str, Any]) -> None:
    first, second = (lone_client.post(WITHDRAWAL, json=values).json()["tracking"] for _ in range(2))
    cookie = enter(lone_client, first, "66-470").headers["set-cookie"]
    assert all(part in cookie for part in (f"Path=/sprawa/{first}", "HttpOnly", "SameSite=lax"))
    value = cookie.split(";")[0]

    stranger = TestClient(application(), base_url="http://ebok.example", headers={"Cookie": value})

    assert "Co dalej" in stranger.get(f"/sprawa/{first}").text
    for forged in (value, value.replace("visitor", "sender"), "ebok_sprawa=sender.9999999999.", "ebok_sprawa=."):
        stranger.headers["Cookie"] = forged
        assert "Co dalej" not in stranger.get(f"/sprawa/{second}").text
    stranger.headers["Cookie"] = value.replace("visitor", "sender")
    assert "Co dalej" not in stranger.get(f"/sprawa/{first}").text


def test_the_cookie_needs_https_where_the_public_address_does(
    lone_client: TestClient, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = lone_client.post(WITHDRAWAL, json=values).json()["tracking"]
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.example")
    get_settings.cache_clear()

    assert "Secure" in enter(lone_client, tracking, "66-470").headers["set-cookie"]


def test_the_number_is_understood_as_people_type_it(lone_client: TestClient) -> None:
    number = new_tracking()

    for typed in (number.lower().replace("-", " "), number.replace("-", "/"), f"{number}."):
        answer = lone_client.get(f"/sprawa/{typed}", follow_redirects=False)
        assert answer.headers["location"] == f"/sprawa/{number}"


@pytest.mark.parametrize("number", ["AAAA-AAAA", "1", "x" * 3000, "%00", "💧", "<script>", "a/b/c"])
def test_what_is_no_number_is_told_with_whom_to_call(lone_client: TestClient, number: str) -> None:
    answer = lone_client.get(f"/sprawa/{number}")

    assert answer.status_code == 404
    assert "95 727 96 51" in plain(answer.text)
    assert "<script>" not in answer.text


def sent(client: TestClient, data: bytes) -> str:
    """The tracking number of a file sent on the page; the client holds the cookie of its case."""
    answer = client.post("/wyslij", files={"file": ("skan.pdf", data)}, follow_redirects=False)
    return str(answer.headers["location"]).removeprefix("/sprawa/")


def test_the_sender_sees_what_was_understood_and_what_is_being_checked(lone_client: TestClient) -> None:
    office.fill_register()
    paper = office.Paper(doubtful=("email",))
    tracking = sent(lone_client, office.scanned(paper))
    assert "czeka na odczytanie" in plain(lone_client.get(f"/sprawa/{tracking}").text)

    office.judged(office.read(tracking, paper))

    shown = lone_client.get(f"/sprawa/{tracking}").text
    assert "Sprawdza pracownik" in shown
    assert shown.count('class="checked"') == 1
    assert paper.on_paper["name"] in shown
    assert paper.on_paper["email"] in shown
    assert str(paper.on_paper["pesel"]) not in shown


def test_the_sender_of_a_file_with_two_forms_sees_both_and_a_stranger_none(lone_client: TestClient) -> None:
    tracking = sent(lone_client, picture("TIFF", pages=2))
    with transaction() as session:
        parts = [FoundForm(None, None, (page,), None, "scan") for page in (1, 2)]
        further = split(session, load(session, tracking), parts)[1].tracking

    shown = lone_client.get(f"/sprawa/{tracking}").text

    assert f'href="/sprawa/{further}"' in shown
    assert "Nie rozpoznaliśmy" in shown
    assert "Co dalej" in lone_client.get(f"/sprawa/{further}").text
    stranger = TestClient(application(), base_url="http://ebok.example")
    assert "Co dalej" not in stranger.get(f"/sprawa/{further}").text


def test_parts_of_a_batch_that_the_office_scanned_are_not_told(lone_client: TestClient) -> None:
    office.fill_register()
    papers = office.Paper(person=0), office.Paper(person=1)
    tracking = office.received(picture("TIFF", pages=2), channel=IntakeChannel.FOLDER)
    office.read(tracking, *papers)
    enter(lone_client, tracking, str(papers[0].on_paper["postcode"]))

    shown = lone_client.get(f"/sprawa/{tracking}").text

    assert "Co dalej" in shown
    assert "Pozostałe formularze" not in shown


def test_the_receipt_names_the_case_in_barcode_and_qr_code_and_never_a_pesel(lone_client: TestClient) -> None:
    office.fill_register()
    paper = office.Paper()
    tracking = sent(lone_client, office.scanned(paper))
    office.judged(office.read(tracking, paper))

    answer = lone_client.get(f"/sprawa/{tracking}/potwierdzenie.pdf")

    assert answer.headers["content-type"] == "application/pdf"
    pdf = pypdfium2.PdfDocument(answer.content)
    codes = {code.text for code in zxingcpp.read_barcodes(pdf[0].render(scale=3).to_pil())}
    assert codes == {tracking, f"{get_settings().public_url}/sprawa/{tracking}"}
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert str(paper.on_paper["name"]) in text
    assert str(paper.on_paper["pesel"]) not in text
    pdf.close()
    with pikepdf.open(io.BytesIO(answer.content)) as described:
        assert described.Root.Lang == "pl"


def test_numbers_of_no_case_are_answered_only_so_often_as_json_too(
    lone_client: TestClient, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = lone_client.post(WITHDRAWAL, json=values).json()["tracking"]
    monkeypatch.setenv("EBOK_CASE_TRIES_PER_CLIENT", "3")
    get_settings.cache_clear()
    for _ in range(3):
        assert lone_client.get(f"/api/v1/submissions/{new_tracking()}").status_code == 404

    refused = lone_client.get(f"/api/v1/submissions/{tracking}")

    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize("code", ["ebok_signup", "einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal"])
def test_nobody_who_must_click_a_link_is_told_that_there_is_nothing_to_do(lone_client: TestClient, code: str) -> None:
    office.fill_register()
    for person in range(3) if code in ("einvoice_email_change", "einvoice_withdrawal") else ():
        office.on_einvoice(person)
    person = 1
    trackings = {
        "typed": office.online(code, person),
        "at the desk": office.waiting(office.Paper(code=code, person=person, doubtful=("name",))),
        "carried out": office.online(code, 2),
    }
    office.worked_off(trackings["carried out"])
    for how, tracking in trackings.items():
        enter(lone_client, tracking, office.people()[2 if how == "carried out" else person]["postcode"])
        told = plain(lone_client.get(f"/sprawa/{tracking}").text)
        assert ("kliknij" in told, "Nie musisz" not in told) == ((code != "einvoice_withdrawal",) * 2), how


def test_a_link_that_waits_is_told_with_its_end_and_sent_again_from_the_page(lone_client: TestClient) -> None:
    office.fill_register()
    tracking = office.online("einvoice_acceptance")
    assert office.worked_off(tracking) == "confirmed"
    enter(lone_client, tracking, office.people()[0]["email"])

    shown = plain(lone_client.get(f"/sprawa/{tracking}").text)

    assert "Zajrzyj do folderu SPAM" in shown
    assert "faktury przychodzą na papierze" in shown
    with transaction() as session:
        link = link_of_case(session, tracking)
    assert link is not None
    assert moment(link.expires_at).replace("\N{NO-BREAK SPACE}", " ") in shown
    assert link.email not in shown
    assert f'action="/sprawa/{tracking}/odnosnik"' in shown
    again = lone_client.post(f"/sprawa/{tracking}/odnosnik")
    assert again.status_code == 200
    with transaction() as session:
        newer = link_of_case(session, tracking)
    assert newer is not None
    assert newer.expires_at > link.expires_at


def test_a_sender_is_told_why_his_form_was_refused_and_a_visitor_only_that_it_was(lone_client: TestClient) -> None:
    office.fill_register()
    paper = office.Paper()
    tracking = sent(lone_client, office.scanned(paper))
    office.judged(office.read(tracking, paper))
    with transaction() as session:
        move(session, load(session, tracking), State.REJECTED, actor="clerk:ewa", reason_code="no_active_consent")

    reason = "Nie mamy zgody na faktury elektroniczne"
    assert reason in plain(lone_client.get(f"/sprawa/{tracking}").text)
    visitor = TestClient(application(), base_url="http://ebok.example")
    enter(visitor, tracking, str(paper.on_paper["postcode"]))
    shown = plain(visitor.get(f"/sprawa/{tracking}").text)
    assert "Nie mogliśmy przyjąć" in shown
    assert reason not in shown

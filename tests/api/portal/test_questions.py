"""Questions on the pages of an account and at the desk, and by a program: with files as hostile as any."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from httpx import Response
from sqlalchemy import select

from access.staff import Role
from api import answer_time
from api.account.access import SECRET
from benchmarks import office
from benchmarks.office import Paper
from billing.statement import invoices_of
from confirmations.tables import Message
from database.engine import reading
from documents.tables import Original
from environment.settings import get_settings
from portal.question_tables import Question, QuestionAttachment, QuestionTurn
from specimens import broken
from tests.api.desk.conftest import desk
from tests.api.desk.staff import Desk
from tests.api.pictures import picture
from tests.api.portal.conftest import Browser, signed_in, stranger

__all__ = ["desk"]
ASK = "/ebok/pytania"
HOSTILE = "<script>alert(1)</script>\n\n{{ 7*7 }} ąż"


@pytest.fixture
def customer(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A customer with an account."""
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    office.fill_register()
    number = str(office.people()[0]["customer_no"])
    office.open_account(number, "osoba@example.com")
    return signed_in(number, "osoba@example.com")


def send(customer: Browser, *files: tuple[str, bytes], address: str = ASK, **fields: str) -> Response:
    given = {"csrf": customer.csrf, "kind": "billing", "text": "Skąd ta kwota?", **fields}
    parts = [("file", (name, data, "application/octet-stream")) for name, data in files]
    return customer.client.post(address, data=given, files=parts or None, follow_redirects=False)


def rows(table: type) -> int:
    with reading() as session:
        return len(session.scalars(select(table)).all())


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def test_a_question_is_asked_read_answered_and_gone_on_with(customer: Browser, desk: Callable[..., Desk]) -> None:
    assert "Masz pytanie?" in customer.read(ASK)
    form = customer.read(f"{ASK}/nowe")
    key = re.findall(r'name="key" value="([^"]+)"', form)[0]
    places = {send(customer, ("licznik.png", picture()), text=HOSTILE, key=key).headers["location"] for _ in range(2)}
    (place,) = places
    page = customer.read(place)
    assert "pytanie jest u nas" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
    assert "licznik.png" in page
    place = place.partition("?")[0]
    number = place.rpartition("/")[2]

    clerk = desk()
    listed = clerk.browser.get("/biuro/pytania").text
    assert f"/biuro/pytania/{number}" in listed
    at_desk = clerk.browser.get(f"/biuro/pytania/{number}").text
    assert "<script>alert" not in at_desk
    image = re.findall(r'src="(/biuro/pytania/[^"]+\.jpg)"', at_desk)[0]
    drawn = clerk.browser.get(image)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/jpeg")
    assert clerk.browser.get(image.replace("/1.jpg", "/2.jpg")).status_code == 404
    given = clerk.browser.get(image.partition("/miniatura")[0])
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith('attachment; filename="pytanie-')
    assert given.content == picture()
    seen = re.findall(r'name="seen" value="(\d+)"', at_desk)[0]
    refused = clerk.post(f"/biuro/pytania/{number}/odpowiedz", text="Wpłata z dnia [dzień].", seen=seen)
    assert refused.status_code == 422
    assert "Wpłata z dnia [dzień]." in refused.text, "what was typed stays"
    told = clerk.post(f"/biuro/pytania/{number}/odpowiedz", text="Z odczytu.", seen=seen, co="odpowiedz")
    assert "Klient dostanie e-mail" in plain(told.text)
    late = clerk.post(f"/biuro/pytania/{number}/odpowiedz", text="Z odczytu drugiego.", seen=seen)
    assert late.status_code == 422
    assert "ktoś dopisał" in plain(late.text)

    assert "jest odpowiedź" in customer.read(ASK)
    assert "Z odczytu." in customer.read(place)
    more = send(customer, address=place, text="Dziękuję, a korekta?")
    assert "dopisano" in more.headers["location"]
    assert customer.post(f"{place}/zamknij").headers["location"] == f"{place}?zakonczono=1"
    assert "zakończone" in customer.read(place)
    assert rows(Question) == 1
    assert rows(QuestionTurn) == 3


@pytest.mark.parametrize(
    ("fields", "files", "told"),
    [
        ({"text": " "}, [], "Napisz, o co"),
        ({"kind": "nic"}, [], "Wybierz, czego dotyczy"),
        ({"text": "x" * 4001}, [], "zmieści się 4000"),
        ({}, [("a.pdf", broken.text_named_pdf())], 'id="file-blad"'),
        ({}, [("a.png", picture()), ("b.png", broken.damaged_png())], "Plik 2:"),
        ({}, [("a.png", picture())] * 6, "najwyżej 5 plików"),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_nothing_is_kept(
    customer: Browser, fields: dict[str, str], files: list[tuple[str, bytes]], told: str
) -> None:
    refused = send(customer, *files, **fields)
    assert refused.status_code == 422
    assert told in plain(refused.text)
    assert fields.get("text", "Skąd ta kwota?").strip() in refused.text
    assert rows(Question) == rows(Original) == 0


def test_files_over_the_limit_are_refused_and_the_form_takes_what_its_address_takes(
    customer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_MAX_UPLOAD_BYTES", "100000")
    get_settings.cache_clear()
    assert send(customer, ("a.png", b"\x89PNG" + bytes(99_000)), text="x").status_code in (415, 422)
    assert send(customer, ("a.png", b"\x89PNG" + bytes(200_000)), text="x").status_code == 413
    assert rows(Question) == 0


def test_a_question_about_an_invoice_or_a_case_begins_from_there_and_only_about_his_own(
    accounts: tuple[Browser, Browser],
) -> None:
    me, other = accounts
    office.fill_register()
    case = office.waiting(Paper(person=1, doubtful=("email",)))
    with reading() as session:
        mine, theirs = (invoices_of(session, one.number)[0]["invoice_no"] for one in accounts)
    assert f"faktura={mine.replace('/', '%2F')}" in me.read(f"/ebok/faktura?nr={mine}")
    assert mine in me.read(f"{ASK}/nowe?faktura={mine}")
    assert send(me, faktura=mine).status_code == 303
    for asked in ({"faktura": theirs}, {"sprawa": case}):
        ((name, value),) = asked.items()
        assert me.client.get(f"{ASK}/nowe?{name}={value}").status_code == 404
        assert send(me, **asked).status_code == 404
    assert rows(Question) == 1
    with reading() as session:
        (row,) = session.scalars(select(Question)).all()
    assert row.invoice_no == mine
    assert mine in me.read(f"{ASK}/{row.id}")
    assert other.client.get(f"{ASK}/{row.id}").status_code == 404


def test_a_form_without_its_secret_asks_nothing_and_gives_no_file(customer: Browser) -> None:
    assert customer.client.post(ASK, data={"kind": "other", "text": "x"}).status_code == 403
    place = send(customer, ("a.png", picture())).headers["location"].partition("?")[0]
    (file,) = re.findall(r'href="(/ebok/pytania/\d+/pliki/\d+)"', customer.read(place))
    given = customer.client.get(file)
    assert (given.content, given.headers["content-type"]) == (picture(), "application/octet-stream")
    assert customer.client.post(place, data={"text": "x"}).status_code == 403
    assert rows(QuestionTurn) == 1


def test_the_desk_finds_hands_on_and_closes_and_managers_see_nothing(
    customer: Browser, desk: Callable[..., Desk]
) -> None:
    place = send(customer, text="Chodzi o wodomierz").headers["location"].partition("?")[0]
    number = place.rpartition("/")[2]
    clerk, manager = desk(), desk("maria", Role.MANAGER)
    assert manager.browser.get("/biuro/pytania").status_code == 403
    assert manager.browser.get(f"/biuro/pytania/{number}").status_code == 403
    found = clerk.post("/biuro/pytania", szukane="wodomierz")
    assert f"/biuro/pytania/{number}" in found.text
    assert "Nie ma takiego pytania" in plain(clerk.post("/biuro/pytania", szukane="studnia").text)
    handed = clerk.post(f"/biuro/pytania/{number}/przekaz", komu="ola")
    assert "jest przekazane" in plain(handed.text)
    assert f"/biuro/pytania/{number}" in clerk.browser.get("/biuro/pytania?moje=1").text
    assert clerk.post(f"/biuro/pytania/{number}/przekaz", komu="maria").status_code == 404
    begun = clerk.browser.get(f"/biuro/pytania/{number}?wzor=payment").text
    assert "wpłata z dnia [dzień]" in begun
    seen = re.findall(r'name="seen" value="(\d+)"', begun)[0]
    assert clerk.post(f"/biuro/pytania/{number}/zakoncz", seen="1" * 20).status_code == 422
    assert "zakończone" in clerk.post(f"/biuro/pytania/{number}/zakoncz", seen=seen).text
    assert clerk.browser.get("/biuro/pytania/99999").status_code == 404
    assert rows(Message) == 0, "who is answered by telephone gets no message"


def test_what_was_written_outlives_its_session_and_a_page_that_is_out_of_date(customer: Browser) -> None:
    place = ASK
    for turn in (1, 2):
        typed = {"csrf": customer.csrf, "kind": "billing", "text": f"{HOSTILE} {turn}", "key": str(turn)}
        ended = stranger().post(place, data=typed, follow_redirects=False)
        assert (ended.status_code, "nie wysłaliśmy" in plain(ended.text)) == (401, True)
        assert "<script>alert" not in ended.text and f"ąż {turn}</textarea>" in ended.text
        kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', ended.text))
        assert kept == {"kind": "billing", "faktura": "", "sprawa": "", "key": str(turn)}
        again = customer.client.post(place, data={**kept, "text": typed["text"]}, follow_redirects=False)
        assert again.status_code == 403 and "otwarta wcześniej" in plain(again.text)
        assert f"ąż {turn}</textarea>" in again.text and rows(QuestionTurn) == turn - 1
        place = send(customer, address=place, text=typed["text"], key=str(turn)).headers["location"].partition("?")[0]
        assert rows(QuestionTurn) == turn
    empty = stranger().post(ASK, data={"csrf": "", "text": " "}, follow_redirects=False)
    assert empty.headers["location"] == "/ebok/zaloguj", "there is nothing to keep"
    others = {"faktura": "FV/1", "sprawa": "K7M4-PX9A", "kind": "billing", "text": "Skąd?"}
    page = customer.client.post(ASK, data=others).text
    assert "Skąd?</textarea>" in page and "FV/1" not in page, "of another number, perhaps"


def test_a_program_asks_with_and_without_files_once_for_each_key(customer: Browser) -> None:
    api = "/api/v1/account/questions"
    secret = customer.client.get("/api/v1/account/session").json()["csrf_token"]
    headers = {SECRET: secret, "Idempotency-Key": "abc"}
    body = {"kind": "services", "text": "Kiedy wymiana?"}
    made = [customer.client.post(api, json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    number = made[0].json()["number"]
    parts = [("file", ("a.png", picture(), "image/png"))]
    more = customer.client.post(
        f"{api}/{number}/turns", data={"text": "Oto zdjęcie"}, files=parts, headers={SECRET: secret}
    )
    assert more.status_code == 201, more.text
    file = more.json()["turns"][1]["files"][0]
    assert customer.client.get(f"{api}/{number}/files/{file['number']}").content == picture()
    bad = customer.client.post(
        f"{api}/{number}/turns", data={"text": "x"}, files=[("file", ("a", b"nic", "x/y"))], headers={SECRET: secret}
    )
    assert bad.status_code == 415
    assert customer.client.post(api, json={"kind": "x", "text": ""}, headers=headers).status_code == 422
    assert customer.client.post(api, json=body | {"invoice_no": "FV/0"}, headers=headers).status_code == 404
    assert customer.client.post(api, json=body).status_code == 403
    (line,) = customer.client.get(api).json()
    assert (line["number"], line["state"], line["beginning"]) == (number, "new", "Kiedy wymiana?")
    assert customer.client.post(f"{api}/{number}/closing", headers={SECRET: secret}).status_code == 204
    assert customer.client.get(f"{api}/{number}").json()["state"] == "closed"
    assert customer.client.get(f"{api}/{number + 1}").status_code == 404
    assert rows(QuestionAttachment) == 1

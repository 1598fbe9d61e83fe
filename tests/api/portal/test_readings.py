"""Reporting what a meter shows from the account: judged at once, with a photo, and seen with what became of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from httpx import Response
from sqlalchemy import select

from api.account.access import SECRET
from benchmarks import office
from benchmarks.metered import add_meter
from billing.metering.deciding import reject
from billing.metering.tables import ReadingState, ReportedReading
from database.engine import reading, transaction
from documents import claims
from documents.originals import chunks_of
from documents.tables import Original
from environment import clock
from tests.api.pictures import picture
from tests.api.portal.conftest import Browser, signed_in
from tests.api.portal.programs import API, program

ADDRESS = "/ebok/odczyt"
METER = "W1234567-1"


@pytest.fixture
def owner(sqlite_database: str) -> Browser:
    """Who is signed in and has one meter, which showed 240 ten days ago, ten cubic metres a month."""
    office.fill_register()
    number = str(office.people()[0]["customer_no"])
    office.open_account(number, "klient@example.com")
    add_meter(number, METER)
    return signed_in(number, "klient@example.com")


def send(owner: Browser, value: str, *, photo: bytes | None = None, **fields: str) -> Response:
    sent = {"wodomierz": METER, "stan": value, "dzien": clock.today().isoformat(), "key": "k1", **fields}
    files = {} if photo is None else {"zdjecie": ("licznik.jpg", photo)}
    answer: Response = owner.client.post(
        ADDRESS, data={"csrf": owner.csrf, **sent}, files=files or None, follow_redirects=False
    )
    return answer


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def kept() -> list[ReportedReading]:
    with reading() as session:
        return list(session.scalars(select(ReportedReading).order_by(ReportedReading.id)))


def test_a_reading_is_confirmed_with_a_number_and_listed_with_what_becomes_of_it(owner: Browser) -> None:
    page = owner.read(ADDRESS)
    assert METER in page and "Czerwonych (za przecinkiem) nie podawaj" in page
    answer = send(owner, "243")
    (row,) = kept()
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ADDRESS}?przyjety={row.number}")
    after = owner.read(answer.headers["location"])
    assert "Mamy Twój odczyt" in after and row.number in after and "przekażemy go do rozliczeń" in after
    assert send(owner, "243").headers["location"] == answer.headers["location"], "sent twice is once"
    assert len(kept()) == 1


def test_a_doubtful_one_is_asked_about_once_and_the_photo_is_chosen_once(owner: Browser) -> None:
    asked = send(owner, "300", photo=picture("JPEG"))
    assert asked.status_code == 422
    assert "To byłoby 60 m³ w 10 dni" in plain(asked.text)
    assert kept() == []
    named = re.search(r'name="zdjecie_mamy" value="([^"]+)"', asked.text)
    confirms = re.search(r'name="potwierdzam" value="([^"]+)"', asked.text)
    assert named and confirms
    other = send(owner, "301", zdjecie_mamy=named[1], potwierdzam=confirms[1])
    assert other.status_code == 422, "what was confirmed was another value"
    answer = send(owner, "300", zdjecie_mamy=named[1], potwierdzam=confirms[1])
    (row,) = kept()
    assert (answer.status_code, row.at) == (303, ReadingState.WAITING)
    assert row.photo_sha256 is not None
    assert b"".join(chunks_of(row.photo_sha256)).startswith(b"\xff\xd8\xff")
    page = owner.read(answer.headers["location"])
    assert "sprawdzi go pracownik biura" in page
    assert "razy więcej niż zwykle" in page and "zawór przy spłuczce" in page
    assert "razy więcej niż zwykle" in owner.read("/ebok/")
    assert "razy więcej niż zwykle" in owner.read("/ebok/zuzycie")


def test_the_likely_slip_is_mended_by_one_button(owner: Browser) -> None:
    asked = send(owner, "243118")
    assert "Miało być 243 m³" in plain(asked.text)
    assert send(owner, "243118", zamiast="243").status_code == 303
    assert [one.value for one in kept()] == [243]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"stan": ""}, "Wpisz czarne cyfry"),
        ({"stan": "243,118"}, "Wpisz tylko czarne cyfry"),
        ({"stan": "dużo"}, "Wpisz same cyfry"),
        ({"stan": "12345678"}, "Wpisz same cyfry"),
        ({"dzien": "wczoraj"}, "Wpisz dzień odczytu"),
        ({"dzien": "2999-01-01"}, "nie nadszedł"),
        ({"wodomierz": "W999"}, "Zaznacz, którego wodomierza"),
    ],
)
def test_what_is_no_reading_is_told_beside_its_field(owner: Browser, fields: dict[str, str], told: str) -> None:
    others = {name: text for name, text in fields.items() if name != "stan"}
    answer = send(owner, fields.get("stan", "243"), **others)
    assert answer.status_code == 422
    assert told in plain(answer.text)
    assert kept() == []


@pytest.mark.parametrize("content", [b"MZ\x90 no picture", picture("PDF"), b""])
def test_a_file_that_is_no_photo_is_refused_beside_its_field_and_kept_nowhere(owner: Browser, content: bytes) -> None:
    answer = send(owner, "243", photo=content)
    assert answer.status_code == 422
    assert 'id="zdjecie-blad"' in answer.text
    with reading() as session:
        assert session.scalar(select(Original.sha256).where(Original.kept_for == claims.READINGS)) is None


def test_a_program_sends_a_photo_first_and_names_it_with_the_reading(owner: Browser) -> None:
    mine, sent = program(owner.number, owner.login), {"meter_no": METER, "value": 300}
    address, secret = f"{API}/readings/photo", {SECRET: mine.secret}
    for content, status in ((b"%PDF-1.7 x", 422), (b"GIF89a", 415)):
        refused = mine.client.post(address, files={"file": ("a.jpg", content)}, headers=secret)
        assert (refused.status_code, refused.json()["problems"][0]["field"]) == (status, "file")
    assert mine.client.post(address, data={"x": "y"}, headers=secret).status_code == 422
    kept_one = mine.client.post(address, files={"file": ("a.jpg", picture("JPEG"))}, headers=secret)
    assert kept_one.status_code == 201
    named = kept_one.json()["photo"]
    assert mine.refused("POST", "/readings", sent | {"photo": named[:-1] + "?"}) == (422, "photo")
    assert mine.refused("POST", "/readings", sent | {"photo": named}) == (409, "value")
    assert mine.send("POST", "/readings", sent | {"photo": named, "confirmed": True}).status_code == 201
    (row,) = kept()
    assert row.photo_sha256 is not None
    assert named.startswith(row.photo_sha256)
    other = str(office.people()[1]["customer_no"])
    office.open_account(other, "inna@example.com")
    add_meter(other, "W7654321-2")
    theirs = {"meter_no": "W7654321-2", "value": 243, "photo": named}
    assert program(other, "inna@example.com").refused("POST", "/readings", theirs) == (422, "photo")


def test_the_photo_of_somebody_else_cannot_be_named(owner: Browser) -> None:
    asked = send(owner, "300", photo=picture("JPEG"))
    named = re.search(r'name="zdjecie_mamy" value="([^"]+)"', asked.text)
    assert named
    number = str(office.people()[1]["customer_no"])
    office.open_account(number, "inny@example.com")
    add_meter(number, "W2")
    other = signed_in(number, "inny@example.com")
    assert send(other, "243", wodomierz="W2", zdjecie_mamy=named[1]).status_code == 303
    assert send(other, "244", wodomierz=METER, key="k2").status_code == 422, "his meters only"
    assert [one.photo_sha256 for one in kept()] == [None]


def test_why_a_reading_was_rejected_is_read_in_the_account(owner: Browser) -> None:
    send(owner, "238", potwierdzam=f"{METER} 238 {clock.today()}")
    (row,) = kept()
    with transaction() as session:
        reject(session, row.number, "clerk:ewa", "Na zdjęciu jest 248.")
    assert "nieprzyjęty: Na zdjęciu jest 248." in plain(owner.read(ADDRESS))


def test_who_has_no_meter_with_us_is_told_so(owner: Browser) -> None:
    number = str(office.people()[2]["customer_no"])
    office.open_account(number, "nowy@example.com")
    assert "Nie znamy jeszcze Twojego wodomierza" in signed_in(number, "nowy@example.com").read(ADDRESS)


def test_of_two_meters_one_is_chosen(owner: Browser) -> None:
    add_meter(owner.number, "W2", last=clock.today() - timedelta(days=5))
    assert send(owner, "243", wodomierz="").status_code == 422
    assert send(owner, "243", wodomierz="W2").status_code == 303

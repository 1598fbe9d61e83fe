"""A fifth form with a new effect is two files: each way in, the desk, the message and taking back follow from them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from access.staff import Role
from api.app import create_app
from confirmations import outbox
from confirmations.recipients import postal_address
from confirmations.tables import Message
from customers.compensation import corrected_by
from customers.records import RegisterLookup
from customers.tables import Change, Customer, RegisterWord
from database.engine import transaction
from documents.loading import load
from documents.states import State
from environment.settings import get_settings
from forms import typesetting
from forms.catalogue import current_forms, form_by_code
from forms.kinds import Value
from review import second_look
from specimens import files
from specimens.paper import print_form
from specimens.scanner import scan
from tests.api.desk.staff import Desk, browser, enter, hire
from tests.further import further, read_again
from tests.journeys.conftest import Office
from tests.journeys.one_database import database  # noqa: F401  takes the place of both kinds

__all__ = ["further"]

SOURCES = Path(__file__).parents[1] / "further_effect"
FILES = ("address_change.py", "effects/change_address.py")
CODE = "address_change"
NEW: dict[str, Value] = {
    "new_street": "Ogrodowa", "new_house": "17", "new_flat": None, "new_postcode": "66-470",
    "new_town": "Kostrzyn nad Odrą",
}  # fmt: skip
MOVED: dict[str, Value] = {name.removeprefix("new_"): value for name, value in NEW.items()}
"""The present address of whoever has moved there."""


@pytest.fixture(autouse=True)
def two_files(further: Path) -> Path:
    """An installation with a form and an effect of its own, and nothing else of them."""
    for name in FILES:
        shutil.copy(SOURCES / name, further / name)
    read_again()
    assert sorted(str(path.relative_to(further)) for path in further.rglob("*.py")) == sorted(FILES)
    assert CODE in [form.code for form in current_forms()]
    return further


def opened(office: Office) -> TestClient:
    """The application of that installation, to which the office sends from now on."""
    office.api = TestClient(create_app(), base_url="http://ebok.example")
    return office.api


def address_of(office: Office, person: int = 0) -> list[str]:
    """The lines below the name on an envelope to that customer."""
    with transaction() as session:
        found = RegisterLookup(session).find(office.people[person]["customer_no"])
    assert found is not None
    return postal_address(found).splitlines()[1:]


def scanned(office: Office, **written: Value) -> bytes:
    values = office.values(CODE, 0, **{**NEW, **written})
    return files.tiff(scan(print_form(form_by_code(CODE), values), "gray200", 6))


def in_garden_street() -> int:
    """How many customers the index of the register has in Ogrodowa."""
    wanted = select(RegisterWord.count).where(RegisterWord.field == "street", RegisterWord.word == "OGRODOWA")
    with transaction() as session:
        return session.scalar(wanted) or 0


def messages() -> list[tuple[str, str]]:
    with transaction() as session:
        return [(one.template, one.state) for one in session.scalars(select(Message).order_by(Message.id))]


def test_it_comes_by_json_changes_the_register_and_is_told_once(office: Office) -> None:
    before, neighbours = address_of(office), in_garden_street()
    opened(office)
    tracking = office.send(CODE, office.values(CODE, 0, **NEW))
    office.work()
    assert office.state(tracking) is State.CONFIRMED
    assert address_of(office) == ["Ogrodowa 17", "66-470 Kostrzyn nad Odrą"] != before
    assert in_garden_street() == neighbours + 1, "found by his new street, too"
    with transaction() as session:
        mover = session.get_one(Customer, office.people[0]["customer_no"])
        assert mover.address_key == "ogrodowa 17 66-470"
    assert messages() == [("address_changed", "sent")]
    (mail,) = office.mailbox.mails
    body = mail.get_body(("plain",))
    assert body is not None and "na nowy adres" in body.get_content()
    assert "Ogrodowa" not in body.get_content() and "Nowa miejscowość" not in body.get_content()
    again = office.send(CODE, office.values(CODE, 0, **MOVED, **NEW))
    office.work()
    assert office.state(again) is State.CONFIRMED
    assert [template for template, _ in messages()] == ["address_changed", "already_done"]


def test_it_is_read_from_paper_and_a_misread_address_is_taken_back_and_done_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "1")
    get_settings.cache_clear()
    before, neighbours = address_of(office), in_garden_street()
    office.drop("adres.tif", scanned(office))
    office.work()
    (document,) = office.documents()
    assert (document["form"], document["state"]) == (CODE, "confirmed"), document
    assert address_of(office)[0] == "Ogrodowa 17"
    tracking = document["tracking"]
    with transaction() as session:
        second_look.claim(session, tracking, "ewa")
        compared = second_look.compared_fields(session, load(session, tracking))
        values = {**{name: reading.value for name, reading in compared.items()}, "new_house": "19"}
        second_look.finish(session, tracking, "ewa", values)
    assert (address_of(office), in_garden_street()) == (before, neighbours)
    office.work()
    outbox.deliver(transaction)
    assert address_of(office) == ["Ogrodowa 19", "66-470 Kostrzyn nad Odrą"]
    with transaction() as session:
        anew = corrected_by(session, tracking)
        outcomes = dict(session.execute(select(Change.tracking, Change.outcome)).tuples().all())
    assert anew is not None
    assert outcomes == {tracking: "compensated", anew: "done"}
    assert "correction" in dict(messages())


def test_a_letter_in_free_words_that_asks_for_it_comes_to_the_desk_as_that_form(office: Office) -> None:
    person = office.people[0]
    written = (
        f"{person['name']}, nr klienta {person['customer_no']}",
        "Proszę o zmianę adresu do korespondencji. Nowy adres: ul. Ogrodowa 17, 66-470 Kostrzyn nad Odrą.",
    )
    unrelated = (written[0], "Proszę o podanie adresu, pod którym mogę odebrać korespondencję. Dziękuję.")

    def draw(canvas: Canvas, lines: Sequence[str]) -> None:
        for at, line in enumerate(lines):
            canvas.setFont(typesetting.REGULAR, 10)
            canvas.drawString(60, 740 - 30 * at, line)

    office.drop("list.pdf", files.drawn(lambda canvas: draw(canvas, written)))
    office.drop("pytanie.pdf", files.drawn(lambda canvas: draw(canvas, unrelated)))
    office.work()
    assert {document["form"]: document["state"] for document in office.documents()} == {
        CODE: "in_review",
        None: "in_review",
    }


def test_it_is_filled_in_on_the_page_and_can_be_had_as_a_blank(office: Office) -> None:
    page = opened(office)
    page.headers["Accept"] = "text/html"
    assert f"/formularze/{CODE}" in page.get("/").text
    asked = page.get(f"/formularze/{CODE}").text
    assert "Nr domu (nowy adres)" in asked
    at = re.search(rf'action="(/formularze/{CODE}/[^"/]+)"', asked)
    assert at is not None
    typed = {name: str(value) for name, value in office.values(CODE, 0, **NEW).items() if value and name != "signature"}
    page.post(at[1], data={**typed, "dalej": "sprawdz"})
    last_look = page.get(f"{at[1]}/sprawdz").text
    assert "Ogrodowa" in last_look
    revision = re.search(r'name="wersja" value="(\d+)"', last_look)
    assert revision is not None
    sent = page.post(f"{at[1]}/sprawdz", data={"wersja": revision[1]})
    assert sent.status_code == 200 and "Zmiana adresu do korespondencji" in read(sent.text)
    office.work()
    assert [document["state"] for document in office.documents()] == ["confirmed"]
    assert address_of(office)[0] == "Ogrodowa 17"
    assert page.get(f"/do-pobrania/{CODE}.pdf").content.startswith(b"%PDF")


def test_a_clerk_sees_its_reason_may_reject_for_it_and_may_overrule_it(office: Office) -> None:
    opened(office)
    first = office.send(CODE, office.values(CODE, 0, **NEW))
    office.work()
    second = office.send(CODE, office.values(CODE, 0, **MOVED, **{**NEW, "new_house": "19"}))
    office.work()
    assert [office.state(one) for one in (first, second)] == [State.CONFIRMED, State.IN_REVIEW]
    hire("ola", Role.CLERK)
    desk = Desk(browser())
    enter(desk.browser, "ola")
    assert "Adres zmieniony niedawno" in read(desk.browser.get("/biuro/").text)
    page = taken(desk, second)
    assert "Adres był zmieniany w ostatnim miesiącu." in read(page) and 'value="address_changed_lately"' in page
    assert 'name="papier_od"' not in page, "no day is agreed for this effect"
    refusal = desk.browser.get(f"/biuro/sprawy/{second}/odrzucenie").text
    assert set(re.findall(r'name="powod_odrzucenia" value="(\w+)"', refusal)) == {
        "missing_signature", "incomplete", "not_authorised", "address_changed_lately", "received_before_last",
        "signed_before_last", "other",
    }  # fmt: skip
    shown = desk.post(
        f"/biuro/sprawy/{second}/odrzucenie",
        widziano=field_of(refusal, "widziano"),
        co="pokaz",
        powod_odrzucenia="address_changed_lately",
    )
    assert "Adres do korespondencji zmieniliśmy już w ostatnim miesiącu." in read(shown.text)
    decided = desk.post(
        f"/biuro/sprawy/{second}", widziano=field_of(page, "widziano"), co="zatwierdz", mimo="address_changed_lately"
    )
    assert (decided.status_code, office.state(second)) == (200, State.READY)
    office.work()
    assert address_of(office)[0] == "Ogrodowa 19"


def read(page: str) -> str:
    """A page as somebody reads it, whatever keeps its words together."""
    return page.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def taken(desk: Desk, tracking: str) -> str:
    desk.post(f"/biuro/sprawy/{tracking}/zajmij")
    return desk.browser.get(f"/biuro/sprawy/{tracking}").text

"""Paper that a machine must not decide on: in at the folder, settled by a clerk at the desk, out as a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from fastapi.testclient import TestClient

from access.passwords import hashed
from access.staff import Role, add_staff, set_password
from benchmarks.page_forms import fields_of
from database.engine import transaction
from environment import clock
from forms.catalogue import form_by_code
from forms.kinds import Value
from specimens import files
from specimens.letters import request_letter
from specimens.paper import handwrite_form
from specimens.scanner import scan
from tests.application import application
from tests.journeys.conftest import Office
from tests.journeys.one_database import ON_POSTGRESQL

CODE = "einvoice_acceptance"
PASSWORD = "drewniana łyżka pod stołem"


@pytest.fixture
def clerk(office: Office) -> Iterator[TestClient]:
    """A browser in which a clerk has signed in on the page for it."""
    kept = hashed(PASSWORD)
    with transaction() as session:
        add_staff(session, "ewa", "Ewa Kwiatek", Role.CLERK, kept)
        set_password(session, "ewa", kept, must_change=False)
    with TestClient(application(), base_url="http://ebok.example", headers={"Accept": "text/html"}) as browser:
        sign_in = fields_of(browser.get("/biuro/").text, "/biuro/logowanie")
        browser.post("/biuro/logowanie", data={**sign_in, "login": "ewa", "haslo": PASSWORD})
        yield browser


def settle_next(clerk: TestClient, values: Mapping[str, Value]) -> str:
    """Take the next document, set right what the page asks for, approve; what the page said before that."""
    queue = clerk.get("/biuro/")
    page = clerk.post("/biuro/nastepny", data=fields_of(queue.text, "/biuro/nastepny"))
    action = page.url.path
    sent = fields_of(page.text, action)
    boxes = sent.get("kratki", [])
    for name, value in values.items():
        if name in boxes:
            sent[f"pole.{name}"] = ["tak"] if value else []
        elif f"pole.{name}" in sent:
            sent[f"pole.{name}"] = [str(value or "")]
    settled = clerk.post(action, data={**sent, "co": "zatwierdz"}, follow_redirects=False)
    assert settled.status_code == 303, settled.text
    return page.text


@ON_POSTGRESQL
def test_forms_and_letters_that_wait_are_settled_at_the_desk_and_their_customers_are_told(
    office: Office, clerk: TestClient
) -> None:
    by_hand = office.values(CODE, 0)
    strange = {**by_hand, "customer_no": office.people[1]["customer_no"]}
    office.drop("skan.pdf", files.image_pdf(scan(handwrite_form(form_by_code(CODE), strange, 1), "gray300", 1)))
    office.work()
    letter = request_letter(CODE, office.people[2], 4, clock.today())
    office.drop("pismo.pdf", files.image_pdf(scan(letter.pdf, "gray200", 2)))
    office.work()
    first, second = office.documents()
    assert [first["state"], second["state"]] == ["in_review", "in_review"]
    assert office.mailbox.mails == []

    shown = settle_next(clerk, by_hand)
    assert by_hand["name"] in shown, "the customer whose name is on the paper is proposed"
    in_words = office.values(CODE, 2, email=letter.values["email"], date_signed=letter.values["date_signed"])
    settle_next(clerk, in_words)
    assert [office.state(one["tracking"]) for one in (first, second)] == ["ready", "ready"]

    office.work()
    assert [office.state(one["tracking"]) for one in (first, second)] == ["confirmed", "confirmed"]
    for person, values, document in ((0, by_hand, first), (2, in_words, second)):
        (consent,) = office.row(person)["consents"]
        assert (consent["tracking"], consent["email"]) == (document["tracking"], values["email"])
        (mail,) = office.mails_to(str(values["email"]))
        assert office.delivery(person).channel == "paper"
        office.follow_link(mail)
        assert (office.delivery(person).channel, office.delivery(person).email) == ("email", values["email"])
    assert office.row(1)["consents"] == []
    (told,) = [one for one in office.documents() if one["tracking"] == first["tracking"]]
    corrected = [entry for entry in told["audit"] if entry["action"] == "corrected"]
    assert {entry["actor"] for entry in corrected} == {"clerk:ewa"}
    assert [step["actor"] for step in told["states"] if step["to"] == "ready"] == ["clerk:ewa"]

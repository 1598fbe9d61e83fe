"""Each form by each way in ends in the right row of the register and exactly one message.

Each form meets both kinds of database, and so does each way in.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from database.engine import reading
from environment import clock
from forms.catalogue import current_forms, form_by_code
from forms.fillable import draw_fillable
from forms.kinds import Value
from forms.terms import in_force
from portal.visits import own_visits
from specimens import files
from specimens.paper import print_form
from specimens.scanner import scan
from tests.journeys.conftest import Office, tomorrow

FORMS = ("ebok_signup", "einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal")
VISITS = ("meter_service", "tank_collection", "treatment_plant_emptying")


def fillable_in_folder(office: Office, code: str, values: dict[str, Value]) -> None:
    office.drop("Formularz (1).pdf", draw_fillable(form_by_code(code), values))


def printed_scan_in_folder(office: Office, code: str, values: dict[str, Value]) -> None:
    office.drop("SKAN0001.tif", files.tiff(scan(print_form(form_by_code(code), values), "gray200", 3)))


def upload(office: Office, code: str, values: dict[str, Value]) -> None:
    office.upload("zdjęcie.jpg", files.jpeg(scan(print_form(form_by_code(code), values), "gray300", 4)[0]))


def json(office: Office, code: str, values: dict[str, Value]) -> None:
    office.send(code, values)


WAYS = (fillable_in_folder, printed_scan_in_folder, upload, json)
KINDS = ("sqlite", "postgresql")


def by_each_way(code: str) -> pytest.MarkDecorator:
    """In turn on one kind of database and on the other; the form before and the one after have them the other way."""
    first = FORMS.index(code)
    cases = [pytest.param(way, KINDS[(first + place) % 2], id=way.__name__) for place, way in enumerate(WAYS)]
    return pytest.mark.parametrize(("way", "database"), cases, indirect=["database"])


def test_the_forms_under_test_are_all_forms() -> None:
    assert {form.code for form in current_forms()} == {*FORMS, *VISITS}


@by_each_way("ebok_signup")
def test_a_sign_up_opens_an_account_that_its_link_activates(
    office: Office, way: Callable[[Office, str, dict[str, Value]], None]
) -> None:
    values = office.values("ebok_signup", notify_sms=True, notify_email=False)
    way(office, "ebok_signup", values)
    office.work()
    (document,) = office.documents()
    assert document["state"] == "confirmed", document
    account = office.row()["account"]
    assert (account["state"], account["login"]) == ("pending", values["email"])
    assert (account["notify_sms"], account["notify_email"]) == (True, False)
    (mail,) = office.mailbox.mails
    assert mail["To"] == values["email"]
    office.follow_link(mail)
    assert office.row()["account"]["state"] == "active"


@by_each_way("einvoice_acceptance")
def test_an_acceptance_is_kept_with_its_proof_and_paper_stops_when_the_address_is_proven(
    office: Office, way: Callable[[Office, str, dict[str, Value]], None]
) -> None:
    values = office.values("einvoice_acceptance")
    way(office, "einvoice_acceptance", values)
    office.work()
    (document,) = office.documents()
    assert document["state"] == "confirmed", document
    (consent,) = office.row()["consents"]
    assert (consent["form"], consent["form_version"]) == ("einvoice_acceptance", "2")
    assert consent["terms_version"] == in_force("einvoice", clock.today()).version
    assert (consent["signed_on"], consent["tracking"]) == (values["date_signed"], document["tracking"])
    assert consent["original_sha256"]
    assert office.delivery().channel == "paper"
    (mail,) = office.mailbox.mails
    assert mail["To"] == values["email"]
    office.follow_link(mail)
    assert (office.delivery().channel, office.delivery().email) == ("email", values["email"])


@by_each_way("einvoice_email_change")
def test_an_address_changes_when_the_new_one_is_proven_and_the_old_one_is_told(
    office: Office, way: Callable[[Office, str, dict[str, Value]], None]
) -> None:
    old = office.on_einvoice()
    values = office.values("einvoice_email_change", email_current=old, email_new="nowy.adres@example.com")
    way(office, "einvoice_email_change", values)
    office.work()
    assert office.documents()[-1]["state"] == "confirmed"
    assert office.delivery().email == old
    assert sorted(mail["To"] for mail in office.mailbox.mails) == sorted([old, "nowy.adres@example.com"])
    office.follow_link(office.mails_to("nowy.adres@example.com")[0])
    assert office.delivery().email == "nowy.adres@example.com"


@by_each_way("einvoice_withdrawal")
def test_after_a_withdrawal_invoices_are_paper_from_the_next_day(
    office: Office, way: Callable[[Office, str, dict[str, Value]], None]
) -> None:
    old = office.on_einvoice()
    values = office.values("einvoice_withdrawal", email_current=None)
    way(office, "einvoice_withdrawal", values)
    office.work()
    assert office.documents()[-1]["state"] == "confirmed"
    assert office.delivery().channel == "email"
    assert office.delivery(day=tomorrow()).channel == "paper"
    (mail,) = office.mailbox.mails
    assert mail["To"] == old


@pytest.mark.parametrize(
    ("code", "way", "database"),
    [*zip(VISITS, (printed_scan_in_folder, fillable_in_folder, json), (*KINDS, KINDS[0]), strict=True)],
    ids=VISITS,
    indirect=["database"],
)
def test_a_request_for_a_visit_is_opened_with_what_was_wished_and_its_customer_is_told(
    office: Office, code: str, way: Callable[[Office, str, dict[str, Value]], None]
) -> None:
    values = office.values(code)
    way(office, code, values)
    office.work()
    (document,) = office.documents()
    assert document["state"] == "confirmed", document
    with reading() as session:
        (visit,) = own_visits(session, office.people[0]["customer_no"])
    assert (visit.state, str(visit.wished_on), visit.form) == ("asked", values["wished_on"], code)
    (mail,) = office.mailbox.mails
    assert "Przyjęliśmy wniosek" in mail["Subject"]

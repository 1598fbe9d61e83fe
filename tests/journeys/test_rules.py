"""The rules of law and practice, walked from paper to register."""

from __future__ import annotations

from customers.importing import import_customers
from customers.records import CustomerRecord
from database.engine import transaction
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.kinds import Value
from specimens import files
from specimens.paper import print_form
from specimens.scanner import Scan, scan
from tests.journeys.conftest import Office
from tests.journeys.one_database import ON_POSTGRESQL, ON_SQLITE


def paper(code: str, values: dict[str, Value], seed: int = 1) -> list[Scan]:
    return scan(print_form(form_by_code(code), values), "gray200", seed)


def last(office: Office) -> tuple[str, str | None]:
    story = office.documents()[-1]
    return story["state"], story["reason_code"]


@ON_SQLITE
def test_paper_without_a_signature_changes_nothing_and_the_customer_is_asked_to_sign(office: Office) -> None:
    values = office.values("einvoice_acceptance", signature=False)
    office.drop("skan.pdf", files.image_pdf(paper("einvoice_acceptance", values)))
    office.work()
    assert last(office) == ("rejected", "missing_signature")
    assert office.row()["consents"] == []
    (mail,) = office.mailbox.mails
    assert "podpis" in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


@ON_SQLITE
def test_the_same_bytes_again_are_a_duplicate_that_names_the_first_and_writes_to_nobody(office: Office) -> None:
    data = files.image_pdf(paper("einvoice_acceptance", office.values("einvoice_acceptance")))
    office.drop("skan.pdf", data)
    office.work()
    office.drop("skan ponownie.pdf", data)
    office.work()
    first, second = office.documents()
    assert (second["state"], second["duplicate_of"]) == ("duplicate", first["tracking"])
    assert len(office.mailbox.mails) == 1


@ON_POSTGRESQL
def test_the_same_paper_scanned_again_has_no_second_effect_and_is_answered_as_done(office: Office) -> None:
    values = office.values("einvoice_acceptance")
    office.drop("skan.pdf", files.image_pdf(paper("einvoice_acceptance", values, 1)))
    office.work()
    before = office.row()
    office.drop("skan2.pdf", files.image_pdf(paper("einvoice_acceptance", values, 2)))
    office.work()
    assert office.documents()[-1]["state"] == "duplicate"
    assert office.row() == before
    assert len(office.mailbox.mails) == 2


@ON_SQLITE
def test_data_that_contradict_the_register_are_for_a_human(office: Office) -> None:
    for changed in ({"name": "Zenon Nieznany"}, {"pesel": "44051401359"}, {"house": "999"}):
        office.send("einvoice_acceptance", office.values("einvoice_acceptance", **changed))
        office.work()
        state, reason = last(office)
        assert state == "in_review"
        assert str(reason).startswith("mismatch_")
    assert office.row()["consents"] == []
    assert office.mailbox.mails == []


@ON_POSTGRESQL
def test_a_change_or_a_withdrawal_without_an_acceptance_waits_for_a_human_with_the_reason(office: Office) -> None:
    for code in ("einvoice_email_change", "einvoice_withdrawal"):
        office.send(code, office.values(code, email_current="kto.wie@example.com"))
        office.work()
        assert last(office) == ("in_review", "no_active_consent")
    assert office.mailbox.mails == []


def test_acceptance_withdrawal_and_acceptance_again_each_take_effect(office: Office) -> None:
    office.on_einvoice()
    office.send("einvoice_withdrawal", office.values("einvoice_withdrawal", email_current=None))
    office.work()
    office.mailbox.mails.clear()
    office.send("einvoice_acceptance", office.values("einvoice_acceptance"))
    office.work()
    assert office.documents()[-1]["state"] == "confirmed"
    office.follow_link(office.mailbox.mails[0])
    assert office.delivery().channel == "email"
    assert len(office.row()["consents"]) == 2


@ON_POSTGRESQL
def test_a_customer_without_email_is_answered_by_a_letter(office: Office) -> None:
    values = office.values("einvoice_acceptance", 1, signature=False)
    known = {name: value or None for name, value in office.people[1].items()}
    with transaction() as session:
        import_customers(session, [CustomerRecord(**{**known, "email": None})])  # type: ignore[arg-type]
    office.drop("skan.pdf", files.image_pdf(paper("einvoice_acceptance", values)))
    office.work()
    assert last(office) == ("rejected", "missing_signature")
    assert len(office.letters()) == 1
    assert office.mailbox.mails == []


@ON_POSTGRESQL
def test_one_scan_of_several_forms_with_blank_backs_strangers_and_a_turned_page_is_taken_apart(office: Office) -> None:
    office.on_einvoice(2)
    pages = [
        *paper("ebok_signup", office.values("ebok_signup", 0)),
        *scan(files.blank_page(), "gray200", 1),
        *map(files.upside_down, paper("einvoice_acceptance", office.values("einvoice_acceptance", 1))),
        *scan(files.letter(3, letterhead=True), "gray200", 2),
        *scan(files.envelope(), "gray200", 3),
        *paper("einvoice_withdrawal", office.values("einvoice_withdrawal", 2, email_current=None)),
    ]
    before = len(office.documents())
    office.drop("batch.pdf", files.image_pdf(pages))
    office.work()
    found = office.documents()[before:]
    assert sorted((story["pages"][0], story["form"], story["state"], story["reason_code"]) for story in found) == [
        (1, "ebok_signup", "confirmed", None),
        (3, "einvoice_acceptance", "confirmed", None),
        (4, None, "in_review", "letter_in_batch"),
        (6, "einvoice_withdrawal", "confirmed", None),
    ]
    assert len(office.mailbox.mails) == 3
    assert len({story["tracking"] for story in found}) == 4
    went = {one["page"] for one in found[0]["file_pages"] if one["tracking"] is None}
    assert went == {2, 5}


@ON_SQLITE
def test_a_stranger_alone_waits_for_a_human(office: Office) -> None:
    office.drop("letter.pdf", files.image_pdf(scan(files.letter(5), "gray200", 2)))
    office.work()
    assert last(office) == ("in_review", "unknown_form")


@ON_SQLITE
def test_the_message_to_an_unproven_address_names_nobody(office: Office) -> None:
    values = office.values("einvoice_acceptance")
    office.drop("f.pdf", draw_fillable(form_by_code("einvoice_acceptance"), values))
    office.work()
    (mail,) = office.mailbox.mails
    text = mail.as_string() + "".join(
        str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"
    )
    for name in ("customer_no", "pesel"):
        assert str(values[name]) not in text
    assert not any(word in text for word in str(values["name"]).split())

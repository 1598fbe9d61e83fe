"""What a customer is told of his invoices once the company is in KSeF: the table of cases, and what is made of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select, update

from confirmations.composing import compose_proof
from confirmations.rendering import as_text, render
from confirmations.tables import Medium, Message
from customers.ksef import CASES, InvoiceForm, Party, Sent, case_of, gets_pictures, in_ksef, party_of
from customers.links import link_of_case
from customers.proving import prove
from customers.tables import Customer
from database.engine import reading, transaction
from environment.clock import today
from forms.catalogue import current_forms, form_by_code
from forms.wording import ksef_line, ksef_note
from tests.cli.samples import run
from tests.confirmations.conftest import set_settings  # noqa: F401  a fixture
from tests.confirmations.samples import process
from tests.customers.samples import FIRM, JAN, register, submission

SetSettings = Callable[..., None]
DAY = date(2027, 1, 1)
MAIL = "nowa@example.com"


@pytest.mark.parametrize(("party", "in_system", "accepted"), CASES)
def test_each_case_is_what_the_law_and_the_company_say(party: Party, in_system: bool, accepted: bool) -> None:
    case = CASES[party, in_system, accepted]
    business = party is not Party.PERSON
    assert case.is_picture is (business and in_system), "only a NIP, and only from the day on"
    assert ("e-mailem" in case.sent) is accepted, "the acceptance always decides the way"
    assert ("forma" in case.decides) is not case.is_picture, "and the form only where the invoice is not in KSeF"
    if not case.is_picture:
        assert case.form is (InvoiceForm.ELECTRONIC if accepted else InvoiceForm.PAPER)


def test_the_table_has_every_case_and_the_guide_tells_it() -> None:
    assert set(CASES) == {(party, day, yes) for party in Party for day in (False, True) for yes in (False, True)}
    guide = (Path(__file__).parents[2] / "docs" / "administrator.md").read_text(encoding="utf-8")
    for (party, in_system, accepted), case in CASES.items():
        line = (party, "od dnia" if in_system else "przed", "tak" if accepted else "nie", case.form, case.sent)
        assert f"| {' | '.join(line)} | {case.decides} |" in guide, line


def test_the_register_tells_who_it_is(database: str, set_settings: SetSettings) -> None:  # noqa: F811
    register()
    set_settings(ksef_from=DAY)
    assert (in_ksef(DAY - timedelta(days=1)), in_ksef(DAY)) == (False, True)
    assert party_of("Wspólnota Mieszkaniowa Lipowa 3", "7740001454") is Party.COMMUNITY
    assert party_of("SPÓŁDZIELNIA CELULOZA", "7740001454") is Party.COMMUNITY
    assert (party_of(FIRM.name, FIRM.nip), party_of(JAN.name, JAN.nip)) == (Party.COMPANY, Party.PERSON)
    with reading() as session:
        for day, sent in ((DAY - timedelta(days=1), Sent.INVOICE_BY_EMAIL), (DAY, Sent.PICTURE_BY_EMAIL)):
            assert case_of(session, FIRM.customer_no, day, accepted=True).sent is sent
            assert case_of(session, JAN.customer_no, day, accepted=True).sent is Sent.INVOICE_BY_EMAIL
        assert case_of(session, "99999999", DAY, accepted=False).sent is Sent.INVOICE_ON_PAPER


def told(tracking: str) -> str:
    """All that the messages of a case say."""
    with reading() as session:
        found = session.scalars(select(Message).where(Message.tracking == tracking).order_by(Message.id))
        contents = [render(one.template, one.context, Medium(one.channel)) for one in found]
    return " ".join("\n".join(f"{one.subject}\n{as_text(one)}" for one in contents).split())


@pytest.mark.parametrize("since", [None, timedelta(days=1), timedelta()], ids=["never", "tomorrow", "today"])
def test_a_company_in_ksef_is_told_of_pictures_and_nobody_else_is(
    sqlite_database: str,
    set_settings: SetSettings,  # noqa: F811
    since: timedelta | None,
) -> None:
    register()
    if since is not None:
        set_settings(ksef_from=today() + since)
    for customer, tracking in ((FIRM, "AAAA-AAA1"), (JAN, "AAAA-AAA2")):
        outcome = process(submission("einvoice_acceptance", customer, email=MAIL), tracking)
        assert outcome.proof_token is not None
        with reading() as session:
            link = link_of_case(session, tracking)
        pictures = customer is FIRM and since == timedelta()
        assert link is not None and link.pictures is pictures
        with transaction() as session:
            compose_proof(session, prove(session, outcome.proof_token))
        process(submission("einvoice_withdrawal", customer), f"{tracking[:-1]}{int(tracking[-1]) + 4}")
        text = told(tracking) + told(f"{tracking[:-1]}{int(tracking[-1]) + 4}")
        assert ("KSeF" in text) is pictures and ("Wizualizacje faktur będą przychodzić e-mailem" in text) is pictures
        assert ("Wracamy do faktur papierowych" in text) is not pictures, "a KSeF invoice never is a paper one"


def test_forms_about_invoices_say_it_with_its_day_and_others_do_not(
    home: Path,
    set_settings: SetSettings,  # noqa: F811
) -> None:
    assert [ksef_note(form) for form in current_forms()] == [None] * len(current_forms())
    set_settings(ksef_from=DAY)
    told_by = {form.code for form in current_forms() if ksef_note(form)}
    assert told_by == {"einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal"}
    note = ksef_note(form_by_code("einvoice_acceptance")) or ""
    line = ksef_line(form_by_code("einvoice_withdrawal")) or ""
    assert "01.01.2027" in line and "KSeF" in line
    assert "01.01.2027" in note and "wizualizacje" in note and "nic się nie zmienia" in note


def test_companies_with_an_acceptance_are_listed_to_be_written_to(
    sqlite_database: str,
    set_settings: SetSettings,  # noqa: F811
    tmp_path: Path,
) -> None:
    register()
    for customer, tracking in ((FIRM, "AAAA-AAA1"), (JAN, "AAAA-AAA2")):
        process(submission("einvoice_acceptance", customer, email=MAIL), tracking)
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == FIRM.customer_no).values(name="=Firma"))
        assert not gets_pictures(session, FIRM.customer_no)
    target = tmp_path / "firmy.csv"
    done = run("customers", "company-consents", target)
    assert done.returncode == 0 and "ze zgodą: 1." in done.stdout
    (row,) = csv.DictReader(StringIO(target.read_text(encoding="utf-8-sig")), delimiter=";")
    assert (row["NIP"], row["nazwa"], row["obowiązuje od"]) == (FIRM.nip, "'=Firma", "adres niepotwierdzony")
    assert target.stat().st_mode & 0o777 == 0o600 and run("customers", "company-consents", target).returncode == 1

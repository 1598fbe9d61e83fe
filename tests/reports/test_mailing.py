"""The report goes once to each named in the settings, names nobody, and is tried again where it did not leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import pytest

from benchmarks import office
from confirmations.channels.interface import DeliveryError
from database.engine import reading, transaction
from documents.states import State
from environment.settings import get_settings
from reports.mailing import send
from reports.model import Report
from reports.report import report
from reports.span import day_of
from tests.confirmations.conftest import Mailbox
from tests.reports.papers import at, paper

DAY = day_of(date(2026, 7, 1))
BOSS, DEPUTY = "szef@example.com", "zastepca@example.com"


@pytest.fixture
def made(database: str, set_settings: Callable[..., None]) -> Report:
    """The report of a day on which one paper was rejected, with a customer to be phoned."""
    set_settings(report_recipients=f"{BOSS}, {DEPUTY},{BOSS}", proof_days=0)
    office.fill_register()
    office.worked_off(office.online("einvoice_acceptance", 1))
    with transaction() as session:
        nine = at("2026-07-01 09:00")
        paper(session, (nine, State.RECEIVED), (nine, State.REJECTED, "machine", "missing_signature"))
    with reading() as session:
        return report(session, DAY)


class Words(HTMLParser):
    """The words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip())


def test_everybody_gets_it_once_as_html_and_as_text(made: Report, mailbox: Mailbox) -> None:
    assert (send(made, DAY), send(made, DAY)) == (2, 0)
    assert [str(mail["To"]) for mail in mailbox.mails] == [BOSS, DEPUTY]
    mail = mailbox.mails[0]
    assert mail["Subject"] == "Raport: śr. 01.07.2026" and mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    for told in (plain.get_content(), " ".join(Words(html.get_content()).found)):
        assert "Brak własnoręcznego podpisu" in told and "Do zadzwonienia" in told
        unlooked = "W ostatnich 28 dniach nikt nie porównał z obrazem niczego, co program wpisał sam."
        assert told.count(unlooked) == 1, "in the part on what is tolerated, which has no table then"
        assert "Dopuszczalnych jest 1. Nic." not in " ".join(told.split())
    assert "/biuro/raport?od=2026-07-01&amp;do=2026-07-01" in html.get_content()


def test_it_names_no_customer(made: Report, mailbox: Mailbox) -> None:
    send(made, DAY)
    person = office.people()[1]
    for part in mailbox.mails[0].iter_parts():
        told = part.get_content()  # type: ignore[attr-defined]
        assert not [name for name in ("name", "email", "phone", "customer_no", "pesel") if str(person[name]) in told]  # type: ignore[literal-required]


def test_what_surely_did_not_leave_is_sent_by_the_next_try(made: Report, mailbox: Mailbox) -> None:
    mailbox.at_recipient = "451 later"
    with pytest.raises(DeliveryError) as refused:
        send(made, DAY)
    assert BOSS not in str(refused.value)
    mailbox.at_recipient = "250 OK"
    assert send(made, DAY) == 2


def test_what_may_have_left_is_not_sent_again(made: Report, mailbox: Mailbox) -> None:
    mailbox.at_content = "hang up"
    assert send(made, DAY) == 0
    mailbox.at_content = "250 OK"
    assert send(made, DAY) == 0


def test_without_a_mail_server_it_becomes_a_file(made: Report) -> None:
    assert send(made, DAY) == 2
    assert len(list(get_settings().outgoing.glob("raport-2026-07-01-*.eml"))) == 2


@pytest.mark.parametrize("typed", ["szef", "a@b, c", "a b@c", "a@b;c@d e"])
def test_addresses_that_are_none_are_told_at_the_start(set_settings: Callable[..., None], typed: str) -> None:
    set_settings(report_recipients=typed)
    with pytest.raises(ValueError, match="report_recipients"):
        get_settings()

"""Each invoice goes once: by e-mail to who accepted that on its day, else on paper; what does not arrive is printed."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pytest
from pdfplumber import open as open_pdf
from sqlalchemy import select, update

from audit.tables import AuditEntry
from billing.dispatch_tables import DeliveredInvoice
from billing.dispatched import DeliveryState, how_went
from billing.dispatching import Decided, decide, foreseen
from billing.importing import import_delivery
from billing.invoice_message import account_of, amount_of
from billing.printing import print_due
from billing.sources import FolderSource
from billing.tables import TABLES
from confirmations.outbox import deliver, due, enqueue
from confirmations.restored import hold_back
from confirmations.settling import close
from confirmations.tables import Medium, Message, MessageState
from customers.register import deliveries_on, delivery_on
from customers.tables import Customer
from database.engine import Session, reading, transaction
from documents.originals import store_bytes
from environment.clock import now
from environment.settings import get_settings
from flows.message_sending import _deliver_due
from integrity.checking import no_original
from integrity.differences import Scope
from integrity.invoices import COMPARISONS
from notices.judging import judge
from review.messages import close_message, send_again
from review.queue import Clerk
from tests.billing.delivered import BEFORE, FIRST, SetSettings, accepts, decided, emails, invoices
from tests.billing.deliveries import edited
from tests.cli.samples import run
from tests.confirmations.conftest import Mailbox
from tests.confirmations.recorder import Killed, Recorder
from tests.confirmations.samples import let_time_pass
from tests.stored import original_path

ISSUED = date(2026, 10, 31)
DAY = timedelta(days=1)
ONE, OTHER = "jan@example.com", "anna@example.com"


def state_of(number: str) -> DeliveryState:
    with reading() as session:
        return how_went(session, [number])[number].state


def message_of(number: str) -> Message:
    with reading() as session:
        return session.scalars(select(Message).where(Message.key == f"invoice:{number}")).one()


def pdf_of(mail: EmailMessage) -> bytes:
    (attached,) = mail.iter_attachments()
    content = attached.get_content()
    assert isinstance(content, bytes)
    return content


def test_what_waits_to_leave_says_what_billing_says_by_now(october_here: Path, set_settings: SetSettings) -> None:
    one, other, third = invoices(october_here)
    accepts(one["customer_no"], (ONE, BEFORE))
    accepts(other["customer_no"], (OTHER, BEFORE))
    assert decided(set_settings) == (2, 1)

    def mended(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["invoice_no"] == one["invoice_no"]:
                row["due_on"] = "2026-12-24"
            if row["invoice_no"] == other["invoice_no"]:
                row["customer_no"] = third["customer_no"]

    import_delivery(FolderSource(edited(october_here, "invoices", mended)), "machine")
    assert decide() == Decided(0, 0)
    assert message_of(other["invoice_no"]).state == MessageState.CLOSED
    assert [done.state for done in deliver(channels=Recorder(), judge=judge)] == [MessageState.SENT]
    assert message_of(one["invoice_no"]).context["due_on"] == "2026-12-24"
    (printed,) = print_due("test")
    assert printed.invoices == 2
    listed = printed.listed.read_text(encoding="utf-8-sig")
    assert f"{other['invoice_no']};faktura;{third['customer_no']};" in listed
    assert "e-mail nie dotarł" not in listed, "this customer was never to get one"
    with reading() as session:
        assert not how_went(session, [other["invoice_no"]])[other["invoice_no"]].bounced


@pytest.mark.parametrize("before", ["waits", "paper", "came back", "left", "printed"])
def test_an_invoice_that_moves_goes_once_and_the_way_its_owner_chose(
    october_here: Path, set_settings: SetSettings, before: str
) -> None:
    one, other, _ = invoices(october_here)
    number = one["invoice_no"]
    accepts(other["customer_no"], (OTHER, BEFORE))
    if before not in ("paper", "printed"):
        accepts(one["customer_no"], (ONE, BEFORE))
    decided(set_settings)
    if before == "printed":
        print_due("test")
    if before in ("came back", "left"):
        with transaction() as session:
            state = MessageState.BOUNCED if before == "came back" else MessageState.SENT
            session.execute(update(Message).where(Message.key == f"invoice:{number}").values(state=state.value))

    def moves(to: str) -> None:
        def moved(rows: list[dict[str, str]]) -> None:
            for row in rows:
                if row["invoice_no"] == number:
                    row["customer_no"] = to

        import_delivery(FolderSource(edited(october_here, "invoices", moved)), "machine")
        decide()

    moves(other["customer_no"])
    followed = before not in ("left", "printed")
    assert list(emails().values()).count(OTHER) == (2 if followed else 1)
    assert ONE not in emails().values() or before == "left"
    with reading() as session:
        assert session.get_one(DeliveredInvoice, number).customer_no == (other if followed else one)["customer_no"]
    scope = Scope(no_original)
    assert not [one for comparison in COMPARISONS for one in comparison.differences(scope)]
    if followed:
        message = message_of(number)
        assert (message.customer_no, message.context["customer_no"]) == (other["customer_no"],) * 2
        assert state_of(number) is DeliveryState.QUEUED
        assert number not in {row for printed in print_due("test") for row in printed.listed.read_text().split(";")}
        moves(one["customer_no"])
        assert (ONE in emails().values()) is (before != "paper"), "and back, as he would have got it"


def test_the_day_of_the_invoice_decides(october: Path, set_settings: SetSettings) -> None:
    one, other, third = invoices(october)
    day = date.fromisoformat(one["issued_on"])
    accepts(one["customer_no"], (OTHER, day - 5 * DAY), (ONE, day), until=day)
    accepts(other["customer_no"], (ONE, None), since=None)
    accepts(third["customer_no"], (ONE, day + DAY), since=day + DAY)
    accepts(third["customer_no"], (OTHER, day - 9 * DAY), since=day - 9 * DAY, until=day - DAY)
    assert decided(set_settings) == (1, 2)
    assert emails() == {one["invoice_no"]: ONE}, "the address proven by then; no link used, and one day late: paper"
    with reading() as session:
        for on, email in ((day - DAY, OTHER), (day, ONE), (day + DAY, None)):
            assert delivery_on(session, one["customer_no"], on).email == email


def test_nothing_goes_before_the_first_day_nor_twice(october: Path, set_settings: SetSettings) -> None:
    one = invoices(october)[0]
    accepts(one["customer_no"], (ONE, ISSUED - 9 * DAY))
    assert (decide().emails, foreseen().papers) == (0, 0), "no first day is set"
    set_settings(invoice_delivery_from="2026-11-02")
    assert decide().papers == 0
    set_settings(invoice_delivery_from=FIRST)
    assert (foreseen().emails, foreseen().papers) == (1, 2)
    assert (decide().emails, decide().papers) == (1, 0), "the second time nothing is left to decide"
    accepts(invoices(october)[1]["customer_no"], (OTHER, ISSUED - 9 * DAY))
    assert (decide().emails, len(emails())) == (0, 1), "past days stay as they were"


def test_the_mail_tells_what_to_pay_where_and_has_the_picture(
    october_here: Path, set_settings: SetSettings, mailbox: Mailbox
) -> None:
    row, other, _ = invoices(october_here)
    for one, address in ((row, ONE), (other, OTHER)):
        accepts(one["customer_no"], (address, ISSUED - 9 * DAY))
    decided(set_settings)
    assert {one.state for one in _deliver_due("run")} == {MessageState.SENT}
    mail = next(mail for mail in mailbox.mails if mail["To"] == ONE)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    account = next(line for line in text.splitlines() if line.startswith("Rachunek"))
    assert row["invoice_no"] in text and row["customer_no"] in text and len(account.split(":")[1].split()) == 7
    assert f"{row['gross']}\N{NO-BREAK SPACE}zł" in text and "sprawy" not in text.lower()
    assert pdf_of(mail) == (october_here / row["pdf"]).read_bytes()
    assert state_of(row["invoice_no"]) is DeliveryState.SENT
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2


def test_behind_the_sign_in_a_mail_has_a_link_and_no_picture(
    october_here: Path, set_settings: SetSettings, mailbox: Mailbox
) -> None:
    accepts(invoices(october_here)[0]["customer_no"], (ONE, ISSUED - 9 * DAY))
    decided(set_settings, invoice_by_email="link", public_url="https://ebok.example")
    deliver()
    (mail,) = mailbox.mails
    assert not list(mail.iter_attachments())
    assert "https://ebok.example/ebok/faktury" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_who_is_killed_sends_nothing_twice_and_shows_what_may_have_left(
    october: Path, set_settings: SetSettings
) -> None:
    for row in invoices(october):
        accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY), tracking=row["invoice_no"][-12:])
    assert decided(set_settings) == (3, 0)
    killed = Recorder(after=Killed())
    with pytest.raises(Killed):
        deliver(channels=killed)
    let_time_pass()
    going_on = Recorder()
    deliver(channels=going_on)
    assert len(killed.sent) == 1 and len(going_on.sent) == 2 and not set(killed.sent) & set(going_on.sent)
    assert state_of(killed.sent[0].removeprefix("invoice:")) is DeliveryState.UNCERTAIN


def test_a_decision_and_its_message_are_written_together(
    october_here: Path, set_settings: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for row in invoices(october_here):
        accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY), tracking=row["invoice_no"][-12:])
    set_settings(invoice_delivery_from=FIRST)
    count = {"left": 2}

    def dying(*args: object, **options: object) -> bool:
        count["left"] -= 1
        if count["left"] == 0:
            raise Killed
        return enqueue(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr("billing.dispatching.enqueue", dying)
        with pytest.raises(Killed):
            decide()
    assert not emails()
    assert decide().emails == len(emails()) == 3


def test_of_two_who_decide_at_once_the_first_one_counts(
    october_here: Path, set_settings: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = invoices(october_here)[0]
    accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY))

    def late(session: Session, wanted: object, *, to_send: bool) -> object:
        told = {"invoice_no": row["invoice_no"], "customer_no": row["customer_no"], "issued_on": ISSUED}
        session.add(DeliveredInvoice(**told, decided_at=now(), message_key=None, uncertain=False))
        session.flush()
        return deliveries_on(session, wanted, to_send=to_send)  # type: ignore[arg-type]

    monkeypatch.setattr("billing.dispatching.deliveries_on", late)
    assert decided(set_settings) == (0, 2) and emails() == {}
    assert state_of(row["invoice_no"]) is DeliveryState.TO_PRINT


def test_without_a_mail_server_each_is_a_file_of_its_own(october_here: Path, set_settings: SetSettings) -> None:
    for row in invoices(october_here):
        accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY), tracking=row["invoice_no"][-12:])
    decided(set_settings)
    deliver()
    assert len(list(get_settings().outgoing.glob("invoice-*.eml"))) == 3


def test_messages_of_cases_leave_before_a_month_of_invoices(october_here: Path, set_settings: SetSettings) -> None:
    for row in invoices(october_here):
        accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY), tracking=row["invoice_no"][-12:])
    decided(set_settings)
    with transaction() as session:
        for key in ("a", "b"):
            context = {"tracking": "K7M4-PX9R", "link": "https://x", "valid_until": "2026-12-01", "proven": False}
            enqueue(
                session,
                key=key,
                tracking="K7M4-PX9R",
                channel=Medium.EMAIL,
                recipient=OTHER,
                template="einvoice_link",
                context=context,
            )
        assert due(session, limit=3)[:2] == ["a", "b"] and len(due(session)) == 5


def test_a_picture_that_cannot_be_read_now_is_tried_again(october_here: Path, set_settings: SetSettings) -> None:
    row = invoices(october_here)[0]
    accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY))
    decided(set_settings)
    original_path(row["pdf_sha256"]).unlink()
    (done,) = deliver()
    assert (done.state, done.error) == (MessageState.PENDING, "attachment_unreadable")
    assert store_bytes((october_here / row["pdf"]).read_bytes()).sha256 == row["pdf_sha256"]
    let_time_pass()
    assert deliver()[0].state is MessageState.SENT


def test_a_clerk_decides_on_an_invoice_as_on_any_message(october_here: Path, set_settings: SetSettings) -> None:
    row = invoices(october_here)[0]
    accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY))
    decided(set_settings)
    clerk, key = Clerk("anna", frozenset()), f"invoice:{row['invoice_no']}"
    with transaction() as session:
        session.execute(update(Message).values(state="uncertain", last_error="interrupted: Przerwano w trakcie."))
    with transaction() as session:
        send_again(session, key, clerk)
    assert message_of(row["invoice_no"]).state == "pending"
    with transaction() as session:
        session.execute(update(Message).values(state="failed"))
    assert state_of(row["invoice_no"]) is DeliveryState.TO_PRINT
    with transaction() as session:
        close_message(session, key, clerk, "klient woli papier")
    assert state_of(row["invoice_no"]) is DeliveryState.TO_PRINT
    with reading() as session:
        noted = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == key))
        assert set(noted) == {"message_sent_again", "message_closed"}


def test_after_a_restore_what_may_have_left_waits_for_a_human(october_here: Path, set_settings: SetSettings) -> None:
    row = invoices(october_here)[0]
    accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY))
    with transaction() as session:
        hold_back(session, at=now(), backup_at=now() - DAY)
    assert decided(set_settings) == (1, 2)
    assert state_of(row["invoice_no"]) is DeliveryState.UNCERTAIN and deliver() == []
    with reading() as session:
        papers = select(DeliveredInvoice.uncertain).where(DeliveredInvoice.message_key.is_(None))
        assert set(session.scalars(papers)) == {True}


def test_the_commands_tell_how_an_invoice_went(october_here: Path, set_settings: SetSettings) -> None:
    row, other, _ = invoices(october_here)
    accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY))
    assert run("billing", "deliver").returncode == 1
    set_settings(invoice_delivery_from=FIRST)
    assert "nie przez eBOK" in run("billing", "invoice", row["invoice_no"]).stdout
    dry = run("billing", "deliver", "--dry-run").stdout
    assert "E-mailem poszłoby faktur: 1, do druku: 2." in dry and not emails()
    done = run("billing", "deliver").stdout
    assert "Faktur do wysłania e-mailem: 1." in done and "Wydruk nr 1, faktur: 2." in done
    assert "Nie ma nowych faktur do druku." in run("billing", "deliver").stdout
    assert "e-mail czeka na wysłanie" in run("billing", "invoice", row["invoice_no"]).stdout
    deliver()
    (shown,) = json.loads(run("billing", "show", row["customer_no"], "--json").stdout)["invoices"]
    assert shown["delivery"]["state"] == "sent" and datetime.fromisoformat(shown["delivery"]["at"])
    assert "na papierze, wydruk nr 1" in run("billing", "invoice", other["invoice_no"]).stdout
    told_of = json.loads(run("billing", "invoice", other["invoice_no"], "--json").stdout)["delivery"]
    assert (told_of["state"], told_of["print_run"], told_of["bounced"]) == ("printed", 1, False)


def test_amounts_and_accounts_are_written_as_people_read_them() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert amount_of(Decimal("1234.50")) == f"1{space}234,50{space}zł"
    assert amount_of(Decimal("-3.00")) == f"\N{MINUS SIGN}3,00{space}zł"
    assert account_of("61109010140000071219812874") == "61 1090 1014 0000 0712 1981 2874".replace(" ", space)


def test_closing_an_uncertain_one_sends_it_to_the_printer(october_here: Path, set_settings: SetSettings) -> None:
    row = invoices(october_here)[0]
    accepts(row["customer_no"], (ONE, ISSUED - 9 * DAY))
    decided(set_settings)
    with transaction() as session:
        session.execute(update(Message).values(state="uncertain", last_error="interrupted: Przerwano w trakcie."))
    assert state_of(row["invoice_no"]) is DeliveryState.UNCERTAIN
    with transaction() as session:
        assert close(session, f"invoice:{row['invoice_no']}", "klient jej nie dostał")
    assert state_of(row["invoice_no"]) is DeliveryState.TO_PRINT


def test_to_a_company_in_ksef_goes_the_picture_of_its_invoice(
    october_here: Path, set_settings: SetSettings, mailbox: Mailbox
) -> None:
    firm, person, third = invoices(october_here)
    for row, address in ((firm, ONE), (person, OTHER)):
        accepts(row["customer_no"], (address, ISSUED - 9 * DAY))
    for nip, rows in (("1234563218", (firm, third)), (None, (person,))):
        with transaction() as session:
            whose = Customer.customer_no.in_([row["customer_no"] for row in rows])
            session.execute(update(Customer).where(whose).values(nip=nip))
    with transaction() as session:
        number = "1234563218-20261031-0123456789AB-CD"
        session.execute(update(TABLES["invoices"]).values(ksef_no=number))
    decided(set_settings, ksef_from=firm["issued_on"])
    deliver()
    texts = {mail["To"]: mail.get_body(("plain",)).get_content() for mail in mailbox.mails}  # type: ignore[union-attr]
    assert "wizualizacja" in texts[ONE] and "Numer w KSeF: 1234563218-20261031-0123456789AB-CD" in texts[ONE]
    assert "wizualizacja" not in texts[OTHER] and "Jest w załączniku" in texts[OTHER]
    (printed,) = print_due("machine")
    with open_pdf(printed.pages[0]) as pdf:
        assert "Wizualizacja faktury z KSeF" in pdf.pages[0].extract_text()
    shown = run("billing", "invoice", firm["invoice_no"]).stdout
    assert "faktura w KSeF; co wysyłamy: wizualizacja e-mailem; zgoda decyduje: dostarczenie i cena" in shown
    assert third["invoice_no"] in printed.listed.read_text(encoding="utf-8-sig")

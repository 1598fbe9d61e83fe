"""Each way in which a message can end, at the desk in a real browser, with a real mail server and a real mailbox.

The clerk's part is done by clicking; what the machine does beside it, by the functions that its sweep calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from benchmarks import office
from benchmarks.live import PHONE, WIDE
from confirmations import outbox
from confirmations.bounce_polling import look_into_mailbox
from confirmations.tables import Message, ReturnedMailbox, Sending
from database.engine import transaction
from documents import loading
from documents.states import State
from environment.clock import now
from flows.message_sending import confirm
from tests.browser.conftest import Axe, SignedIn
from tests.confirmations.conftest import Mailbox, mailbox, set_settings
from tests.confirmations.reports import dsn
from tests.confirmations.samples import let_time_pass
from tests.imap import ImapServer, running_imap

__all__ = ["mailbox", "set_settings"]

RIGHT = "wlasciwy@example.com"


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    """A running IMAP server."""
    with running_imap() as started:
        yield started


@pytest.fixture
def imap(
    server: ImapServer,
    site: str,
    mailbox: Mailbox,
    tmp_path: Path,
    set_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> ImapServer:
    """An office that sends by the mail server and reads what comes back from the mailbox."""
    server.empty()
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    set_settings(**server.settings(tmp_path))
    return server


def _work(tracking: str) -> None:
    """What the sweep does: read the mailbox, send what is due, confirm the document."""
    with transaction() as session:
        session.execute(update(ReturnedMailbox).values(next_look_at=now() - timedelta(seconds=1)))
    look_into_mailbox()
    outbox.deliver(transaction, tracking)
    confirm(tracking)


def _comes_back(imap: ImapServer, tracking: str, status: str, said: str) -> None:
    with transaction() as session:
        token = session.scalars(
            select(Sending.return_token)
            .join(Message, Message.id == Sending.message_id)
            .where(Message.tracking == tracking)
            .order_by(Sending.id.desc())
        ).first()
    imap.put(dsn(status, said, to=f"zwroty+{token}@mzk.example"))
    _work(tracking)


def _accepted(person: int = 0) -> str:
    """An acceptance of e-invoices whose link has left."""
    tracking = office.online("einvoice_acceptance", person)
    office.worked_off(tracking)
    return tracking


def _state(tracking: str) -> State:
    with transaction() as session:
        return loading.load(session, tracking).at


def _way(page: Page) -> str:
    text = page.locator("section", has=page.get_by_role("heading", name="Co wysłaliśmy")).inner_text()
    return re.sub(r"\s+", " ", text)


def _link(box: Mailbox, address: str) -> str:
    body = [mail for mail in box.mails if mail["To"] == address][-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"/potwierdzenie/\S+", body.get_content())
    assert found is not None
    return found[0]


def _call(page: Page, tracking: str, person: int = 0, *, answer: str | None = None, email: str = RIGHT) -> None:
    """The clerk asks who is on the telephone and types the address that he tells."""
    row = office.people()[person]
    if not page.get_by_label("Numer klienta").is_visible():
        page.get_by_text("Popraw adres z klientem przy telefonie").first.click()
    page.get_by_label("Numer klienta").fill(row["customer_no"])
    page.get_by_label("O co pytasz").select_option("pesel")
    page.get_by_label("Odpowiedź klienta").fill(row["pesel"][-4:] if answer is None else answer)
    page.get_by_label("Właściwy adres e-mail").fill(email)
    page.get_by_role("button", name=re.compile(f"Popraw adres i wyślij.*{tracking}")).click()


def test_sent_accepted_opened_and_proven_is_told_step_by_step(
    imap: ImapServer, mailbox: Mailbox, signed_in: SignedIn, page: Page, axe: Axe
) -> None:
    mailbox.at_content = "250 2.0.0 OK: queued as 4F1C2A0B3D for <somebody@example.com>"
    tracking = _accepted()
    assert _state(tracking) is State.CONFIRMED
    desk = signed_in("ewa")
    desk.goto(f"/biuro/sprawy/{tracking}/historia")
    told = _way(desk)
    assert "napisano" in told and "wysłano" in told
    assert "serwer poczty przyjął 250 2.0.0 OK: queued as 4F1C2A0B3D for …" in told
    assert "otwarto" not in told and "somebody" not in told
    axe(desk)
    link = _link(mailbox, str(office.values("einvoice_acceptance")["email"]))
    page.goto(link)
    desk.reload()
    expect(desk.get_by_text("otwarto odnośnik")).to_be_visible()
    assert "Klient albo program, który sprawdza jego pocztę." in _way(desk)
    assert "adres potwierdzony" not in _way(desk)
    page.get_by_role("button", name="Potwierdzam").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Faktury będą przychodzić")
    desk.reload()
    assert "adres potwierdzony" in _way(desk)
    axe(desk)


@pytest.mark.parametrize("width", [PHONE[0], WIDE[0]])
def test_bounced_hard_and_corrected_with_the_customer_on_the_telephone(
    imap: ImapServer, mailbox: Mailbox, signed_in: SignedIn, page: Page, axe: Axe, width: int
) -> None:
    tracking = _accepted()
    old = _link(mailbox, str(office.values("einvoice_acceptance")["email"]))
    _comes_back(imap, tracking, "5.1.1", "550 5.1.1 User unknown")
    desk = signed_in("ewa", width=width, script=width == WIDE[0])
    desk.goto("/biuro/do-wyjasnienia")
    expect(desk.get_by_text("Takiego adresu nie ma. Zapytaj klienta o właściwy adres.")).to_be_visible()
    axe(desk)
    _call(desk, tracking, answer="0000" if not office.people()[0]["pesel"].endswith("0000") else "1111")
    expect(desk.get_by_role("alert")).to_contain_text("się nie zgadza")
    expect(desk.get_by_label("Właściwy adres e-mail")).to_have_value(RIGHT)
    expect(desk.get_by_label("Odpowiedź klienta")).to_have_value("")
    axe(desk)
    _call(desk, tracking, email="to nie adres")
    expect(desk.get_by_label("Właściwy adres e-mail")).to_have_attribute("aria-invalid", "true")
    _call(desk, tracking)
    expect(desk.get_by_role("status")).to_contain_text("Adres jest poprawiony")
    expect(desk.get_by_text("Nic nie czeka na wyjaśnienie")).to_be_visible()
    _work(tracking)
    page.goto(old)
    expect(page.get_by_role("main")).to_contain_text("poprawiono w biurze")
    page.goto(_link(mailbox, RIGHT))
    page.get_by_role("button", name="Potwierdzam").click()
    desk.goto(f"/biuro/sprawy/{tracking}/historia")
    told = _way(desk)
    assert "wróciła" in told and "Adres poprawiono w biurze" in told and "adres potwierdzony" in told
    expect(desk.get_by_text("poprawienie adresu z klientem przy telefonie")).to_have_count(1)
    axe(desk)


def test_bounced_soft_and_delivered_later_needs_nobody(imap: ImapServer, mailbox: Mailbox, signed_in: SignedIn) -> None:
    tracking = _accepted()
    _comes_back(imap, tracking, "5.2.2", "552 5.2.2 Quota exceeded")
    desk = signed_in("ewa")
    desk.goto("/biuro/do-wyjasnienia")
    expect(desk.get_by_text("Skrzynka klienta jest pełna.")).to_be_visible()
    expect(desk.get_by_text("Program próbuje dalej")).to_be_visible()
    let_time_pass()
    _work(tracking)
    desk.reload()
    expect(desk.get_by_text("Nic nie czeka na wyjaśnienie")).to_be_visible()
    desk.goto(f"/biuro/sprawy/{tracking}/historia")
    assert _way(desk).count("serwer poczty przyjął") == 2 and "wróciła" in _way(desk)


def test_refused_by_the_server_and_printed_as_a_letter_with_the_number_of_the_case(
    imap: ImapServer, mailbox: Mailbox, signed_in: SignedIn, home: Path, axe: Axe
) -> None:
    mailbox.at_recipient = "550 5.1.1 no such user"
    tracking = _accepted()
    assert _state(tracking) is State.APPLIED
    desk = signed_in("ewa")
    desk.goto(f"/biuro/sprawy/{tracking}/historia")
    expect(desk.get_by_text("Serwer poczty odrzucił adres odbiorcy (kod 550).").first).to_be_visible()
    desk.get_by_role("button", name="Wydrukuj list z numerem sprawy").click()
    expect(desk.get_by_role("status")).to_contain_text("List jest gotowy do druku")
    _work(tracking)
    assert _state(tracking) is State.CONFIRMED
    assert len(list((home / "outgoing" / "letters").glob(f"{tracking}*.pdf"))) == 1
    desk.reload()
    assert "przygotowano list" in _way(desk)
    axe(desk)


def test_uncertain_and_found_out_by_the_clerk_or_sent_again(
    imap: ImapServer, mailbox: Mailbox, signed_in: SignedIn
) -> None:
    mailbox.at_content = "hang up"
    first, second = _accepted(0), _accepted(1)
    mailbox.at_content = "250 OK"
    desk = signed_in("ewa")
    desk.goto("/biuro/do-wyjasnienia")
    expect(desk.get_by_text("Nie wiadomo, czy doszła")).to_have_count(2)
    desk.get_by_role("button", name=re.compile(f"Klient ją dostał.*{first}")).click()
    expect(desk.get_by_role("status")).to_contain_text("oznaczona jako wysłana")
    assert _state(first) is State.CONFIRMED
    desk.get_by_role("button", name=re.compile(f"Wyślij jeszcze raz.*{second}")).click()
    expect(desk.get_by_role("status")).to_contain_text("wysłana jeszcze raz")
    before = len(mailbox.mails)
    _work(second)
    assert (_state(second), len(mailbox.mails)) == (State.CONFIRMED, before + 1)


def test_refused_as_spam_and_closed_with_a_reason(imap: ImapServer, mailbox: Mailbox, signed_in: SignedIn) -> None:
    tracking = _accepted()
    _comes_back(imap, tracking, "5.7.1", "554 5.7.1 Message rejected as spam")
    desk = signed_in("ewa")
    desk.goto(f"/biuro/sprawy/{tracking}/historia")
    expect(desk.get_by_text("uznał wiadomość za niechcianą (spam)").first).to_be_visible()
    desk.locator("summary", has_text="Zamknij bez wiadomości").click()
    close = desk.get_by_role("button", name="Zamknij bez wiadomości")
    close.click()
    expect(desk.get_by_role("alert")).to_contain_text("Napisz, dlaczego")
    desk.get_by_label("Dlaczego klient nie dostanie tej wiadomości").fill("Powiedziano mu przez telefon.")
    close.click()
    expect(desk.get_by_role("status")).to_contain_text("zamknięta")
    assert "Powód: Powiedziano mu przez telefon." in _way(desk)


def test_a_mailbox_that_cannot_be_read_is_told_at_the_desk(
    imap: ImapServer, set_settings: Callable[..., None], signed_in: SignedIn, axe: Axe
) -> None:
    set_settings(bounces_imap_port=1)
    look_into_mailbox()
    desk = signed_in("ewa")
    desk.goto("/biuro/do-wyjasnienia")
    expect(desk.get_by_text("Nie wiadomo, które wiadomości wróciły.")).to_be_visible()
    axe(desk)

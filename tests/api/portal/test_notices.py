"""A customer chooses what he is told and how, proves his telephone, and switches off from a message."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from audit.tables import AuditEntry
from confirmations.tables import Message
from customers.tables import Account
from database.engine import reading, transaction
from notices.choices import Switch, Switches, switches_of
from notices.kinds import LABELS, NoticeKind
from notices.tables import NoticeChoice, NoticePhone
from notices.unsubscribing import PATH, token_for
from portal.closing import close_account
from tests.api.portal.conftest import Browser, stranger
from tests.notices.conftest import Told, proven

PAGE = "/ebok/powiadomienia"


def account_of(one: Browser) -> Account:
    with reading() as session:
        return session.scalars(select(Account).where(Account.customer_no == one.number)).one()


def switches(one: Browser) -> Switches:
    with reading() as session:
        account = session.scalars(select(Account).where(Account.customer_no == one.number)).one()
        return switches_of(session, [account])[account.id]


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="([a-z_]+-(?:sms|email))" value="tak" checked', page))


def test_what_the_sign_up_form_said_is_where_it_begins(accounts: tuple[Browser, Browser]) -> None:
    me, _ = accounts
    assert ticked(me.read(PAGE)) == set()
    with transaction() as session:
        session.execute(update(Account).where(Account.customer_no == me.number).values(notify_email=True))
    agreed = {"new_invoice-email", "date_near-email", "date_passed-email"}
    assert ticked(me.read(PAGE)) == agreed, "the form speaks of invoices and payment dates only"


def test_what_is_saved_holds_for_him_alone(accounts: tuple[Browser, Browser]) -> None:
    me, other = accounts
    answer = me.post(PAGE, **{"outage-sms": "tak", "date_near-email": "tak", "days": "7", "leak-fax": "tak"})
    assert answer.headers["location"] == f"{PAGE}?zrobione=zapisane"
    page = me.read(f"{PAGE}?zrobione=zapisane")
    assert ticked(page) == {"outage-sms", "date_near-email"}
    assert "Zapisane." in page and '<option value="7" selected>' in page and "nie przychodzą" in page
    assert switches(me)[NoticeKind.DATE_NEAR] == Switch(by_sms=False, by_email=True, days=7)
    assert me.post(PAGE, days="12345").status_code == 303
    assert switches(me)[NoticeKind.DATE_NEAR] == Switch(by_sms=False, by_email=False, days=3)
    assert not any(one.by_sms or one.by_email for one in switches(other).values())
    with reading() as session:
        done = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "notices_chosen")).all()
    assert set(done) == {f"customer:{me.number}"}


def test_a_telephone_is_proven_by_the_code_that_was_sent_there(accounts: tuple[Browser, Browser]) -> None:
    me, _ = accounts
    refused = me.post(f"{PAGE}/telefon", phone="95 727 96 51")
    assert refused.status_code == 422 and 'id="phone-blad"' in refused.text
    assert me.client.get(f"{PAGE}/telefon", follow_redirects=False).headers["location"] == PAGE
    assert me.post(f"{PAGE}/telefon", phone="+48 600 999 888").headers["location"] == f"{PAGE}/telefon"
    assert "600 999 888" in me.read(f"{PAGE}/telefon")
    with reading() as session:
        code = session.scalars(select(Message).where(Message.template == "phone_code")).one().context["code"]
    wrong = me.post(f"{PAGE}/telefon/kod", code="12")
    assert wrong.status_code == 422 and "się nie zgadza" in wrong.text.replace("\N{NO-BREAK SPACE}", " ")
    assert me.post(f"{PAGE}/telefon/kod", code=code).headers["location"] == f"{PAGE}?zrobione=numer"
    page = me.read(PAGE)
    assert "600999888" in page and "potwierdzony" in page
    for _ in range(2):
        me.post(f"{PAGE}/telefon", phone="600999777")
    assert me.post(f"{PAGE}/telefon", phone="600999777").status_code == 429


def test_closing_the_account_takes_choices_and_telephone_with_it(accounts: tuple[Browser, Browser]) -> None:
    me, _ = accounts
    me.post(PAGE, **{"leak-email": "tak"})
    proven(Told(me.number, me.login, "600700800", ""), "600700800")
    with transaction() as session:
        assert session.query(NoticeChoice).count() == len(LABELS)
        close_account(session, me.number, account_of(me).created_at.date())
        assert session.query(NoticeChoice).count() == session.query(NoticePhone).count() == 0


def test_a_link_switches_off_by_its_button_and_not_by_being_opened(accounts: tuple[Browser, Browser]) -> None:
    me, _ = accounts
    me.post(PAGE, **{f"{kind}-{medium}": "tak" for kind in LABELS for medium in ("sms", "email")})
    address = f"{PATH}/{token_for(account_of(me).id, NoticeKind.OUTAGE)}"
    opened = stranger().get(address)
    assert opened.status_code == 200 and opened.text.count("<button") == 1
    assert all(one.by_email for one in switches(me).values())
    pressed = stranger().post(address)
    assert pressed.status_code == 200 and "Wyłączone" in pressed.text
    assert {kind for kind, one in switches(me).items() if not one.by_email} == {NoticeKind.OUTAGE}
    (others,) = re.findall(rf'href="({PATH}/[^"]+)"', opened.text)
    assert stranger().get(others).text.count("<button") == 1
    stranger().post(others)
    assert not any(one.by_email for one in switches(me).values())
    assert all(one.by_sms for one in switches(me).values())


def test_a_mail_program_does_the_same_by_one_click(accounts: tuple[Browser, Browser]) -> None:
    """RFC 8058: no cookie, no page before, a body that says so; from anywhere."""
    me, _ = accounts
    me.post(PAGE, **{"leak-email": "tak"})
    program = stranger()
    program.headers["Accept"] = "*/*"
    address = f"{PATH}/{token_for(account_of(me).id, NoticeKind.LEAK)}"
    for _ in range(2):
        assert program.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert switches(me)[NoticeKind.LEAK].by_email is False
    with reading() as session:
        done = session.scalars(select(AuditEntry).where(AuditEntry.action == "notices_switched_off")).all()
    assert {one.subject for one in done} == {f"customer:{me.number}"}


def test_a_made_up_link_and_one_of_a_closed_account_do_nothing(accounts: tuple[Browser, Browser]) -> None:
    me, _ = accounts
    for token in ("1.outage.0000", "nic", token_for(account_of(me).id, None)[:-1]):
        assert stranger().get(f"{PATH}/{token}").status_code == 404
        assert stranger().post(f"{PATH}/{token}").status_code == 404
    assert stranger().post(f"{PATH}/{token_for(987654, None)}").status_code == 200, "nobody learns who has an account"

"""What belongs to the account itself, as JSON: notices, numbers, authority, Regulamin, whose it is, ways in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from api import answer_time
from api.account.access import SECRET
from audit.tables import AuditEntry
from benchmarks import office
from billing.statement import invoices_of
from confirmations.tables import Message
from customers.tables import Account, Customer, TermsAnswer
from database.engine import reading, transaction
from environment import clock
from environment.settings import get_settings
from forms.terms import in_force
from portal.numbers import ASKED_FOR
from tests.api.portal.programs import API, Program, caller, program
from tests.identity_provider import CLIENT_ID

NOTICES, VOUCHING = "/notices", "/vouching"
PROVEN = {"password": office.PASSWORD}


@pytest.fixture
def accounts(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Program, Program]:
    """Two customers with bills, each with a program."""
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    made = office.billed_accounts(2, months=2)
    return program(*made[0]), program(*made[1])


@pytest.fixture
def me(accounts: tuple[Program, Program]) -> Program:
    return accounts[0]


def context_of(template: str) -> dict[str, str]:
    """What stands in the last message of that sort."""
    with reading() as session:
        found = select(Message).where(Message.template == template).order_by(Message.id.desc())
        return dict(session.scalars(found).first().context)  # type: ignore[union-attr]


def audited() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_each_kind_of_notice_is_switched_alone_and_the_page_shows_the_same(me: Program) -> None:
    told = me.get(NOTICES)
    assert not any(one["by_sms"] or one["by_email"] for one in told["notices"])
    assert (told["email"], told["phone"], told["days_offered"]) == (me.login, None, sorted(get_settings().notice_days))
    near = {"by_sms": False, "by_email": True, "days": max(told["days_offered"])}
    assert me.send("PUT", f"{NOTICES}/kinds/date_near", near).status_code == 204
    assert me.send("PUT", f"{NOTICES}/kinds/date_near", near | {"days": None, "by_sms": True}).status_code == 204
    (row,) = [one for one in me.get(NOTICES)["notices"] if one["by_email"]]
    assert (row["kind"], row["by_sms"], row["days"]) == ("date_near", True, near["days"])
    page = me.client.get("/ebok/powiadomienia", headers={"Accept": "text/html"}).text
    assert 'name="date_near-sms" value="tak" checked' in page
    assert me.refused("PUT", f"{NOTICES}/kinds/date_near", near | {"days": 12345}) == (422, "days")
    assert me.refused("PUT", f"{NOTICES}/kinds/leak", near) == (422, "days")
    assert me.refused("PUT", f"{NOTICES}/kinds/restored", near) == (422, "kind"), "it is switched with another one"
    assert audited().count("notices_chosen") == 2


def test_a_telephone_is_proven_by_the_code(me: Program) -> None:
    phone, code = f"{NOTICES}/phone", f"{NOTICES}/phone/code"
    assert me.refused("POST", phone, {"phone": "95 727 96 51"}) == (422, "phone")
    assert me.send("POST", phone, {"phone": "+48 600 999 888"}).json() == {"phone": "600999888"}
    assert (me.get(NOTICES)["phone"], me.get(NOTICES)["waiting_phone"]) == (None, "600999888")
    assert me.refused("POST", code, {"code": "12"}) == (422, "code")
    assert me.send("POST", code, {"code": context_of("phone_code")["code"]}).status_code == 204
    assert (me.get(NOTICES)["phone"], me.get(NOTICES)["waiting_phone"]) == ("600999888", None)
    for _ in range(2):
        assert me.send("POST", phone, {"phone": "600999777"}).status_code == 202
    refused = me.send("POST", phone, {"phone": "600999777"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")


def test_a_further_number_joins_waits_or_is_refused_as_on_the_page(
    accounts: tuple[Program, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_NUMBERS_PER_DAY", "3")
    get_settings.cache_clear()
    me, other = accounts
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == other.number).values(email=me.login))
        right = {name: str(getattr(session.get_one(Customer, other.number), name)) for name in ASKED_FOR}
    assert me.refused("POST", "/customers", right | {"postcode": "nic"}) == (422, "postcode")
    taken = me.send("POST", "/customers", right)
    unknown = me.send("POST", "/customers", right | {"customer_no": "99999999"})
    assert (taken.status_code, taken.text) == (unknown.status_code, unknown.text) == (202, '{"state":"waits"}')
    assert {one["customer_no"] for one in me.get("/customers/waiting")} == {other.number, "99999999"}
    assert me.send("POST", "/customers/removal", {"customer_no": "99999999"}).status_code == 204
    assert me.refused("POST", "/customers/removal", {"customer_no": me.number}) == (404, None), "the account's first"
    assert other.send("POST", "/closing", PROVEN).status_code == 204
    assert me.send("POST", "/customers", right).json() == {"state": "joined"}
    assert me.get("/customers/waiting") == []
    assert [one["customer_no"] for one in me.get("/customers")] == [me.number, other.number]
    assert me.send("POST", "/customers", right).status_code == 429
    assert me.send("POST", "/customers/removal", {"customer_no": other.number}).status_code == 204
    assert len(me.get("/customers")) == 1


def test_authority_is_given_with_the_password_looked_at_taken_up_and_given_back(
    accounts: tuple[Program, Program],
) -> None:
    agent, giver = accounts
    wanted = {"email": agent.login, "scope": "act", "until": str(clock.today() + timedelta(days=20)), **PROVEN}
    assert giver.refused("POST", "/authorities", wanted | {"password": "nie to"}) == (422, "password")
    assert giver.refused("POST", "/authorities", wanted | {"email": "nic"}) == (422, "email")
    assert giver.refused("POST", "/authorities", wanted | {"email": giver.login}) == (422, "email")
    assert giver.refused("POST", "/authorities", wanted | {"until": "2199-01-01"}) == (422, "until")
    given = giver.send("POST", "/authorities", wanted)
    assert (given.status_code, given.json()["email"], given.json()["taken_up"]) == (201, agent.login, None)
    link = {"token": context_of("authority_invitation")["link"].rpartition("/")[2]}
    assert giver.refused("POST", "/invitation", link) == (403, None), "sent to somebody else"
    offered = agent.send("POST", "/invitation", link).json()
    assert (offered["customer_no"], offered["scope"], offered["until"]) == (giver.number, "act", wanted["until"])
    assert len(agent.get("/customers")) == 1, "looking changes nothing"
    seen = agent.send("POST", "/invitation/acceptance", link).json()
    assert (seen["customer_no"], agent.get("/session")["csrf_token"]) == (giver.number, seen["csrf_token"])
    assert agent.refused("POST", "/invitation", link) == (404, None)
    acting = Program(agent.number, agent.login, agent.client, seen["csrf_token"])
    assert acting.refused("POST", "/authorities", wanted) == (403, None), "an agent gives nobody authority"
    assert [one["code"] for one in acting.get("/visits/forms")]
    assert "form_begun_by_agent" in audited()
    assert acting.send("POST", "/customers/return", {"customer_no": giver.number}).status_code == 204
    assert acting.refused("POST", "/customers/return", {"customer_no": giver.number}) == (404, None)
    assert giver.get("/authorities") == []


def test_a_mailbox_is_not_flooded_with_invitations(me: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_AUTHORITIES_PER_DAY", "1")
    get_settings.cache_clear()
    wanted = {"scope": "see", "until": str(clock.today()), **PROVEN}
    told = [me.send("POST", "/authorities", wanted | {"email": f"k{at}@example.com"}).status_code for at in range(2)]
    assert told == [201, 429]


def test_a_new_regulamin_is_told_and_answered(me: Program) -> None:
    assert me.get("/terms")["asked"] is None
    with transaction() as session:
        session.execute(update(Account).where(Account.login == me.login).values(terms_version="0"))
    asked = me.get("/terms")["asked"]
    assert (asked["version"], asked["overdue"]) == (in_force("ebok", clock.today()).version, False)
    later = {"version": asked["version"], "answer": "later"}
    assert me.send("POST", "/terms/answer", later).status_code == 204
    assert me.refused("POST", "/terms/answer", later | {"version": "zmyślona"}) == (409, None)
    with transaction() as session:
        session.execute(update(TermsAnswer).values(at=clock.now() - timedelta(days=400)))
    assert me.get("/overview", status=403)["title"] == "Nowy Regulamin"
    assert me.refused("POST", "/terms/answer", later) == (409, None), "the day is over"
    assert me.send("POST", "/terms/answer", later | {"answer": "accepted"}).status_code == 204
    assert me.get("/overview")
    assert me.get("/terms")["asked"] is None
    assert audited().count("terms_later") == audited().count("terms_accepted") == 1


def test_who_is_not_known_shows_it_by_an_invoice(me: Program) -> None:
    with transaction() as session:
        session.execute(update(Account).values(vouched_at=None, vouched_by=None))
        last = invoices_of(session, me.number)[0]
    assert me.get("/overview", status=403)["title"] == "Potwierdź, że to Ty"
    assert [me.get(VOUCHING)[name] for name in ("vouched", "by_invoice", "by_letter")] == [False, True, True]
    right = {"invoice_no": last["invoice_no"], "amount": str(last["gross"])}
    assert me.refused("POST", f"{VOUCHING}/invoice", right | {"amount": "0,01"}) == (422, "invoice_no")
    assert me.send("POST", f"{VOUCHING}/invoice", right).status_code == 204
    assert me.get("/overview")
    assert [me.get(VOUCHING)[name] for name in ("vouched", "by_invoice", "by_letter")] == [True, False, False]
    assert me.refused("POST", f"{VOUCHING}/letter") == (409, None), "no letter is needed any more"


def test_who_is_not_known_shows_it_by_the_code_of_a_letter_and_guesses_five_times_a_day(me: Program) -> None:
    with transaction() as session:
        session.execute(update(Account).values(vouched_at=None, vouched_by=None))
    sent = me.send("POST", f"{VOUCHING}/letter")
    assert sent.status_code == 202
    assert sent.json()["letter_sent_at"] < sent.json()["next_letter_at"] < sent.json()["code_until"]
    assert me.refused("POST", f"{VOUCHING}/letter") == (409, None), "one is on its way"
    code = context_of("letter_code")["code"]
    assert code not in str(me.get(VOUCHING))
    assert me.refused("POST", f"{VOUCHING}/code", {"code": "1"}) == (422, "code")
    assert me.send("POST", f"{VOUCHING}/code", {"code": code}).status_code == 204
    with transaction() as session:
        session.execute(update(Account).values(vouched_at=None, vouched_by=None))
    tried = [me.send("POST", f"{VOUCHING}/code", {"code": "1"}).status_code for _ in range(6)]
    assert tried == [422] * 5 + [429]


def test_another_login_counts_once_its_link_is_used_by_whoever_has_the_mailbox(me: Program) -> None:
    assert me.send("POST", "/login-change", PROVEN | {"email": "nowy@example.com"}).status_code == 202
    link = {"token": context_of("login_link")["link"].rpartition("/")[2]}
    anybody = Program("", "", caller(), "")
    assert anybody.send("POST", "/login-change/confirmation", link).status_code == 204
    assert me.get("/session")["login"] == "nowy@example.com"
    assert anybody.refused("POST", "/login-change/confirmation", link) == (404, None), "once"
    assert "account_login_changed" in audited()
    foreign = {"Origin": "https://obcy.example"}
    assert caller().post(f"{API}/login-change/confirmation", json=link, headers=foreign).status_code == 403


def test_a_provider_is_listed_and_unbound_with_the_password(me: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert me.get("/providers") == []
    assert me.refused("POST", "/providers/unbinding", PROVEN) == (404, None)
    with transaction() as session:
        session.execute(update(Account).where(Account.login == me.login).values(identity_digest="x"))
    for name, value in {"ISSUER": "https://login.example", "CLIENT_ID": CLIENT_ID, "NAME": "Węzeł Krajowy"}.items():
        monkeypatch.setenv(f"EBOK_ACCOUNT_OIDC_{name}", value)
    get_settings.cache_clear()
    assert me.get("/providers") == [{"name": "Węzeł Krajowy", "bound": True}]
    assert me.refused("POST", "/providers/unbinding", {"password": "nie to"}) == (422, "password")
    assert me.send("POST", "/providers/unbinding", PROVEN).status_code == 204
    assert me.get("/providers") == [{"name": "Węzeł Krajowy", "bound": False}]
    assert audited().count("account_provider_unbound") == 1


def test_no_change_of_these_goes_by_the_cookie_alone(me: Program) -> None:
    changing = {
        (method.upper(), path)
        for path, operations in me.client.get("/openapi.json").json()["paths"].items()
        for method, operation in operations.items()
        if path.startswith(f"{API}/") and {"session": [], "secret": []} in operation["security"]
    }
    assert len(changing) >= 25
    for method, path in changing:
        address = path.replace("{kind}", "leak").replace("{tracking}", "7777-7777")
        address = address.replace("{number}", "1").replace("{question}", "1")
        told = me.client.request(method, address, json={}, headers={SECRET: "nie ten"})
        assert told.status_code == 403, (method, path)

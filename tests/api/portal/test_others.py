"""A customer sees only what is his: every address of the account is walked with what belongs to somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi.routing import iter_route_contexts
from httpx import Response
from sqlalchemy import select

from api.account.access import SECRET
from api.portal.access import COOKIE
from benchmarks import office
from billing.statement import everything_of
from customers.tables import Account, AccountSession, Customer, Passkey
from database.engine import reading, transaction
from documents.drafts import new_token
from environment import clock
from portal import authorities
from portal.passkeys import passkeys_of
from portal.questions import Asker, all_of
from portal.sessions import devices
from portal.views import Scope
from tests.api.portal.conftest import Browser, stranger
from tests.api.portal.programs import FOR_ANYBODY, assert_described
from tests.application import application
from tests.portal.asking import PICTURE, ask

Accounts = tuple[Browser, Browser]
PROVEN = {
    **{"password": "nie to hasło", "email": "obca@example.com", "text": "x", "kind": "other"},
    **{"name": "Telefon", "by_sms": False, "by_email": False},
}
QUESTION = "Pytanie o moim długu"
PASSKEY = "Zegarek z kluczem"
AGENT = "czyjs.agent@example.com"
API = "/api/v1/account/"
OPEN = {
    *("/ebok", "/ebok/zaloguj", "/ebok/zapomnij"),
    *("/ebok/e-mail", "/ebok/e-mail/{token}", "/ebok/pelnomocnictwo/{token}"),
    *("/ebok/zaloguj/klucz", "/ebok/zaloguj/klucz/pytanie"),
    *("/ebok/zaloguj/dostawca", "/ebok/zaloguj/dostawca/powrot"),
}
"""Addresses that anybody may open."""
BY_NUMBER = {f"{API}{name}" for name in ("invoice", "invoice.pdf", "transfer")}
BY_CUSTOMER = {f"{API}customers/{name}" for name in ("present", "removal", "return")}
OWN_SESSIONS = {("DELETE", f"{API}session"), ("DELETE", f"{API}devices")}
"""What ends the sessions of whoever asks, as 'wyloguj' does."""


def routes() -> Iterator[tuple[str, str]]:
    """Method and path of every route of the account, pages and JSON."""
    for one in iter_route_contexts(application().routes):
        path = getattr(one, "path", "") or ""
        if path == "/ebok" or path.startswith(("/ebok/", API)):
            yield from ((method, path) for method in sorted(getattr(one, "methods", None) or ()) if method != "HEAD")


def secrets_of(number: str) -> set[str]:
    """What nobody else may read: who he is, and all that billing tells of him."""
    with reading() as session:
        row, told = session.get_one(Customer, number), everything_of(session, number)
    known = {row.name, row.pesel, row.nip, row.phone, number}
    known |= {one["bank_account"] for one in told["settlements"]} | {one["invoice_no"] for one in told["invoices"]}
    known |= {QUESTION, PASSKEY, AGENT}
    known |= {one["pdf_sha256"] for one in told["invoices"]} | {one["point_no"] for one in told["points"]}
    return {text for text in known if text}


def addresses(path: str, owner: Browser) -> Iterator[str]:
    """The addresses that a path has for what belongs to its owner."""
    made = {
        "tracking": lambda: office.online("einvoice_withdrawal", 4),
        "number": lambda: str(number_in(path, owner)),
        "kind": lambda: "leak",
        "code": lambda: "einvoice_acceptance",
        "token": new_token,
        "question": lambda: asked(owner.number)["question"],
        "attachment": lambda: asked(owner.number)["attachment"],
    }
    filled = re.sub(r"\{(\w+)\}", lambda found: made[found[1]](), path)
    yield filled
    name = "nr" if "faktur" in path or "zaplac" in path else "number" if path in BY_NUMBER else None
    if name is not None:
        with reading() as session:
            invoices = everything_of(session, owner.number)["invoices"]
        yield from (f"{filled}?{name}={invoice['invoice_no']}" for invoice in invoices)


def number_in(path: str, owner: Browser) -> int:
    """The number of a passkey, an authority or a session of his, whichever such an address is about."""
    if "{number}" not in path:
        return 1
    if "passkeys" in path or "klucze" in path:
        return passkey_of(owner)
    if "authorities" in path:
        return authority_of(owner)
    with reading() as session:
        found = next(iter(devices(session, owner.number, "")), None)
    return found.number if found else 1


def passkey_of(owner: Browser) -> int:
    with transaction() as session:
        known = passkeys_of(session, owner.number)
        if known:
            return known[0].number
        account = session.scalars(select(Account.id).where(Account.customer_no == owner.number)).one()
        told = {"credential_id": f"klucz-{account}", "public_key": "x", "owner": "x", "counter": 0, "name": PASSKEY}
        row = Passkey(account_id=account, created_at=clock.now(), **told)
        session.add(row)
        session.flush()
        return row.id


def authority_of(owner: Browser) -> int:
    with transaction() as session:
        known = authorities.given(session, owner.number)
        if not any(one.email == AGENT for one in known):
            authorities.give(session, owner.number, AGENT, Scope.SEE, clock.today())
        return next(one.number for one in authorities.given(session, owner.number) if one.email == AGENT)


def asked(number: str) -> dict[str, str]:
    """A question of that customer with a file, by the names of its numbers in addresses."""
    with reading() as session:
        known = all_of(session, number)
    if not known:
        ask(Asker(number, "nobody@example.com", sees_all=True), QUESTION, PICTURE)
        return asked(number)
    return {"question": str(known[0].number), "attachment": str(known[0].turns[0].files[0].number)}


def send(browser: Browser, method: str, address: str, **more: str) -> Response:
    """``more`` is what goes along in the body for the API."""
    if method == "GET":
        answer = browser.client.get(address, follow_redirects=False)
        if address.startswith(API):
            assert_described(method, address, answer.status_code)
        return answer
    if address.startswith(API):
        answer = browser.client.request(method, address, json=PROVEN | more, headers={SECRET: browser.csrf})
        assert_described(method, address, answer.status_code)
        return answer
    return browser.client.post(address, data={"csrf": browser.csrf, "text": "x"}, follow_redirects=False)


def test_the_walk_knows_every_route() -> None:
    found = set(routes())
    assert len(found) >= 14 + 17
    assert {path for _, path in found} >= {"/ebok/", "/ebok/faktura", "/ebok/faktura.pdf", "/ebok/sprawy/{tracking}"}
    assert {path for _, path in found} >= {f"{API}invoice", f"{API}invoice.pdf", f"{API}cases/{{tracking}}"}
    assert {name for _, path in found for name in re.findall(r"\{(\w+)\}", path)} == {
        "tracking",
        "number",
        "code",
        "token",
        "question",
        "attachment",
        "kind",
    }


def test_with_another_customer_s_identifiers_there_is_nothing_of_his(accounts: Accounts) -> None:
    me, other = accounts
    office.fill_register()
    told, refused = secrets_of(other.number), 0
    for method, path in routes():
        if path in OPEN or ("wyloguj" in path and "{" not in path) or (method, path) in OWN_SESSIONS:
            continue
        for address in addresses(path, other):
            answer = send(me, method, address, customer_no=other.number, token=new_token())
            assert answer.status_code in (200, 201, 202, 204, 303, 404, 409, 410, 422, 429), (method, address)
            if path.startswith(API) and ("{number}" in path or path in BY_CUSTOMER):
                assert answer.status_code == 404, (method, address)
            assert answer.status_code == 404 or not {"{question}", "{attachment}"} & set(path.split("/")), address
            assert answer.status_code != 422 or "number" not in path, "a number of somebody else's is well-formed"
            shown = answer.text + str(answer.headers)
            assert not {text for text in told if text in shown.replace("\N{NO-BREAK SPACE}", " ")}, (method, address)
            if ("nr=" in address and path != "/ebok/faktury") or ("number=" in address and path in BY_NUMBER):
                assert answer.status_code == 404, address
                refused += 1
    assert refused >= 6 + 6
    with reading() as session:
        assert len(session.scalars(select(AccountSession)).all()) == 2, "nobody was signed out by somebody else"


def test_an_invoice_of_somebody_else_is_refused_in_the_words_for_one_that_nobody_has(accounts: Accounts) -> None:
    me, other = accounts
    with reading() as session:
        theirs = everything_of(session, other.number)["invoices"][0]["invoice_no"]
    for address in ("/ebok/faktura", "/ebok/faktura.pdf", "/ebok/zaplac"):
        refused, unknown = me.client.get(f"{address}?nr={theirs}"), me.client.get(f"{address}?nr=FV/0/0/0")
        assert (refused.status_code, refused.text) == (unknown.status_code, unknown.text)


def test_a_case_of_somebody_else_and_none_are_refused_alike(accounts: Accounts) -> None:
    me, _ = accounts
    office.fill_register()
    case = office.online("einvoice_withdrawal", 4)
    for tracking in (case, "7777-7777", "nic"):
        answer = me.client.get(f"/ebok/sprawy/{tracking}", follow_redirects=False)
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


def test_who_is_not_signed_in_gets_nowhere_and_programs_are_told_so(accounts: Accounts) -> None:
    _, other = accounts
    office.fill_register()
    told = secrets_of(other.number)
    forged = {COOKIE: new_token()}
    for method, path in routes():
        if path in OPEN or (method, path) in FOR_ANYBODY:
            continue
        for address in addresses(path, other):
            for cookies in ({}, forged):
                opened = stranger()
                for name, value in cookies.items():
                    opened.cookies.set(name, value, domain="ebok.example", path="/")
                answer = opened.request(method, address, follow_redirects=False)
                assert not {text for text in told if text in answer.text}
                if path.startswith(API):
                    assert answer.status_code == 401, (method, address)
                    continue
                assert answer.status_code == 303, (method, address)
                assert answer.headers["location"].startswith("/ebok/zaloguj")
                program = opened.request(method, address, headers={"Accept": "application/json"})
                assert program.status_code == 401

"""An installation that has worked for a while: each sort of case, each sort of end."""

from __future__ import annotations

from benchmarks import office
from benchmarks.office import Paper
from confirmations.composing import compose_proof
from customers.proving import prove
from database.engine import reading, transaction
from documents import loading, transitions
from documents.progress import further_parts
from documents.states import State

Cases = dict[str, str]
"""Tracking numbers by what the case is."""
TO_PROVE = "account"


def build() -> Cases:
    """Customers, and what they sent."""
    office.fill_register()
    cases = {"accepted": office.on_einvoice(0), "ended": office.on_einvoice(1), "moving": office.on_einvoice(2)}
    for name, form, person in (
        ("withdrawal", "einvoice_withdrawal", 1),
        ("change", "einvoice_email_change", 2),
        (TO_PROVE, "ebok_signup", 3),
        ("waiting", "einvoice_acceptance", 4),
        ("visit", "tank_collection", 4),
    ):
        cases[name] = office.online(form, person)
        office.worked_off(cases[name])
    token = office.link_to(3).rpartition("/")[2]
    with transaction() as session:
        compose_proof(session, prove(session, token))
    office.worked_off(cases[TO_PROVE])
    batch = office.read(office.received(b"%PDF-1.7 two forms"), Paper(person=5), Paper(person=6))
    with reading() as session:
        (part,) = further_parts(session, loading.load(session, batch))
    cases |= {"batch": office.judged(batch), "part": office.judged(part)}
    cases["rejected"] = office.read(office.received(b"%PDF-1.7 not ours"), Paper(person=7))
    move(cases["rejected"], State.REJECTED, "not_ours")
    cases["repeated"] = office.received(b"%PDF-1.7 not ours", "SKAN_0002.pdf")
    cases["unusable"] = office.received(b"%PDF-1.7 broken")
    move(cases["unusable"], State.QUARANTINED, "damaged")
    return cases


def move(tracking: str, to: State, code: str) -> None:
    """From state to state, as the machine does it."""
    with transaction() as session:
        transitions.move(session, loading.load(session, tracking), to, actor="machine", reason_code=code)

"""Two invented customers, and submissions and origins around them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from customers.applying import apply, foresee
from customers.importing import import_customers
from customers.outcome import Origin, Outcome
from customers.proving import ProofResult, prove
from customers.records import CustomerRecord
from database.engine import reading, transaction
from environment.clock import today
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.submission import FieldValue, Source, Submission

JAN = CustomerRecord(
    customer_no="10000001",
    name="Żaneta Wójcik",
    pesel="44051401359",
    street="ul. Adama Mickiewicza",
    house="12",
    flat="3",
    postcode="66-470",
    town="Kostrzyn nad Odrą",
    phone="600700800",
    email="zaneta@example.com",
)
FIRM = CustomerRecord(
    customer_no="10000002",
    name="Instal-Bud Sp. z o.o.",
    nip="1234563218",
    street="Wodna",
    house="5A",
    postcode="66-470",
    town="Kostrzyn nad Odrą",
)
RECEIVED = datetime(2025, 3, 29, 23, 30, tzinfo=UTC)
"""In Poland it is 00:30 of the next day, the one on which clocks go forward."""
SIGNED = date(2025, 3, 20)


def submission(
    code: str, customer: CustomerRecord = JAN, *, paper: bool = False, signed: date = SIGNED, **values: Value
) -> Submission:
    """A complete submission of that customer; ``values`` replace or add fields."""
    form = form_by_code(code)
    full: dict[str, Value] = {
        **{name: getattr(customer, name) for name in CustomerRecord.__dataclass_fields__},
        "email_current": None,
        "accept_terms": True,
        "date_signed": signed.isoformat(),
        "signature": True if paper else None,
        **values,
    }
    source = Source.PRINT if paper else Source.ONLINE
    return Submission(form, {name: FieldValue(v, source=source) for name, v in full.items() if name in form}, paper)


def acceptance(email: str = "nowa@example.com", **values: Value) -> Submission:
    return submission("einvoice_acceptance", email=email, **values)


def change(current: str, new: str, **values: Value) -> Submission:
    return submission("einvoice_email_change", email_current=current, email_new=new, **values)


def withdrawal(**values: Value) -> Submission:
    return submission("einvoice_withdrawal", **values)


def signup(email: str = "login@example.com", **values: Value) -> Submission:
    return submission("ebok_signup", email=email, notify_sms=True, **values)


def signed(given: Submission, day: date) -> Submission:
    return given.with_value("date_signed", FieldValue(day.isoformat()))


def untrusted(given: Submission, *names: str, **values: Value) -> Submission:
    """The same with some fields read by a machine with doubt, perhaps misread."""
    for name in (*names, *values):
        field = given.fields[name]
        value = values.get(name, field.value)
        doubtful = replace(field, value=value, source=Source.PRINT, trusted=False, confidence=0.4, doubt="Niepewne.")
        given = given.with_value(name, doubtful)
    return given


def origin(tracking: str, received_at: datetime = RECEIVED) -> Origin:
    return Origin(tracking, received_at, "ab" * 32)


def register(*records: CustomerRecord) -> None:
    with transaction() as session:
        import_customers(session, records or (JAN, FIRM))


def applied(given: Submission, tracking: str, received_at: datetime = RECEIVED, **options: object) -> Outcome:
    """Apply in a transaction of its own, after a look at what it will come to; for one at a time."""
    with reading() as session:
        foreseen = foresee(session, given, origin(tracking, received_at), today(), **options)  # type: ignore[arg-type]
    outcome = carried_out(given, tracking, received_at, **options)
    assert replace(foreseen, proof_token=outcome.proof_token) == outcome, "a clerk is shown what will be"
    return outcome


def carried_out(given: Submission, tracking: str, received_at: datetime = RECEIVED, **options: object) -> Outcome:
    """Apply in a transaction of its own, whatever others do meanwhile."""
    with transaction() as session:
        outcome = apply(session, given, origin(tracking, received_at), today(), **options)  # type: ignore[arg-type]
    assert re.fullmatch(r"[A-ZŁ].{8,}\.", outcome.message), "what came of it is a sentence for the clerk"
    return outcome


def proven(outcome: Outcome) -> ProofResult:
    """Use the link of an outcome in a transaction of its own."""
    assert outcome.proof_token is not None
    with transaction() as session:
        return prove(session, outcome.proof_token)

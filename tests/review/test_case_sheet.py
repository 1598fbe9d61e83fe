"""A document as it lies on the desk: which fields ask for a look and why, what stands beside them, who sees what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from benchmarks import office
from customers.tables import Customer
from database.engine import transaction
from documents import loading
from documents.tables import Document
from documents.values import record_problems
from environment import clock
from forms.form import Problem
from forms.layout import layout
from forms.submission import FieldValue, Source, Submission
from review import decisions, queue
from review.case_sheet import SheetField, compared, seen_of
from tests.customers import samples
from tests.customers.samples import JAN, acceptance, change, untrusted, withdrawal
from tests.review.papers import EWA, OLGA, bare, lying, paper, taken, waiting

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        ("Wodna", "Wodna", [("Wodna", False)], [("Wodna", False)]),
        ("WODNA", "Wodna", [("WODNA", False)], [("Wodna", False)]),
        ("Wodna", "Wolna", [("Wo", False), ("d", True), ("na", False)], [("Wo", False), ("l", True), ("na", False)]),
        ("Wodna", "Wona", [("Wo", False), ("d", True), ("na", False)], [("Wo", False), ("na", False)]),
        ("Wodna", "Lipowa", [("Wodna", True)], [("Lipowa", True)]),
        ("ab", "ac", [("a", False), ("b", True)], [("a", False), ("c", True)]),
        ("", "ac", [], [("ac", True)]),
        ("ab", "", [("ab", True)], []),
        ("", "", [], []),
    ],
)
def test_two_texts_are_told_apart_by_pieces_unless_hardly_anything_is_the_same(
    one: str, other: str, left: list[tuple[str, bool]], right: list[tuple[str, bool]]
) -> None:
    assert compared(one, other) == (tuple(left), tuple(right))


def field(tracking: str, name: str, clerk: queue.Clerk = EWA) -> SheetField:
    return next(one for one in lying(tracking, clerk).fields if one.name == name)


def test_a_doubtful_field_says_why_with_its_value_and_all_others_are_settled() -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance()), "email", email="nowa@example.com"))
    taken(tracking)
    shown = lying(tracking)
    (email,) = shown.doubtful
    assert (email.name, email.text, email.value, email.doubts) == (
        "email", "nowa@example.com", "nowa@example.com", ("Niepewne.",),
    )  # fmt: skip
    assert [one.name for one in (*shown.doubtful, *shown.settled)] == [
        "email", *(item.name for item in shown.form.fields if item.name != "email"),
    ]  # fmt: skip
    assert {one.name for one in shown.fields if one.ticked} == {"accept_terms", "signature"}
    assert (shown.remarks, shown.candidates, shown.level, shown.note) == ((), (), "clerk", None)
    assert (shown.customer, shown.paper_from, shown.agreed_day) == (JAN, None, None)
    assert (shown.pages, dict(shown.turns), shown.has_picture) == ((1,), {}, False)
    assert shown.outlook is not None
    with transaction() as session:
        document = loading.load(session, tracking)
    assert (shown.received_at, shown.channel, shown.seen) == (document.received_at, "folder", seen_of(document))
    assert (shown.tracking, shown.reason) == (tracking, document.reason)


def test_a_doubt_without_words_of_its_own_has_the_desks_and_one_that_is_looked_at_is_gone() -> None:
    samples.register()
    given = untrusted(paper(acceptance()), "email", "house")
    given = given.with_value("email", replace(given.fields["email"], doubt=None))
    tracking = waiting(given)
    seen = taken(tracking)
    assert field(tracking, "email").doubts == ("Odczyt jest niepewny, porównaj z obrazem.",)
    with transaction() as session:
        decisions.save(session, tracking, EWA, seen, {"email": "inna@example.com"})
    assert field(tracking, "email").doubts == ()


def test_an_address_that_may_be_a_slip_is_asked_about_unless_a_clerk_wrote_it() -> None:
    samples.register()
    given = paper(change("stara@example.com", "jan@gmial.com"))
    tracking = waiting(untrusted(given, "email_current"))
    taken(tracking)
    asked = "Czy ten adres jest na pewno dobry? Może chodziło o jan@gmail.com."
    assert field(tracking, "email_new").doubts == (asked,)
    written = given.with_value("email_new", FieldValue("jan@gmial.com", source=Source.CLERK))
    again = waiting(untrusted(written, "email_current"))
    taken(again)
    assert field(again, "email_new").doubts == ()


def test_a_field_that_is_wrong_or_was_not_read_asks_for_a_look() -> None:
    samples.register()
    given = untrusted(paper(acceptance()), "phone").with_value("email", FieldValue("nowa@", source=Source.PRINT))
    unread = {name: value for name, value in given.fields.items() if name != "date_signed"}
    tracking = waiting(Submission(given.form, unread, paper=True))
    taken(tracking)
    assert {one.name: one.doubts for one in lying(tracking).doubtful} == {
        "email": ("Wpisz cały adres, na przykład jan@example.com.",),
        "date_signed": ("Uzupełnij: Data podpisania.",),
    }


def test_what_differs_from_the_register_stands_beside_it_by_pieces() -> None:
    samples.register()
    tracking = waiting(paper(acceptance(name="Żaneta Wójcicka", pesel="77030259508", house="14")))
    taken(tracking)
    name, pesel, house = (field(tracking, one) for one in ("name", "pesel", "house"))
    assert name.register is not None and "".join(text for text, _ in name.register) == JAN.name
    assert "".join(text for text, _ in name.written) == "Żaneta Wójcicka"
    assert pesel.register == (("całkiem inny", True),), "of somebody else's PESEL no more is told"
    assert pesel.written == (("77030259508", True),)
    assert pesel.doubts
    assert field(tracking, "town").register is None
    assert field(tracking, "town").doubts == ()
    assert house.written in {(("1", False), ("4", True)), ()}


def test_one_difference_from_the_register_says_so_and_does_not_doubt_the_number() -> None:
    samples.register()
    tracking = waiting(paper(acceptance(name="Zenon Inny")))
    taken(tracking)
    (remark,) = lying(tracking).remarks
    assert (remark.code, remark.message[-1]) == ("mismatch_name", ".")
    assert field(tracking, "name").doubts == ("Inaczej niż w rejestrze klientów.",)
    assert field(tracking, "name").register == ((JAN.name, True),)
    assert field(tracking, "customer_no").doubts == ()


def test_whoever_does_not_hold_a_document_sees_no_sensitive_number_customer_or_candidate() -> None:
    samples.register()
    tracking = waiting(paper(acceptance(name="Zenon Inny", pesel="44051401359")))
    taken(tracking)
    mine, others = lying(tracking), lying(tracking, OLGA)
    assert (mine.customer, others.customer) == (JAN, None)
    assert [one.text for one in others.fields if one.name == "pesel"] == ["•" * 11]
    assert [one.text for one in others.fields if one.name == "name"] == ["Zenon Inny"]
    stranger = waiting(paper(acceptance(customer_no="77777777")))
    taken(stranger)
    assert [one.customer_no for one in lying(stranger).candidates] == [JAN.customer_no]
    assert lying(stranger, OLGA).candidates == ()
    assert lying(stranger).outlook is None


def test_nobody_is_proposed_while_nothing_speaks_against_the_customer_of_the_number() -> None:
    samples.register(JAN, replace(JAN, customer_no="10000009"))
    sound, doubtful = waiting(untrusted(paper(acceptance()), "email")), waiting(paper(acceptance(name="Zenon Inny")))
    taken(sound)
    taken(doubtful)
    assert lying(sound).candidates == ()
    assert [one.customer_no for one in lying(doubtful).candidates] == ["10000009"]


def test_what_the_list_has_instead_of_a_value_is_told_and_a_sensitive_one_masked_for_others() -> None:
    samples.register()
    with transaction() as session:
        session.execute(update(Customer).values(unusable={"house": "05.lip", "pesel": "44051401358"}, pesel=None))
    tracking = waiting(untrusted(paper(acceptance()), "email"))
    taken(tracking)
    assert (field(tracking, "house").listed, field(tracking, "town").listed) == ("05.lip", None)
    assert field(tracking, "pesel").listed == "44051401358"
    assert field(tracking, "pesel", OLGA).listed == "•" * 11
    assert field(tracking, "house", OLGA).listed == "05.lip"


def test_a_field_is_where_it_was_read_or_else_where_the_form_has_it() -> None:
    samples.register()
    given = untrusted(paper(acceptance()), "email", "phone")
    given = given.with_value("email", replace(given.fields["email"], page=1, box=(1.0, 2.0, 3.0, 4.0)))
    given = given.with_value("phone", replace(given.fields["phone"], page=1, box=None))
    tracking = waiting(given)
    assert field(tracking, "email").place == (1, (1.0, 2.0, 3.0, 4.0))
    assert field(tracking, "phone").place == (1, layout(given.form)["phone"].bounds)
    with transaction() as session:
        session.execute(update(Document).values(pages=[7]))
    assert field(tracking, "phone").place == (7, layout(given.form)["phone"].bounds)
    for gone in ({"pages": []}, {"version": "0", "pages": [7]}):
        with transaction() as session:
            session.execute(update(Document).values(**gone))
        assert (field(tracking, "phone").place, field(tracking, "email").place) == (None, (1, (1.0, 2.0, 3.0, 4.0)))


def test_values_out_of_a_letter_are_all_to_be_looked_at_until_a_clerk_has() -> None:
    samples.register()
    tracking = waiting(untrusted(paper(acceptance(nip=None)), "email"))
    with transaction() as session:
        document = loading.load(session, tracking)
        record_problems(session, document, [Problem(None, "unknown_layout", "To pismo.")])
    seen = taken(tracking)
    assert {one.name for one in lying(tracking).settled} == {"nip"}
    assert field(tracking, "town").doubts == ("Odczytano z treści pisma, nie z naszego druku.",)
    assert field(tracking, "email").doubts == ("Niepewne.",)
    with transaction() as session:
        decisions.save(session, tracking, EWA, seen, {"town": "Drzewice"})
    assert "Odczytano" not in "".join(field(tracking, "town").doubts)
    assert field(tracking, "house").doubts


def test_only_a_withdrawal_has_a_day_to_agree_upon() -> None:
    samples.register()
    samples.proven(samples.applied(acceptance("stara@example.com"), "AAAA-AAA1"))
    tracking = waiting(untrusted(paper(withdrawal(email_current="stara@example.com")), "date_signed"))
    agreed = lying(tracking).agreed_day
    assert agreed is not None and agreed.label == "Uzgodniony pierwszy dzień faktur papierowych"
    assert lying(tracking).paper_from is None
    with transaction() as session:
        loading.load(session, tracking).paper_from = clock.today() + timedelta(days=1)
    assert lying(tracking).paper_from == clock.today() + timedelta(days=1)
    agreed = [one.code for one in lying(tracking).remarks]
    with transaction() as session:
        loading.load(session, tracking).paper_from = clock.today() - timedelta(days=400)
    assert [one.code for one in lying(tracking).remarks] == [*agreed, "agreed_day"]


def test_a_paper_that_is_none_of_ours_has_no_fields_and_says_so() -> None:
    tracking = bare(form=None, reason="unknown_form")
    taken(tracking)
    shown = lying(tracking)
    assert (shown.form, shown.fields, shown.candidates, shown.outlook) == (None, (), (), None)
    assert [(one.code, one.overrulable, one.overruled) for one in shown.remarks] == [("unknown_form", False, False)]


def test_a_field_of_paper_alone_is_not_asked_of_a_form_sent_online() -> None:
    office.fill_register()
    tracking = office.online("einvoice_acceptance")
    assert {one.name for one in lying(tracking).fields} & {"signature", "email"} == {"email"}

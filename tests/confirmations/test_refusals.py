"""What a refused document is answered with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from confirmations.composing import answer_to, compose_answer, compose_incomplete
from confirmations.rendering import render
from confirmations.tables import Medium
from customers.applying import reasons
from database.engine import transaction
from forms.catalogue import form_by_code
from forms.form import Problem
from tests.confirmations.composed import UNSIGNED, incomplete, messages, personal, text_of, told
from tests.customers.samples import FIRM, JAN, acceptance


def test_an_unsigned_paper_is_answered_with_what_to_do_and_a_blank(customers: None) -> None:
    incomplete(JAN, UNSIGNED)
    assert told("AAAA-BBB1") == [("incomplete_signature", "email", "zaneta@example.com")]
    (message,) = messages("AAAA-BBB1")
    content = render(message.template, message.context, Medium.EMAIL)
    assert content.attachments[0].data.startswith(b"%PDF")
    assert "podpisu" in content.subject and not personal(text_of(message))


def test_an_unsigned_paper_of_a_customer_without_e_mail_is_answered_by_letter(some_customers: None) -> None:
    incomplete(FIRM, UNSIGNED)
    assert told("AAAA-BBB1")[0][:2] == ("incomplete_signature", "letter")


def test_an_unreadable_paper_is_answered_with_the_fields_in_trouble(some_customers: None) -> None:
    incomplete(JAN, UNSIGNED, Problem("email", "unreadable", "Nie da się odczytać."))
    (message,) = messages("AAAA-BBB1")
    assert message.template == "incomplete_unreadable"
    assert "Adres e-mail do faktur, Czytelny podpis" in text_of(message)


def test_an_sms_notice_goes_along_only_when_wanted(some_customers: None, set_settings: Callable[..., None]) -> None:
    incomplete(JAN, UNSIGNED)
    set_settings(sms_notices=True)
    incomplete(JAN, UNSIGNED, tracking="AAAA-BBB2")
    incomplete(replace(JAN, phone="957279651"), UNSIGNED, tracking="AAAA-BBB3")
    assert [len(told(f"AAAA-BBB{number}")) for number in (1, 2, 3)] == [1, 2, 1]
    assert told("AAAA-BBB2")[1] == ("sms_incomplete", "sms", "600700800")


def test_an_unknown_sender_is_written_to_only_at_an_address_read_beyond_doubt(some_customers: None) -> None:
    given = acceptance("nadawca@example.com")
    doubtful = given.with_value("email", replace(given.fields["email"], trusted=False))
    incomplete(None, UNSIGNED, given=doubtful, tracking="AAAA-BBB1")
    incomplete(None, UNSIGNED, given=given, tracking="AAAA-BBB2")
    assert told("AAAA-BBB1") == []
    assert told("AAAA-BBB2") == [("incomplete_signature", "email", "nadawca@example.com")]


def test_a_note_of_a_clerk_and_the_present_blank_go_along_with_a_refusal(some_customers: None) -> None:
    form = form_by_code("einvoice_acceptance")
    with transaction() as session:
        compose_incomplete(
            session, tracking="AAAA-BBB1", form=form, problems=[UNSIGNED], customer=FIRM, note="Proszę zadzwonić."
        )
    (message,) = messages("AAAA-BBB1")
    assert message.context == {
        "tracking": "AAAA-BBB1",
        "proven": True,
        "named": True,
        "customer_ref": FIRM.customer_no,
        "form_title": form.title,
        "note": "Proszę zadzwonić.",
        "blank": {"code": form.code, "version": form.version},
    }
    assert "Proszę zadzwonić." in text_of(message)


def test_an_unknown_form_is_refused_without_title_and_blank(some_customers: None) -> None:
    with transaction() as session:
        compose_incomplete(session, tracking="AAAA-BBB1", form=None, problems=[UNSIGNED], customer=JAN)
    (message,) = messages("AAAA-BBB1")
    assert message.template == "incomplete_unreadable"
    assert (message.context["form_title"], message.context["fields"]) == (None, [])
    assert "blank" not in message.context


def test_every_refusal_of_a_document_is_told_once_by_messages_of_its_own(
    some_customers: None, set_settings: Callable[..., None]
) -> None:
    set_settings(sms_notices=True)
    form = form_by_code("einvoice_acceptance")
    for refusal in (1, 1, 2, 2, 3):
        with transaction() as session:
            compose_incomplete(
                session, tracking="AAAA-BBB1", form=form, problems=[UNSIGNED], customer=JAN, refusal=refusal
            )
            compose_answer(session, tracking="AAAA-BBB1", form=form, code="login_taken", customer=JAN, refusal=refusal)
    assert [message.key for message in messages("AAAA-BBB1")] == [
        f"AAAA-BBB1:{template}{again}"
        for again in ("", ":2", ":3")
        for template in ("incomplete_signature", "sms_incomplete", "needs_office")
    ]
    assert {message.context["written"] for message in messages("AAAA-BBB1") if message.channel == "sms"} == {"email"}


ANSWERS = [(code, answer_to(code)) for code in (*(reason.code for reason in reasons()), "not_authorised")]


@pytest.mark.parametrize(("code", "words"), [*ANSWERS, ("no_such_code", "Podane informacje wymagają wyjaśnienia.")])
def test_a_refusal_by_a_clerk_tells_the_true_reason_and_his_note(some_customers: None, code: str, words: str) -> None:
    form = form_by_code("ebok_signup")
    with transaction() as session:
        keys = compose_answer(
            session, tracking="AAAA-BBB1", form=form, code=code, customer=FIRM, note="Proszę zadzwonić."
        )
    (message,) = messages("AAAA-BBB1")
    assert [message.key] == keys
    assert (message.context["form_title"], message.context["note"]) == (form.title, "Proszę zadzwonić.")
    assert message.context["reason"] == words
    assert told("AAAA-BBB1")[0][:2] == ("needs_office", "letter")

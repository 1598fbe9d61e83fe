"""Who is told what after each form: real effects on a real register, then the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from confirmations.account_messages import compose_password_link, compose_password_set
from confirmations.archive import HIDDEN, KeptMessage, kept_messages
from confirmations.archive import text_of as archived
from confirmations.composing import compose_answer, compose_correction, compose_link_again
from confirmations.rendering import as_text
from confirmations.tables import Medium
from customers.passwords import PasswordWay
from customers.proofs import renew
from database.engine import transaction
from environment.clock import today
from forms.catalogue import form_by_code
from forms.submission import Submission
from tests.confirmations.composed import UNSIGNED, confirm, incomplete, messages, personal, text_of, told
from tests.confirmations.samples import process
from tests.customers.samples import FIRM, JAN, acceptance, change, signup, submission, withdrawal


def test_a_sign_up_is_answered_by_one_link_and_after_it_the_account_works(customers: None) -> None:
    outcome = process(signup("login@example.com"), "AAAA-BBB1")
    assert told("AAAA-BBB1") == [("account_link", "email", "login@example.com")]
    confirm(outcome)
    assert told("AAAA-BBB1")[1:] == [("account_active", "email", "login@example.com")]
    assert "…001" in text_of(messages("AAAA-BBB1")[1])


def test_an_acceptance_is_answered_by_one_link_and_after_it_invoices_are_electronic(customers: None) -> None:
    outcome = process(acceptance("nowa@example.com"), "AAAA-BBB1")
    assert told("AAAA-BBB1") == [("einvoice_link", "email", "nowa@example.com")]
    confirm(outcome)
    assert told("AAAA-BBB1")[1:] == [("einvoice_active", "email", "nowa@example.com")]


def test_of_an_e_mail_change_both_addresses_are_told(customers: None) -> None:
    confirm(process(acceptance("stara@example.com"), "AAAA-BBB1"))
    outcome = process(change("stara@example.com", "nowa@example.com"), "AAAA-BBB2")
    assert told("AAAA-BBB2") == [
        ("email_change_link", "email", "nowa@example.com"),
        ("email_change_notice", "email", "stara@example.com"),
    ]
    confirm(outcome)
    assert told("AAAA-BBB2")[2:] == [("email_change_done", "email", "nowa@example.com")]


def test_a_withdrawal_is_confirmed_with_its_date_to_the_address_that_was_proven(customers: None) -> None:
    confirm(process(acceptance("nowa@example.com"), "AAAA-BBB1"))
    process(withdrawal(), "AAAA-BBB2")
    assert told("AAAA-BBB2") == [("withdrawal_done", "email", "nowa@example.com")]
    (message,) = messages("AAAA-BBB2")
    assert message.context["effective_from"] == (today() + timedelta(days=1)).isoformat()


def test_a_withdrawal_of_a_customer_with_no_proven_address_goes_to_the_registers_e_mail_without_data(
    some_customers: None,
) -> None:
    process(acceptance("nowa@example.com"), "AAAA-BBB1")
    process(withdrawal(), "AAAA-BBB2")
    assert told("AAAA-BBB2") == [("withdrawal_done", "email", "zaneta@example.com")]
    assert not personal(text_of(messages("AAAA-BBB2")[0]))


def test_a_withdrawal_of_a_customer_without_e_mail_is_confirmed_by_letter(some_customers: None) -> None:
    process(submission("einvoice_acceptance", FIRM, email="nowa@example.com"), "AAAA-BBB1")
    process(submission("einvoice_withdrawal", FIRM), "AAAA-BBB2")
    address = "Instal-Bud Sp. z o.o.\nWodna 5A\n66-470 Kostrzyn nad Odrą"
    assert told("AAAA-BBB2") == [("withdrawal_done", "letter", address)]
    assert FIRM.customer_no in text_of(messages("AAAA-BBB2")[0])


def test_a_second_identical_form_is_answered_once_as_already_done(customers: None) -> None:
    confirm(process(acceptance("nowa@example.com"), "AAAA-BBB1"))
    process(acceptance("nowa@example.com"), "AAAA-BBB2")
    assert told("AAAA-BBB2") == [("already_done", "email", "nowa@example.com")]
    text = text_of(messages("AAAA-BBB2")[0])
    assert "AAAA-BBB1" in text and "SPAM" not in text


def test_a_second_sign_up_that_still_waits_for_its_link_is_told_where_to_look_for_it(some_customers: None) -> None:
    process(signup("login@example.com"), "AAAA-BBB1")
    process(signup("login@example.com"), "AAAA-BBB2")
    assert told("AAAA-BBB2") == [("already_done", "email", "login@example.com")]
    text = text_of(messages("AAAA-BBB2")[0])
    assert "SPAM" in text and not personal(text)


def test_what_waits_for_a_human_is_not_answered_until_a_clerk_answers_truly(customers: None) -> None:
    outcome = process(withdrawal(), "AAAA-BBB1")
    assert outcome.code == "no_active_consent" and told("AAAA-BBB1") == []
    with transaction() as session:
        form = form_by_code("einvoice_withdrawal")
        compose_answer(session, tracking="AAAA-BBB1", form=form, code=outcome.code, customer=JAN)
    assert told("AAAA-BBB1") == [("needs_office", "email", "zaneta@example.com")]
    assert "na papierze" in text_of(messages("AAAA-BBB1")[0])


def test_composing_twice_leaves_the_same_messages(customers: None) -> None:
    first = process(signup(), "AAAA-BBB1")
    assert process(signup(), "AAAA-BBB1") == first
    assert len(told("AAAA-BBB1")) == 1


def test_told_again_after_its_link_was_used_a_sign_up_sends_nothing_new(some_customers: None) -> None:
    confirm(process(signup(), "AAAA-BBB1"))
    before = told("AAAA-BBB1")
    process(signup(), "AAAA-BBB1")
    assert told("AAAA-BBB1") == before


def test_a_renewed_link_is_a_message_of_its_own(customers: None) -> None:
    process(signup(), "AAAA-BBB1")
    with transaction() as session:
        renewal = renew(session, "AAAA-BBB1")
        compose_link_again(session, renewal)
        compose_link_again(session, renewal)
    assert [template for template, _, _ in told("AAAA-BBB1")] == ["account_link", "account_link"]
    links = {message.context["link"] for message in messages("AAAA-BBB1")}
    assert len(links) == 2


@pytest.mark.parametrize("given", [signup(), acceptance()], ids=["sign-up", "acceptance"])
def test_a_message_to_an_unproven_address_names_nobody(some_customers: None, given: Submission) -> None:
    outcome = process(given, "AAAA-BBB1")
    (message,) = messages("AAAA-BBB1")
    text = text_of(message)
    assert not personal(text) and str(message.recipient) not in text
    assert f"http://127.0.0.1:8000/potwierdzenie/{outcome.proof_token}" in text
    assert "AAAA-BBB1" in text and "95\N{NO-BREAK SPACE}727\N{NO-BREAK SPACE}96\N{NO-BREAK SPACE}51" in text


def test_neither_link_nor_notice_of_a_change_names_anybody(some_customers: None) -> None:
    confirm(process(acceptance("stara@example.com"), "AAAA-BBB1"))
    process(change("stara@example.com", "nowa@example.com"), "AAAA-BBB2")
    for message in messages("AAAA-BBB2"):
        text = text_of(message)
        assert not personal(text) and "stara@" not in text and "nowa@" not in text


def test_the_link_is_promised_only_for_days_on_which_it_works_to_the_end(some_customers: None) -> None:
    process(signup(), "AAAA-BBB1")
    (message,) = messages("AAAA-BBB1")
    assert message.context["valid_until"] == (today() + timedelta(days=13)).isoformat()


@pytest.mark.parametrize("stranger", [False, True])
def test_a_mended_mistake_is_told_with_its_fields_and_to_a_stranger_only_that_it_was_taken_back(
    some_customers: None, stranger: bool
) -> None:
    form = form_by_code("einvoice_acceptance")
    with transaction() as session:
        key = compose_correction(
            session,
            tracking="AAAA-BBB1",
            form=form,
            wrong=["email", "name"],
            customer=FIRM,
            stranger=stranger,
            correction="AAAA-BBB2",
        )
    (message,) = messages("AAAA-BBB1")
    assert message.key == key == ("AAAA-BBB1:correction:stranger" if stranger else "AAAA-BBB1:correction")
    assert message.context == {
        "tracking": "AAAA-BBB1",
        "proven": True,
        "named": True,
        "customer_ref": FIRM.customer_no,
        "form_title": form.title,
        "stranger": stranger,
        "fields": [form["name"].label, form["email"].label],
        "correction": None if stranger else "AAAA-BBB2",
    }
    assert ("AAAA-BBB2" in text_of(message)) is not stranger


def test_a_link_to_a_password_and_the_notice_of_it_go_to_the_login_once_each(some_customers: None) -> None:
    confirm(process(signup("login@example.com"), "AAAA-BBB1"))
    ends = datetime(2026, 7, 5, 13, 30, tzinfo=UTC)
    way = PasswordWay("login@example.com", JAN.customer_no, "AAAA-BBB1", ends, "secret-way")
    for _ in range(2):
        with transaction() as session:
            compose_password_link(session, way)
            compose_password_set(session, way, way.token)
    link, notice = messages("AAAA-BBB1")[2:]
    assert (link.template, link.recipient) == ("password_link", "login@example.com")
    assert link.context["link"] == "http://127.0.0.1:8000/haslo/secret-way"
    assert link.context["until"].replace("\N{NO-BREAK SPACE}", " ") == "5 lipca 2026 r., 15:30", (
        "by the clock on the wall"
    )
    assert (notice.template, notice.recipient) == ("password_set", "login@example.com")
    assert notice.context["password_page"] == "http://127.0.0.1:8000/haslo"
    assert {message.context["customer_ref"] for message in (link, notice)} == {None}
    assert link.key.rpartition(":")[2] == notice.key.rpartition(":")[2]
    assert "secret-way" not in link.key


def test_an_account_without_a_password_is_told_where_to_choose_one_and_other_proofs_are_not(
    some_customers: None,
) -> None:
    confirm(process(signup("login@example.com"), "AAAA-BBB1"))
    confirm(process(acceptance("nowa@example.com"), "AAAA-BBB2"))
    assert messages("AAAA-BBB1")[1].context["password_page"] == "http://127.0.0.1:8000/haslo"
    assert "password_page" not in messages("AAAA-BBB2")[1].context


def test_old_messages_are_shown_word_for_word_without_the_secret_of_their_link(some_customers: None) -> None:
    outcome = process(signup("login@example.com"), "AAAA-BBB1")
    incomplete(JAN, UNSIGNED)
    with transaction() as session:
        kept = kept_messages(session, "AAAA-BBB1")
    assert [(one.template, one.medium) for one in kept] == [
        ("account_link", Medium.EMAIL),
        ("incomplete_signature", Medium.EMAIL),
    ]
    link, refusal = (as_text(archived(one)) for one in kept)
    assert outcome.proof_token is not None
    assert HIDDEN in link and outcome.proof_token not in link and "AAAA-BBB1" in link
    assert "podpis" in refusal
    assert archived(kept[1]).attachments == ()


@pytest.mark.parametrize("template", ["of_an_earlier_version", "withdrawal_done"])
def test_a_message_that_no_template_can_say_any_more_says_so(home: Path, template: str) -> None:
    content = archived(KeptMessage("key", template, Medium.EMAIL, {"tracking": "AAAA-BBB1"}))
    assert (content.tracking, content.blocks, content.attachments) == ("AAAA-BBB1", (), ())
    assert "wcześniejszej wersji" in content.title


def test_a_withdrawal_that_is_already_done_is_told_where_the_customer_is_reached(some_customers: None) -> None:
    confirm(process(acceptance("nowa@example.com"), "AAAA-BBB1"))
    process(withdrawal(), "AAAA-BBB2")
    process(withdrawal(), "AAAA-BBB3")
    assert told("AAAA-BBB3") == [("already_done", "email", "nowa@example.com")]
    (message,) = messages("AAAA-BBB3")
    assert (message.context["awaiting_proof"], message.context["customer_ref"]) == (False, "…001")
    assert message.context["duplicate_of"] == "AAAA-BBB2"
    assert message.context["form_title"] == form_by_code("einvoice_withdrawal").title

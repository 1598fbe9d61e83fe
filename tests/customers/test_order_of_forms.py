"""What comes of forms of one customer that are read in another order than they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import pytest

from customers.compensation import undo
from customers.outcome import Outcome
from database.engine import transaction
from documents.loading import load
from documents.splitting import FoundForm, split
from forms.submission import Submission
from tests.customers.effects_on_jan import result, row, with_einvoice
from tests.customers.samples import (
    RECEIVED,
    SIGNED,
    acceptance,
    applied,
    change,
    proven,
    register,
    signed,
    signup,
    withdrawal,
)
from tests.documents.received import scan

FIRST, SECOND, THIRD, FOURTH = (RECEIVED + timedelta(hours=number) for number in range(1, 5))
NEXT_DAY = SIGNED + timedelta(days=1)
OVERTAKEN = ("needs_human", "received_before_last")


@pytest.fixture(autouse=True)
def _register(sqlite_database: str) -> None:
    register()


def parts(count: int) -> tuple[datetime, Sequence[str]]:
    """One file with so many forms: when it came, and their tracking numbers."""
    tracking = scan()
    with transaction() as session:
        document = load(session, tracking)
        found = split(session, document, [FoundForm(None, None, (page + 1,), None, "scan") for page in range(count)])
        return document.received_at, [one.tracking for one in found]


def decided(outcome: Outcome, overtaken_by: str) -> None:
    """It is for a human, who reads by which form it was overtaken, and that this one changed nothing."""
    assert result(outcome) == OVERTAKEN
    assert outcome.message == (
        f"Po tym formularzu wpłynął już inny w tej samej sprawie ({overtaken_by}), który nie wymagał zmian, bo było "
        "już tak, jak w nim napisano. Zdecyduj, który obowiązuje."
    )


def test_a_withdrawal_read_after_a_later_acceptance_that_was_in_force_already_is_for_a_human() -> None:
    with_einvoice("nowa@example.com")
    acceptance_again = applied(signed(acceptance("nowa@example.com"), NEXT_DAY), "WEB", SECOND)
    assert result(acceptance_again) == ("already_done", "einvoice_active")
    paper = signed(withdrawal(paper=True), NEXT_DAY)
    decided(applied(paper, "PAPER", FIRST), "WEB")
    assert row()["invoice_delivery"] == "email", "the customer's last word"
    assert applied(paper, "PAPER", FIRST, approved={"received_before_last"}).code == "consent_ended"


def test_an_acceptance_read_after_a_later_second_withdrawal_is_for_a_human() -> None:
    with_einvoice("nowa@example.com")
    applied(withdrawal(), "W1", FIRST)
    assert applied(signed(withdrawal(), NEXT_DAY), "W2", THIRD).code == "already_withdrawn"
    decided(applied(signed(acceptance(), NEXT_DAY), "A1", SECOND), "W2")


def test_a_change_of_address_read_after_a_later_one_to_the_address_in_force_is_for_a_human() -> None:
    with_einvoice("stara@example.com")
    proven(applied(change("stara@example.com", "nowa@example.com"), "C1", FIRST))
    again = signed(change("stara@example.com", "nowa@example.com"), NEXT_DAY)
    assert applied(again, "C3", THIRD).code == "email_in_force"
    decided(applied(signed(change("nowa@example.com", "inna@example.com"), NEXT_DAY), "C2", SECOND), "C3")


def test_a_withdrawal_read_after_a_later_repetition_of_the_acceptance_before_it_is_for_a_human() -> None:
    applied(acceptance(), "A1", FIRST)
    assert applied(acceptance(paper=True), "A3", THIRD).kind == "same_request"
    decided(applied(withdrawal(), "W2", SECOND), "A3")


def test_a_sign_up_read_after_a_later_repetition_of_the_one_before_it_is_for_a_human() -> None:
    applied(signup("pierwszy@example.com"), "S1", FIRST)
    assert applied(signup("pierwszy@example.com"), "S3", THIRD).kind == "same_request"
    decided(applied(signup("drugi@example.com"), "S2", SECOND), "S3")


def test_of_several_later_forms_the_last_is_told() -> None:
    with_einvoice("nowa@example.com")
    applied(signed(acceptance("nowa@example.com"), NEXT_DAY), "A4", FOURTH)
    applied(signed(acceptance("nowa@example.com"), NEXT_DAY + timedelta(days=1)), "A3", THIRD)
    decided(applied(signed(withdrawal(), NEXT_DAY), "W1", FIRST), "A4")


def test_a_paper_signed_before_an_acceptance_that_was_in_force_already_is_for_a_human() -> None:
    with_einvoice("nowa@example.com")
    applied(signed(acceptance("nowa@example.com"), SIGNED + timedelta(days=3)), "A1", FIRST)
    old = applied(signed(withdrawal(paper=True), NEXT_DAY), "W2", SECOND)
    assert result(old) == ("needs_human", "signed_before_last")
    assert old.message == (
        "Podpisany wcześniej niż przyjęty już formularz w tej samej sprawie (A1). Zdecyduj, który obowiązuje."
    )


def test_a_day_of_signature_on_a_form_that_nobody_accepted_tells_nothing() -> None:
    with_einvoice("nowa@example.com")
    refused = applied(signed(withdrawal(email_current="cudza@example.com"), NEXT_DAY), "W1", FIRST)
    assert refused.code == "current_email_differs"
    assert applied(signed(withdrawal(), SIGNED), "W2", SECOND).code == "consent_ended"


def test_repetitions_in_the_order_of_their_receipt_need_no_human() -> None:
    came = [
        (acceptance(), ("done", "consent_recorded")),
        (acceptance(paper=True), ("same_request", "same_request")),
        (signed(acceptance(), NEXT_DAY), ("done", "consent_recorded")),
        (signed(acceptance(paper=True), NEXT_DAY), ("same_request", "same_request")),
        (withdrawal(), ("needs_human", "signed_before_last")),
        (signed(withdrawal(), NEXT_DAY), ("done", "consent_ended")),
        (signed(withdrawal(paper=True), NEXT_DAY), ("same_request", "same_request")),
        (signed(withdrawal(), NEXT_DAY + timedelta(days=1)), ("already_done", "already_withdrawn")),
        (signed(acceptance(paper=True), NEXT_DAY + timedelta(days=1)), ("done", "consent_recorded")),
        (signed(acceptance(), NEXT_DAY + timedelta(days=1)), ("same_request", "same_request")),
    ]
    assert outcomes(given for given, _ in came) == [expected for _, expected in came]


def test_repetitions_of_what_is_in_force_need_no_human_and_a_change_of_mind_after_them_neither() -> None:
    with_einvoice("nowa@example.com")
    again = [signed(acceptance("nowa@example.com", paper=paper), NEXT_DAY) for paper in (False, True, False)]
    assert outcomes([*again, signed(withdrawal(), NEXT_DAY)]) == [
        *[("already_done", "einvoice_active")] * 3,
        ("done", "consent_ended"),
    ]


def test_a_repetition_that_is_read_before_the_form_that_it_repeats_needs_no_human() -> None:
    with_einvoice("nowa@example.com")
    for number, at in enumerate((THIRD, FIRST, SECOND)):
        given = signed(acceptance("nowa@example.com", paper=bool(number)), NEXT_DAY)
        assert applied(given, f"A{number}", at).kind == "already_done"
    given = signed(withdrawal(), NEXT_DAY)
    assert applied(given, "W1", FOURTH + timedelta(hours=1)).kind == "done"
    assert applied(given, "W2", FOURTH).kind == "same_request"


def test_of_two_forms_of_one_file_the_first_is_for_a_human_once_the_second_was_carried_out() -> None:
    with_einvoice("nowa@example.com")
    at, (first, second) = parts(2)
    assert applied(withdrawal(), second, at).code == "consent_ended"
    overtaken = applied(acceptance("nowa@example.com"), first, at)
    assert result(overtaken) == OVERTAKEN
    assert overtaken.message == (
        f"W tym samym pliku dalej jest drugi w tej samej sprawie ({second}). Zdecyduj, który obowiązuje."
    )


def test_the_forms_of_one_file_are_carried_out_in_the_order_of_their_pages() -> None:
    with_einvoice("nowa@example.com")
    at, trackings = parts(3)
    forms = (withdrawal(), acceptance("inna@example.com"), withdrawal())
    found = [applied(given, tracking, at).code for given, tracking in zip(forms, trackings, strict=True)]
    assert found == ["consent_ended", "consent_recorded", "consent_ended"]


def test_a_misread_form_that_was_taken_back_overtakes_nothing_and_its_correction_stands_in_its_place() -> None:
    at, (first, second, third) = parts(3)
    applied(acceptance("zla@example.com"), second, at)
    correction = scan(b"%PDF corrected")
    with transaction() as session:
        assert undo(session, second, correction).done
    assert applied(acceptance("pierwsza@example.com"), first, at).kind == "done"
    assert applied(acceptance("dobra@example.com"), correction, at).kind == "done", "it came after the first"
    assert applied(withdrawal(), third, at).code == "consent_ended", "and before the third"


def test_a_correction_does_not_overtake_what_came_between_it_and_the_misread_form() -> None:
    at, (first, second) = parts(2)
    applied(acceptance("zla@example.com"), first, at)
    correction = scan(b"%PDF corrected")
    with transaction() as session:
        assert undo(session, first, correction).done
    assert applied(acceptance("druga@example.com"), second, at).kind == "done"
    assert result(applied(acceptance("dobra@example.com"), correction, at)) == OVERTAKEN


def outcomes(given: Iterable[Submission]) -> list[tuple[str, str]]:
    """What came of forms that arrived one after the other."""
    return [
        result(applied(one, f"T{number}", RECEIVED + timedelta(days=1, minutes=number)))
        for number, one in enumerate(given)
    ]

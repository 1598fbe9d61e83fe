"""Two factors identify; what contradicts or is doubtful goes to a human."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from customers.matching import Verdict, contradicted, corroborate, judge, match
from customers.records import CustomerRecord, ListDirectory
from forms.form import Section
from forms.kinds import Value
from forms.submission import FieldValue, Source, Submission
from tests.customers.samples import FIRM, JAN, SIGNED, acceptance, change, signup, submission, untrusted, withdrawal

TODAY = SIGNED + timedelta(days=5)
REGISTER = ListDirectory((JAN, FIRM))


def judged(given: Submission, *records: CustomerRecord) -> Verdict:
    directory = ListDirectory(records) if records else REGISTER
    return judge(corroborate(given, directory), directory, TODAY)


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


@pytest.mark.parametrize("code", ["ebok_signup", "einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal"])
def test_a_complete_form_of_a_known_customer_goes_straight_through(code: str) -> None:
    given = submission(code, email="a@example.com", email_current="b@example.com", email_new="c@example.com")
    assert judged(given) == Verdict("ready", (), JAN.customer_no, identified=True)


def test_a_number_that_is_not_in_the_register_goes_to_a_human() -> None:
    verdict = judged(acceptance(customer_no="99999999"))
    assert (verdict.decision, codes(verdict), verdict.customer_no) == ("review", {"unknown_customer"}, None)


def test_the_customer_number_alone_does_not_identify() -> None:
    verdict = judged(acceptance(), CustomerRecord(JAN.customer_no, name="", town="Kostrzyn nad Odrą"))
    assert (verdict.decision, codes(verdict)) == ("review", {"second_factor_missing"})
    assert not verdict.identified


@pytest.mark.parametrize(
    ("factor", "record"),
    [
        ("name", CustomerRecord(JAN.customer_no, name=JAN.name)),
        ("pesel", CustomerRecord(JAN.customer_no, name="", pesel=JAN.pesel)),
        ("address", replace(JAN, name="", pesel=None)),
    ],
)
def test_any_one_second_factor_identifies_and_an_empty_register_is_no_contradiction(
    factor: str, record: CustomerRecord
) -> None:
    assert match(acceptance(), ListDirectory([record])).factors == {"customer_no", factor}
    assert judged(acceptance(), record).decision == "ready"


@pytest.mark.parametrize(
    ("values", "code", "label"),
    [
        ({"name": "Adam Wójcik"}, "mismatch_name", "Imię i nazwisko"),
        ({"pesel": "02070803628"}, "mismatch_pesel", "PESEL"),
        ({"house": "14"}, "mismatch_address", "Nr domu"),
    ],
)
def test_a_datum_against_the_register_goes_to_a_human_though_the_rest_agrees(
    values: dict[str, Value], code: str, label: str
) -> None:
    verdict = judged(acceptance(**values))
    assert (verdict.decision, codes(verdict)) == ("review", {code})
    assert label in verdict.problems[0].message
    assert not any(isinstance(value, str) and value in verdict.problems[0].message for value in values.values())


def test_another_nip_of_a_company_goes_to_a_human() -> None:
    verdict = judged(submission("einvoice_acceptance", FIRM, email="a@example.com", nip="5260001246"))
    assert codes(verdict) == {"mismatch_nip"}


def test_a_contradiction_by_one_letter_is_explained_but_not_accepted() -> None:
    verdict = judged(acceptance(name="Żaneta Wójcyk"))
    assert codes(verdict) == {"mismatch_name"}
    assert "jednego znaku" in verdict.problems[0].message


def test_a_missing_signature_rejects_the_paper() -> None:
    verdict = judged(acceptance(paper=True, signature=False))
    assert (verdict.decision, codes(verdict), verdict.customer_no) == ("reject", {"missing_signature"}, JAN.customer_no)


def test_a_missing_signature_on_a_paper_with_another_fault_goes_to_a_human() -> None:
    assert judged(acceptance(paper=True, signature=False, name="Adam Wójcik")).decision == "review"


def test_a_doubtful_signature_goes_to_a_human() -> None:
    verdict = judged(untrusted(acceptance(paper=True), signature=False))
    assert (verdict.decision, codes(verdict)) == ("review", {"doubtful_field"})


@pytest.mark.parametrize("name", ["email", "accept_terms", "date_signed"])
def test_a_doubtful_field_that_the_effect_needs_goes_to_a_human(name: str) -> None:
    verdict = judged(untrusted(acceptance("inna@example.com", paper=True), name))
    assert [(problem.field, problem.code) for problem in verdict.problems] == [(name, "doubtful_field")]


def test_a_doubtful_field_that_the_effect_does_not_need_is_no_obstacle() -> None:
    assert judged(untrusted(acceptance(paper=True), phone="501502503")).decision == "ready"


def test_the_telephone_is_needed_when_notifications_by_sms_are_wanted() -> None:
    assert codes(judged(untrusted(signup(paper=True), phone="501502503"))) == {"doubtful_field"}


def test_a_required_field_that_cannot_be_read_is_doubtful_and_not_missing() -> None:
    assert codes(judged(untrusted(acceptance(paper=True), name=None))) == {"doubtful_field"}


def test_a_number_that_cannot_be_read_is_doubtful_and_not_missing_where_one_of_two_is_wanted() -> None:
    verdict = judged(untrusted(acceptance(paper=True), pesel=None))
    assert [(problem.field, problem.code) for problem in verdict.problems] == [("pesel", "doubtful_field")]


def test_readings_that_equal_the_register_become_trusted() -> None:
    names = ("customer_no", "name", "pesel", "street", "house", "flat", "postcode", "town", "phone")
    given = untrusted(acceptance(JAN.email or "", paper=True), *names, "email")
    result = corroborate(given, REGISTER)
    assert all(result.fields[name].trusted and result.fields[name].doubt is None for name in (*names, "email"))
    assert judge(result, REGISTER, TODAY).decision == "ready"


def test_the_address_of_invoices_in_force_confirms_the_present_address() -> None:
    record = replace(JAN, invoice_email="faktury@example.com")
    given = untrusted(change("faktury@example.com", "inna@example.com", paper=True), "email_current")
    assert judged(given, record).decision == "ready"


def test_a_misread_number_that_is_another_customers_is_never_trusted() -> None:
    given = untrusted(withdrawal(paper=True), customer_no=FIRM.customer_no)
    result = corroborate(given, REGISTER)
    assert not result.fields["customer_no"].trusted
    assert {"mismatch_name", "mismatch_address"} <= codes(judge(result, REGISTER, TODAY))


def test_a_number_read_with_certainty_loses_its_trust_when_it_is_somebody_elses() -> None:
    result = corroborate(withdrawal(paper=True, customer_no=FIRM.customer_no), REGISTER)
    assert not result.fields["customer_no"].trusted
    assert result.fields["name"].trusted


@pytest.mark.parametrize("against", [{"pesel": "02070803628"}, {"name": "Adam Wójcik"}, {"house": "14"}])
def test_a_doubtful_number_stays_doubtful_when_one_datum_agrees_and_another_contradicts(
    against: dict[str, Value],
) -> None:
    given = untrusted(acceptance(paper=True, **against), "customer_no")
    result = corroborate(given, REGISTER)
    assert not result.fields["customer_no"].trusted
    assert result.fields["customer_no"].doubt is not None
    verdict = judge(result, REGISTER, TODAY)
    assert ("customer_no", "doubtful_field") in {(problem.field, problem.code) for problem in verdict.problems}


def test_a_reading_against_the_register_loses_its_trust_but_a_typed_value_keeps_it() -> None:
    assert not corroborate(acceptance(name="Adam Wójcik", paper=True), REGISTER).fields["name"].trusted
    assert corroborate(acceptance(name="Adam Wójcik"), REGISTER).fields["name"].trusted


def test_one_misread_letter_of_a_name_is_corrected_when_pesel_agrees() -> None:
    result = corroborate(untrusted(acceptance(paper=True), name="Żaneta Wójclk"), REGISTER)
    assert (result.value("name"), result.fields["name"].raw) == (JAN.name, "Żaneta Wójclk")
    assert judge(result, REGISTER, TODAY).decision == "ready"


def test_one_misread_letter_of_a_name_is_not_corrected_without_pesel() -> None:
    assert codes(judged(untrusted(withdrawal(paper=True), name="Żaneta Wójclk"))) == {"mismatch_name"}


def test_one_misread_letter_of_a_town_is_corrected_when_the_name_agrees() -> None:
    assert judged(untrusted(withdrawal(paper=True), town="Kostrzvn nad Odrą")).decision == "ready"


def test_handwriting_is_neither_corrected_nor_trusted_once_more() -> None:
    given = untrusted(acceptance(paper=True), name="Żaneta Wójclk", town=JAN.town)
    hand = {name: replace(value, source=Source.HANDPRINT) for name, value in given.fields.items()}
    result = corroborate(replace(given, fields=hand), REGISTER)
    assert result.value("name") == "Żaneta Wójclk"
    assert not result.fields["town"].trusted
    assert result.fields["customer_no"].trusted


def test_handwriting_that_the_register_contradicts_loses_its_trust() -> None:
    given = acceptance(paper=True, name="Adam Wójcik")
    hand = {name: replace(value, source=Source.HANDPRINT) for name, value in given.fields.items()}
    result = corroborate(replace(given, fields=hand), REGISTER)
    assert not result.fields["name"].trusted
    assert result.fields["street"].trusted


def test_what_a_person_typed_is_never_corrected() -> None:
    assert codes(judged(acceptance(name="Żaneta Wójclk"))) == {"mismatch_name"}


def test_a_new_address_one_letter_off_the_registered_one_is_not_corrected() -> None:
    verdict = judged(untrusted(acceptance(paper=True), email="zameta@example.com"))
    assert codes(verdict) == {"doubtful_field"}


def test_a_paper_signed_over_a_year_ago_goes_to_a_human() -> None:
    assert codes(judged(acceptance(signed=date(2024, 3, 1)))) == {"old_signature"}


def test_every_field_of_a_request_must_be_trusted() -> None:
    given = untrusted(acceptance(paper=True), phone="501502503")
    request = replace(given, form=replace(given.form, effect="record_request"))
    assert codes(judged(request)) == {"doubtful_field"}


def test_a_form_without_customer_number_tells_only_that() -> None:
    given = acceptance().with_value("customer_no", FieldValue(None))
    assert codes(judged(given)) == {"missing"}


def test_a_form_that_asks_for_no_customer_number_goes_to_a_human_with_a_reason() -> None:
    given = acceptance()
    fields = tuple(item for item in given.form.fields if item.name != "customer_no")
    sections = (Section("1.", tuple((item.name,) for item in fields)),)
    anonymous = replace(given, form=replace(given.form, fields=fields, sections=sections))
    verdict = judged(replace(anonymous, fields={n: v for n, v in given.fields.items() if n != "customer_no"}))
    assert (verdict.decision, codes(verdict)) == ("review", {"unknown_customer"})


@pytest.mark.parametrize("lost", ["street", "house", "flat"])
def test_an_address_damaged_in_the_list_is_no_second_factor(lost: str) -> None:
    known = replace(JAN, name="", pesel=None, **{lost: None}, unusable={lost: "2026-07-05"})
    told = {"name": None, "pesel": None, lost: None}
    verdict = judged(acceptance(**told), known)
    assert "second_factor_missing" in codes(verdict)
    assert not verdict.identified
    whole = replace(known, unusable={})
    assert lost == "house" or "address" in match(acceptance(**told), ListDirectory((whole,))).factors


def test_the_fields_that_say_something_else_than_the_register_are_named() -> None:
    assert contradicted(acceptance(), JAN) == frozenset()
    assert contradicted(acceptance(name="Adam Wójcik", house="14", pesel="02070803628"), JAN) == {
        "name",
        "house",
        "pesel",
    }
    assert contradicted(acceptance(postcode="00-001", town="Warszawa"), JAN) == {"postcode", "town"}


@pytest.mark.parametrize(("name", "known"), [("phone", JAN.phone), ("email", JAN.email)])
def test_a_contact_that_the_register_knows_is_trusted_and_another_one_is_not(name: str, known: str) -> None:
    assert corroborate(untrusted(acceptance(paper=True), **{name: known}), REGISTER).fields[name].trusted
    other = corroborate(untrusted(acceptance(paper=True), **{name: "501502503"}), REGISTER).fields[name]
    assert (other.trusted, other.doubt) == (False, "Niepewne.")


def test_a_paper_signed_a_year_and_a_day_ago_is_taken_and_one_a_day_older_is_not() -> None:
    assert judged(acceptance(signed=TODAY - timedelta(days=366))).decision == "ready"
    assert codes(judged(acceptance(signed=TODAY - timedelta(days=367)))) == {"old_signature"}


@pytest.mark.parametrize(
    ("name", "misread", "right"),
    [("town", "Kostrzvn nad Odrą", JAN.town), ("street", "ul. Adama Mlckiewicza", JAN.street)],
)
def test_a_corrected_reading_keeps_what_was_read_and_loses_its_doubt(name: str, misread: str, right: str) -> None:
    result = corroborate(untrusted(acceptance(paper=True), **{name: misread}), REGISTER).fields[name]
    assert (result.value, result.raw, result.trusted, result.doubt) == (right, misread, True, None)


def test_a_short_town_and_a_reading_two_letters_off_are_not_corrected() -> None:
    short = replace(JAN, town="Łódź")
    given = untrusted(acceptance(paper=True), town="Łódz1")
    assert corroborate(given, ListDirectory((short,))).value("town") == "Łódz1"
    two_off = untrusted(acceptance(paper=True), town="Kostrzvn nad 0drą")
    assert corroborate(two_off, REGISTER).value("town") == "Kostrzvn nad 0drą"


def test_a_town_of_five_letters_is_long_enough_to_be_corrected() -> None:
    record = ListDirectory((replace(JAN, town="Turek"),))
    assert corroborate(untrusted(acceptance(paper=True), town="Turak"), record).value("town") == "Turek"


def test_every_problem_of_matching_is_a_sentence_with_the_labels_of_its_fields() -> None:
    given = acceptance(name="Adam Wójcik", house="14", town="Warszawa")
    told = {problem.code: problem for problem in judged(given).problems}
    form = given.form
    assert told["mismatch_name"].field == "name"
    assert told["mismatch_name"].message.startswith(f"{form['name'].label}: ")
    assert told["mismatch_address"].field == "house"
    assert told["mismatch_address"].message.startswith(f"{form['house'].label}, {form['town'].label}: ")
    assert all(problem.message.endswith(".") for problem in told.values())


def test_a_number_that_nobody_has_is_no_longer_trusted_and_says_why() -> None:
    number = corroborate(withdrawal(paper=True, customer_no="99999999"), REGISTER).fields["customer_no"]
    assert (number.trusted, number.doubt) == (False, "Nie ma go w rejestrze.")


def test_what_agrees_only_in_part_stays_doubtful() -> None:
    part = corroborate(untrusted(acceptance(paper=True), street="Mickiewicza"), REGISTER).fields["street"]
    assert (part.trusted, part.doubt) == (False, "Niepewne.")
    without_flat = ListDirectory((replace(JAN, flat=None),))
    flat = corroborate(untrusted(acceptance(paper=True), "flat"), without_flat).fields["flat"]
    assert (flat.trusted, flat.doubt) == (False, "Niepewne.")


def test_a_contact_that_neither_paper_nor_register_tells_is_not_confirmed() -> None:
    unknown = ListDirectory((replace(JAN, phone=None),))
    assert not corroborate(untrusted(acceptance(paper=True), phone=None), unknown).fields["phone"].trusted


@pytest.mark.parametrize("name", ["email_current", "email_new"])
@pytest.mark.parametrize("known", ["zaneta@example.com", "faktury@example.com"])
def test_an_address_of_a_change_is_confirmed_by_either_that_the_register_knows(name: str, known: str) -> None:
    register = ListDirectory((replace(JAN, invoice_email="faktury@example.com"),))
    given = untrusted(change("a@example.com", "b@example.com", paper=True), **{name: known})
    assert corroborate(given, register).fields[name].trusted


def test_one_misread_letter_is_not_corrected_where_one_number_agrees_and_the_other_contradicts() -> None:
    record = replace(JAN, nip=FIRM.nip)
    given = untrusted(acceptance(paper=True, nip="5260001246"), name="Żaneta Wójclk")
    assert corroborate(given, ListDirectory((record,))).value("name") == "Żaneta Wójclk"


def test_a_corrected_reading_that_was_corrected_before_keeps_what_was_read_first() -> None:
    given = untrusted(acceptance(paper=True), town="Kostrzvn nad Odrą")
    read = replace(given.fields["town"], raw="K0strzvn nad Odrą")
    assert corroborate(given.with_value("town", read), REGISTER).fields["town"].raw == "K0strzvn nad Odrą"

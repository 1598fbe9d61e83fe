"""Whose electronic signature stands for that of the form: the person's own; all others are for a human."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from customers.comparison import names_person
from customers.matching import Verdict, corroborate, judge
from customers.records import CustomerRecord, ListDirectory
from forms.electronic_signature import ALARMING, ElectronicSignature, SignatureKind, SignatureStanding
from forms.submission import Source, Submission
from review.reasons import overrulable, short
from tests.customers.samples import FIRM, JAN, SIGNED, acceptance, submission, withdrawal

AT = datetime(2025, 3, 21, 10, 0, tzinfo=UTC)
HERS = ElectronicSignature(
    SignatureStanding.VALID,
    AT,
    SignatureKind.QUALIFIED,
    "ŻANETA MARIA WÓJCIK",
    "WÓJCIK",
    JAN.pesel,
    issuer="Centrum Testowe CA",
)
SOMEBODY = replace(HERS, signer="ADAM NOWAK", surname="NOWAK", pesel="02070803628")
SEAL = ElectronicSignature(
    SignatureStanding.VALID, AT, SignatureKind.SEAL, organisation="Firma", organisation_nip=FIRM.nip
)
OF_FIRM = replace(SOMEBODY, organisation=FIRM.name, organisation_nip=FIRM.nip)
UNSIGNED = acceptance(paper=True, signature=False)
WRONG = [standing for standing in SignatureStanding if standing is not SignatureStanding.VALID]


def judged(given: Submission, *signatures: ElectronicSignature, record: CustomerRecord | None = None) -> Verdict:
    directory = ListDirectory((record,) if record else (JAN, FIRM))
    return judge(corroborate(given.signed(signatures), directory), directory, SIGNED + timedelta(days=5))


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def test_the_persons_own_signature_stands_for_that_of_the_pen() -> None:
    assert judged(UNSIGNED).decision == "reject"
    assert judged(UNSIGNED, HERS).decision == "ready"
    given = UNSIGNED.signed([HERS])
    assert (given.fields["signature"].value, given.fields["signature"].source) == (True, Source.ESIGNATURE)


def test_what_a_pen_signed_stays_signed_by_the_pen() -> None:
    given = acceptance(paper=True).signed([HERS])
    assert given.fields["signature"].source is Source.PRINT


@pytest.mark.parametrize("standing", WRONG)
def test_a_signature_that_does_not_count_leaves_the_paper_unsigned_and_a_human_is_told_why(
    standing: SignatureStanding,
) -> None:
    wrong = replace(HERS, standing=standing)
    verdict = judged(UNSIGNED, wrong)
    told = codes(verdict) - {"doubtful_field"}
    assert (verdict.decision, told) == ("review", {"missing_signature", f"signature_{standing}"})
    assert wrong.reason in {problem.message for problem in verdict.problems}


@pytest.mark.parametrize("standing", WRONG)
def test_where_no_signature_is_owed_only_a_sign_of_tampering_stops_the_form(standing: SignatureStanding) -> None:
    verdict = judged(acceptance(), replace(HERS, standing=standing))
    stopped = standing in ALARMING
    assert verdict.decision == ("review" if stopped else "ready")
    assert codes(verdict) - {"doubtful_field"} == ({f"signature_{standing}"} if stopped else set())


def test_what_was_filled_in_after_the_signature_is_named() -> None:
    changed = replace(HERS, standing=SignatureStanding.CHANGED, changed_fields=("email", "of a stranger"))
    (problem,) = (each for each in judged(acceptance(), changed).problems if each.code != "doubtful_field")
    assert problem.message == "Plik zmieniono po podpisaniu elektronicznym. Zmienione pola: Adres e-mail do faktur."


def test_the_persons_later_signature_vouches_for_what_was_changed_after_the_first() -> None:
    assert judged(UNSIGNED, replace(HERS, standing=SignatureStanding.CHANGED), HERS).decision == "ready"
    assert judged(UNSIGNED, replace(HERS, standing=SignatureStanding.CHANGED), SOMEBODY).decision == "review"


@pytest.mark.parametrize("given", [UNSIGNED, acceptance()])
def test_somebody_elses_signature_goes_to_a_human_who_may_accept_it(given: Submission) -> None:
    verdict = judged(given, SOMEBODY)
    assert (verdict.decision, codes(verdict)) == ("review", {"signature_other_person"})
    assert SOMEBODY.signer not in verdict.problems[0].message
    assert "signature_other_person" in overrulable()


def test_somebody_who_signs_the_scan_of_what_a_pen_signed_is_nobody_elses_business() -> None:
    assert judged(acceptance(paper=True), SOMEBODY).decision == "ready"


def test_a_person_and_a_company_beside_each_other_are_the_person() -> None:
    assert judged(UNSIGNED, HERS, SEAL).decision == "ready"
    assert judged(UNSIGNED, SEAL, HERS).decision == "ready"


def test_a_seal_is_nobodys_signature_and_does_no_harm_where_none_is_owed() -> None:
    assert codes(judged(UNSIGNED, SEAL)) == {"missing_signature", "signature_of_nobody"}
    assert judged(acceptance(), SEAL).decision == "ready"


@pytest.mark.parametrize("signature", [SOMEBODY, OF_FIRM])
def test_who_signs_for_a_company_is_looked_up_by_a_human(signature: ElectronicSignature) -> None:
    given = submission("einvoice_acceptance", FIRM, paper=True, signature=False, email="a@example.com")
    verdict = judged(given, signature)
    assert (verdict.decision, codes(verdict)) == ("review", {"signature_of_representative"})


def test_a_sole_trader_signs_for_the_firm_that_bears_the_name() -> None:
    trader = replace(FIRM, name="Usługi Hydrauliczne Adam Nowak")
    given = submission("einvoice_acceptance", trader, paper=True, signature=False, email="a@example.com")
    assert judged(given, SOMEBODY, record=trader).decision == "ready"
    by_number = replace(SOMEBODY, signer="ADAM WOLNY", surname="WOLNY", nip=trader.nip)
    assert judged(given, by_number, record=trader).decision == "ready"
    assert judged(given, replace(by_number, nip="5260001246"), record=trader).decision == "review"


def test_the_pesel_decides_where_it_is_known_on_both_sides_and_the_register_may_know_it() -> None:
    married = replace(HERS, signer="ŻANETA NOWAK", surname="NOWAK")
    assert judged(UNSIGNED, married).decision == "ready"
    namesake = replace(HERS, pesel="02070803628")
    assert codes(judged(UNSIGNED, namesake)) == {"signature_other_person"}
    paper = withdrawal(paper=True, signature=False)
    assert paper.value("pesel") is None
    assert judged(paper, married).decision == "ready"
    assert codes(judged(paper, namesake)) == {"signature_other_person"}


@pytest.mark.parametrize(
    ("name", "signer", "surname", "firm", "same"),
    [
        ("Jan Kowalski", "JAN ADAM KOWALSKI", "KOWALSKI", False, True),
        ("Kowalski Jan", "JAN KOWALSKI", None, False, True),
        ("Anna Kowalska-Nowak", "ANNA MARIA KOWALSKA-NOWAK", "KOWALSKA-NOWAK", False, True),
        ("Łukasz Żółć", "Lukasz Zolc", None, False, True),
        ("Anna Kowalska", "ANNA KOWALSKA-NOWAK", "KOWALSKA-NOWAK", False, False),
        ("Jan Nowak", "JAN KOWALSKI", "KOWALSKI", False, False),
        ("Adam Kowalski", "JAN KOWALSKI", "KOWALSKI", False, False),
        ("Kowalski", "JAN KOWALSKI", "KOWALSKI", False, False),
        ("Jan Adam", "JAN ADAM KOWALSKI", None, False, False),
        ("Anna i Jan Kowalscy", "JAN KOWALSKI", "KOWALSKI", False, False),
        ("Usługi Jan Kowalski", "JAN ADAM KOWALSKI", "KOWALSKI", True, True),
        ("Usługi Jan Kowalski", "JAN KOWALSKI", "KOWALSKI", False, False),
        ("Jan Kowalski sp. z o.o.", "JAN KOWALSKI", "KOWALSKI", True, False),
        (None, "JAN KOWALSKI", "KOWALSKI", True, False),
        ("Jan Kowalski", "", None, True, False),
    ],
)
def test_a_name_is_that_of_the_signer_when_surname_and_a_given_name_are(
    name: str | None, signer: str, surname: str | None, firm: bool, same: bool
) -> None:
    assert names_person(name, signer, surname, firm=firm) is same


def test_the_desk_has_words_for_each_reason_and_a_human_may_accept_in_spite_of_it() -> None:
    wanted = {f"signature_{standing}" for standing in WRONG}
    wanted |= {"signature_of_nobody", "signature_of_representative", "signature_other_person"}
    assert "Inny powód" not in map(short, wanted)
    assert wanted <= overrulable()


@pytest.mark.parametrize(
    ("altered", "doubted"),
    [
        (replace(HERS, standing=SignatureStanding.CHANGED, changed_fields=("email", "phone")), {"email", "phone"}),
        (replace(HERS, standing=SignatureStanding.CHANGED, changed_fields=("Pole 17",)), None),
        (replace(HERS, standing=SignatureStanding.CHANGED), None),
        (replace(HERS, standing=SignatureStanding.BROKEN), None),
        (replace(HERS, standing=SignatureStanding.PARTIAL), None),
        (replace(HERS, standing=SignatureStanding.UNTRUSTED), set()),
    ],
)
def test_values_that_may_have_come_after_the_signature_are_doubted_and_the_register_does_not_settle_it(
    altered: ElectronicSignature, doubted: set[str] | None
) -> None:
    given = acceptance().signed([altered])
    found = {name for name, value in given.fields.items() if not value.trusted}
    every = {name for name, value in given.fields.items() if value.value is not None}
    assert found == (every if doubted is None else doubted)
    settled = corroborate(given, ListDirectory((JAN,)))
    assert {name for name, value in settled.fields.items() if not value.trusted} == found


def test_what_its_signer_signs_again_is_signed_but_not_what_somebody_else_does() -> None:
    changed = replace(HERS, standing=SignatureStanding.CHANGED)
    assert all(value.trusted for value in acceptance().signed([changed, HERS]).fields.values())
    assert not acceptance().signed([changed, SOMEBODY]).fields["email"].trusted

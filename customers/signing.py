"""Whether who signed a file electronically is the person of the form in it; if not, a human decides.

The PESEL settles it where both are known, else the names do. Who signs for a company is told by no certificate: a clerk
looks up whether he may. A sole trader bears his own name in that of his firm.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from customers.comparison import names_person
from customers.records import CustomerRecord
from forms.electronic_signature import ALARMING, ElectronicSignature
from forms.form import Form, Problem
from forms.submission import Source, Submission

OTHER_SIGNER: Final = "signature_other_person"
REPRESENTATIVE: Final = "signature_of_representative"
_NOBODY: Final = "signature_of_nobody"

_OTHER_SIGNER: Final = "Elektronicznie podpisał kto inny niż osoba z formularza. Zobacz, kto, i ustal, czy może."
_REPRESENTATIVE: Final = (
    "Za firmę podpisała elektronicznie osoba: sprawdź w KRS, CEIDG albo pełnomocnictwie, czy może ją reprezentować."
)


def signer_problems(submission: Submission, record: CustomerRecord | None) -> list[Problem]:
    """What a human must know of the electronic signatures; ``record`` is the customer of the form's number.

    Nothing where one that counts is the person's: it vouches for the whole file. Otherwise what was changed, cut or
    revoked always is for a human; somebody else's signature where no pen signed; one that does not count where the form
    owes a signature and has none.
    """
    counting = [each for each in submission.signatures if each.counts]
    if any(_is_of_person(each, submission, record) for each in counting):
        return []
    problems = [_told(each, submission.form) for each in submission.signatures if each.standing in ALARMING]
    signed = next((each for name, each in submission.fields.items() if name == "signature"), None)
    by_pen = signed is not None and bool(signed.value) and signed.source is not Source.ESIGNATURE
    if counting and not by_pen:
        problems.append(_of_somebody_else(submission, record))
    if submission.paper and (signed is None or not signed.value):
        problems += [_told(each, submission.form) for each in submission.signatures if not each.counts]
    return list(dict.fromkeys(problems))


def _is_of_person(signature: ElectronicSignature, submission: Submission, record: CustomerRecord | None) -> bool:
    known = set(_known("pesel", submission, record))
    if signature.pesel and known:
        return known == {signature.pesel}
    firms = set(_known("nip", submission, record))
    if signature.nip and firms:
        return firms == {signature.nip}
    name = submission.text("name")
    return names_person(name, signature.signer or "", signature.surname, firm=bool(firms))


def _known(name: str, submission: Submission, record: CustomerRecord | None) -> Iterator[str]:
    """What the form and the register say; a contradiction between them is told elsewhere."""
    for value in (submission.text(name), None if record is None else getattr(record, name)):
        if value:
            yield value


def _of_somebody_else(submission: Submission, record: CustomerRecord | None) -> Problem:
    company = any(_known("nip", submission, record)) and not any(_known("pesel", submission, record))
    if company:
        return Problem(None, REPRESENTATIVE, _REPRESENTATIVE)
    return Problem(None, OTHER_SIGNER, _OTHER_SIGNER)


def _told(signature: ElectronicSignature, form: Form) -> Problem:
    code = _NOBODY if signature.valid else f"signature_{signature.standing.value}"
    changed = [form[name].label for name in signature.changed_fields if name in form]
    what = f" Zmienione pola: {', '.join(changed)}." if changed else ""
    return Problem(None, code, f"{signature.reason}{what}")

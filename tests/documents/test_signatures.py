"""What was found of electronic signatures stays with the document as evidence, whatever becomes of certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from database.engine import transaction
from documents import loading, splitting, summaries
from documents.entries import find_or_add_document
from documents.splitting import FoundForm
from documents.states import IntakeChannel, State
from documents.values import keep_signatures, submission_of
from forms.catalogue import form_by_code
from forms.electronic_signature import ElectronicSignature, SignatureKind, SignatureStanding
from forms.submission import Submission

FORM = form_by_code("einvoice_withdrawal")
VALID = ElectronicSignature(
    SignatureStanding.VALID,
    datetime(2026, 11, 28, 12, 0, tzinfo=UTC),
    SignatureKind.QUALIFIED,
    "ANNA KOWALSKA",
    "KOWALSKA",
    "44051401359",
    chain=("ab" * 32, "cd" * 32),
)


def _taken(*signatures: ElectronicSignature) -> str:
    with transaction() as session:
        document, _ = find_or_add_document(session, IntakeChannel.UPLOAD, State.RECEIVED, actor="upload")
        parts = [FoundForm(FORM.code, FORM.version, (page,), Submission(FORM), "scan") for page in (1, 2)]
        splitting.split(session, document, parts, signatures=signatures)
        return document.tracking


def test_each_form_of_a_file_has_the_signatures_of_the_file(database: str) -> None:
    tracking = _taken(VALID)
    with transaction() as session:
        first = loading.load(session, tracking)
        (second,) = (loading.load(session, each) for each in summaries.story(session, tracking)["children"])
        assert submission_of(session, first).signatures == (VALID,)
        assert submission_of(session, second).signatures == (VALID,)


def test_the_story_masks_the_number_of_who_signed_unless_it_is_asked_for(sqlite_database: str) -> None:
    tracking = _taken(VALID)
    with transaction() as session:
        (masked,) = summaries.story(session, tracking)["signatures"]
        (shown,) = summaries.story(session, tracking, masked=False)["signatures"]
    assert "44051401359" not in str(masked)
    assert shown["pesel"] == "44051401359"


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (SignatureStanding.EXPIRED, SignatureStanding.VALID),
        (SignatureStanding.UNTRUSTED, SignatureStanding.VALID),
        (SignatureStanding.NO_TRUST_ROOTS, SignatureStanding.VALID),
        (SignatureStanding.REVOKED, SignatureStanding.REVOKED),
        (SignatureStanding.VALID, SignatureStanding.VALID),
    ],
)
def test_what_was_valid_when_it_came_stays_so_unless_it_was_revoked(
    sqlite_database: str, later: SignatureStanding, kept: SignatureStanding
) -> None:
    tracking = _taken(VALID)
    with transaction() as session:
        document = loading.load(session, tracking)
        keep_signatures(document, [replace(VALID, standing=later)])
        assert [each.standing for each in submission_of(session, document).signatures] == [kept]


def test_what_was_not_checked_is_replaced_once_somebody_is_trusted(sqlite_database: str) -> None:
    tracking = _taken(replace(VALID, standing=SignatureStanding.NO_TRUST_ROOTS))
    with transaction() as session:
        document = loading.load(session, tracking)
        keep_signatures(document, [VALID])
        assert submission_of(session, document).signatures == (VALID,)

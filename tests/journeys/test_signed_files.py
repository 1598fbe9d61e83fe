"""A form without the signature of a pen, signed electronically: the whole way from the upload to the confirmation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from benchmarks.page_forms import fields_of
from database.engine import transaction
from documents.loading import load
from documents.originals import opened
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, layout
from specimens import files
from specimens.paper import inked, print_form
from specimens.scanner import scan
from tests.api.desk.staff import browser, enter, hire
from tests.journeys.conftest import Office
from tests.journeys.one_database import database  # noqa: F401  takes the place of both kinds
from tests.signed_files import Identity, Issuer, changed, signed

CODE = "einvoice_acceptance"


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def trusted(office: Office, issuer: Issuer, tmp_path: Path, set_settings: Callable[..., None]) -> Iterator[None]:
    set_settings(trust_dir=str(issuer.trusted_in(tmp_path / "wystawcy")), intake_stable_seconds=0)
    yield
    get_settings.cache_clear()


def unsigned_scan(values: dict[str, Value]) -> bytes:
    """A scan of a paper that no pen has signed."""
    return files.image_pdf(scan(print_form(form_by_code(CODE), {**values, "signature": False}), "gray200", 3))


def certificate_of(office: Office, issuer: Issuer, person: int = 0) -> Identity:
    row = office.people[person]
    given, _, surname = str(row["name"]).rpartition(" ")
    return issuer.person(given.upper(), surname.upper(), row["pesel"])


@pytest.mark.parametrize("by_folder", [False, True])
def test_an_electronic_signature_stands_for_that_of_the_pen_and_is_kept_as_evidence(
    office: Office, trusted: None, issuer: Issuer, by_folder: bool
) -> None:
    values = office.values(CODE)
    data = signed(unsigned_scan(values), certificate_of(office, issuer), issuer, stamps=issuer.time_stamps())
    if by_folder:
        office.drop("skan.pdf", data)
    else:
        office.upload("skan.pdf", data)
    office.work()
    (document,) = office.documents()
    assert document["state"] == "confirmed", document
    assert document["paper"]
    (consent,) = office.row()["consents"]
    assert consent["tracking"] == document["tracking"]
    (evidence,) = document["signatures"]
    assert (evidence["standing"], evidence["counts"], evidence["time_proven"]) == ("valid", True, True)
    assert evidence["pesel"] != office.people[0]["pesel"], "masked, as the readings are"
    assert len(evidence["chain"]) == 3
    assert [one["source"] for one in document["readings"] if one["field"] == "signature"] == ["esignature"]
    with transaction() as session:
        sha256 = load(session, document["tracking"]).original_sha256
    assert sha256 is not None
    with opened(sha256) as kept:
        assert kept.read() == data


def test_the_same_scan_without_it_goes_back_to_be_signed(office: Office, trusted: None) -> None:
    office.upload("skan.pdf", unsigned_scan(office.values(CODE)))
    office.work()
    (document,) = office.documents()
    assert (document["state"], document["reason_code"]) == ("rejected", "missing_signature")


def test_a_podpis_zaufany_counts_by_the_name_that_the_seal_tells(office: Office, trusted: None, issuer: Issuer) -> None:
    reason = (
        "Opatrzono pieczęcią ministra właściwego do spraw informatyzacji w imieniu: "
        f"{str(office.people[0]['name']).upper()}, PESEL: {office.people[0]['pesel']}"
    )
    office.upload("skan.pdf", signed(unsigned_scan(office.values(CODE)), issuer.ministry(), issuer, reason=reason))
    office.work()
    (document,) = office.documents()
    assert document["state"] == "confirmed", document
    assert document["signatures"][0]["kind"] == "trusted_profile"


def test_a_filled_in_and_signed_form_is_read_as_one_that_nobody_signed(
    office: Office, trusted: None, issuer: Issuer
) -> None:
    filled = draw_fillable(form_by_code(CODE), office.values(CODE))
    office.upload("formularz.pdf", signed(filled, certificate_of(office, issuer), issuer, box=(330, 20, 560, 60)))
    office.work()
    (document,) = office.documents()
    assert document["state"] == "confirmed", document
    assert not document["paper"]


def test_a_flattened_and_locked_form_is_read_as_before(
    office: Office, trusted: None, issuer: Issuer, tmp_path: Path
) -> None:
    path = tmp_path / "flat.pdf"
    path.write_bytes(draw_fillable(form_by_code(CODE), office.values(CODE)))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for field in pdf.Root.AcroForm.Fields:
            field.Ff = int(field.get("/Ff", 0)) | 1
        pdf.flatten_annotations("all")
        pdf.save(path)
    office.upload("formularz.pdf", signed(path.read_bytes(), certificate_of(office, issuer), issuer))
    office.work()
    (document,) = office.documents()
    assert document["state"] == "confirmed", document
    assert document["signatures"][0]["counts"]


def test_what_was_changed_after_it_was_signed_waits_for_a_clerk_who_sees_what(
    office: Office, trusted: None, issuer: Issuer
) -> None:
    filled = draw_fillable(form_by_code(CODE), office.values(CODE))
    data = signed(filled, certificate_of(office, issuer), issuer)
    tracking = office.upload("formularz.pdf", changed(data, "email", "zlodziej@example.com"))
    office.work()
    (document,) = office.documents()
    assert document["state"] == "in_review"
    assert {one["code"] for one in document["problems"]} >= {"signature_changed", "doubtful_field"}
    assert [one["field"] for one in document["readings"] if one["value"] and not one["trusted"]] == ["email"]
    hire("ewa")
    desk = browser()
    enter(desk, "ewa")
    token = fields_of(desk.get("/biuro/").text, "/biuro/nastepny")
    page = desk.post("/biuro/nastepny", data=token).text
    for told in (
        "Podpis elektroniczny",
        "nie liczy się",
        "Plik zmieniono po podpisaniu",
        "plik zmieniono: Adres e-mail",
    ):
        assert told in page
    secret = {"tracking": tracking, "secret": str(office.people[0]["postcode"])}
    case = office.api.post("/sprawa", data=secret).text.replace("\u00a0", " ")
    assert "Plik zmieniono po podpisaniu elektronicznym." in case
    assert str(office.people[0]["name"]).upper() not in case, "who knows a number and a post code may be a stranger"
    told = office.api.get(f"/api/v1/submissions/{tracking}").json()["signatures"]
    assert [(one["standing"], one["kind"], one["counts"]) for one in told] == [("changed", "qualified", False)]
    assert str(office.people[0]["name"]).upper() not in str(told)


def test_somebody_elses_signature_is_for_a_clerk_who_accepts_it_in_spite_of_that(
    office: Office, trusted: None, issuer: Issuer
) -> None:
    office.upload("skan.pdf", signed(unsigned_scan(office.values(CODE)), certificate_of(office, issuer, 1), issuer))
    office.work()
    (document,) = office.documents()
    assert (document["state"], document["reason_code"]) == ("in_review", "signature_other_person")
    hire("ewa")
    desk = browser()
    enter(desk, "ewa")
    page = desk.post("/biuro/nastepny", data=fields_of(desk.get("/biuro/").text, "/biuro/nastepny"))
    assert str(office.people[1]["name"]).upper() in page.text
    sent = fields_of(page.text, page.url.path)
    refused = desk.post(page.url.path, data={**sent, "co": "zatwierdz"})
    assert refused.status_code == 422
    settled = desk.post(
        page.url.path, data={**sent, "co": "zatwierdz", "mimo": "signature_other_person"}, follow_redirects=False
    )
    assert settled.status_code == 303
    office.work()
    assert office.state(document["tracking"]) == "confirmed"


def test_a_drawn_likeness_of_an_electronic_signature_is_none(office: Office, trusted: None) -> None:
    values = office.values(CODE)
    likeness = "Podpisano elektronicznie przez Jan Kowalski"
    office.upload("skan.pdf", files.image_pdf(scan(_with_text(values, likeness), "gray200", 3)))
    office.work()
    (document,) = office.documents()
    assert document["state"] != "confirmed"
    assert document["signatures"] == []


def _with_text(values: dict[str, Value], text: str) -> bytes:
    form = form_by_code(CODE)
    x0, _, _, bottom = layout(form)["signature"].boxes[0]

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 7)
        canvas.drawString(x0 + 8, PAGE_HEIGHT - bottom + 22, text)
        canvas.drawString(x0 + 8, PAGE_HEIGHT - bottom + 13, "Data: 2026.11.28 12:00:00 +01:00")

    return inked(print_form(form, {**values, "signature": False}), files.drawn(draw))

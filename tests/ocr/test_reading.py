from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from forms.blank import draw_blank
from forms.catalogue import current_forms, form_by_code
from forms.fillable import draw_fillable
from forms.form import Form
from forms.kinds import Date, Digits, Phone, Postcode, Value, Writing
from forms.layout import PAGE_HEIGHT, layout
from forms.submission import Source, Submission
from ocr.files.page import GrayImage
from ocr.handprint.alphabet import CLASSES, EMPTY, NUMBER, Part, part_for
from ocr.handprint.recogniser import Floats
from ocr.machine_print.printed import DOUBT_CUT_OFF
from ocr.reading import read_file
from ocr.results import FileReading
from specimens import files
from specimens.paper import PrintStyle, handwrite_form, print_fillable, print_form, rasterise
from specimens.scanner import Scan, scan
from tests.ocr.conftest import FORMS

Values = Callable[[Form], dict[str, Value]]


def _only(reading: FileReading) -> Submission:
    (document,) = reading.documents
    assert document.submission is not None
    return document.submission


def _write(folder: Path, scans: list[Scan]) -> Path:
    return files.write(folder / "scan.pdf", files.image_pdf(scans))


def _same(found: Submission, expected: dict[str, Value]) -> dict[str, tuple[Value, Value]]:
    """Fields that differ; an empty tick and none at all are the same."""
    return {
        name: (found.value(name), value)
        for name, value in expected.items()
        if (found.value(name) or None) != (value or None)
    }


@pytest.mark.parametrize("code", FORMS)
def test_a_printed_scan_gives_its_values(tmp_path: Path, code: str, values: Values) -> None:
    form = form_by_code(code)
    page = scan(print_form(form, values(form)), "gray200", 5)[0]
    reading = read_file(files.write(tmp_path / "scan.jpg", files.jpeg(page)))
    (document,) = reading.documents
    assert (document.form_code, document.version, document.pages, document.source) == (code, form.version, (1,), "scan")
    submission = _only(reading)
    assert submission.paper
    assert _same(submission, values(form)) == {}
    for item in form.fields:
        value = submission.fields[item.name]
        assert value.page == 1
        assert value.box == layout(form)[item.name].bounds
        assert value.trusted, item.name


@pytest.mark.parametrize("condition", ["bitonal200", "photo", "turned270", "skew"])
def test_numbers_survive_poor_scans(tmp_path: Path, condition: str, form: Form, values: Values) -> None:
    page = scan(print_form(form, values(form)), condition, 3)[0]
    make = files.tiff if page.bitonal else files.image_pdf
    submission = _only(read_file(files.write(tmp_path / "scan", make([page]))))
    numbers = [item.name for item in form.fields if isinstance(item.kind, Digits | Postcode | Phone | Date)]
    assert {name: submission.value(name) for name in numbers} == {name: values(form)[name] for name in numbers}


@pytest.mark.parametrize("spread", ["comb", "run", "fillable"])
def test_text_is_read_in_cells_and_across_them(tmp_path: Path, spread: str, form: Form, values: Values) -> None:
    if spread == "fillable":
        pdf = print_fillable(form, values(form))
    else:
        pdf = print_form(form, values(form), PrintStyle(spread="run" if spread == "run" else "comb"))
    submission = _only(read_file(_write(tmp_path, scan(pdf, "gray300", 2))))
    assert _same(submission, values(form)) == {}


def test_resolution_noted_in_the_file_is_not_relied_on(tmp_path: Path, form: Form, values: Values) -> None:
    picture = scan(print_form(form, values(form)), "gray200", 4)[0].image
    for dpi in ((72, 72), (600, 600)):
        submission = _only(read_file(files.write(tmp_path / "scan.png", files.png(Scan(picture, dpi)))))
        assert submission.value("customer_no") == values(form)["customer_no"]


def test_a_filled_pdf_form_is_believed(tmp_path: Path, form: Form, values: Values) -> None:
    reading = read_file(files.write(tmp_path / "form.pdf", draw_fillable(form, values(form))))
    assert reading.documents[0].source == "acroform"
    submission = _only(reading)
    assert not submission.paper
    typed = {name: value for name, value in values(form).items() if name != "signature"}
    assert _same(submission, typed) == {}
    assert submission.value("signature") is False
    assert {submission.fields[name].source for name in typed} == {Source.ACROFORM}
    assert all(value.trusted for value in submission.fields.values())


def test_a_flattened_pdf_form_is_read_from_its_text(tmp_path: Path, form: Form, values: Values) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draw_fillable(form, values(form)))) as pdf:
        pdf.flatten_annotations("all")
        pdf.save(out)
    reading = read_file(files.write(tmp_path / "form.pdf", out.getvalue()))
    assert reading.documents[0].source == "text"
    submission = _only(reading)
    assert _same(submission, {**values(form), "signature": None}) == {}
    assert submission.fields["name"].source == Source.TEXT
    assert submission.fields["accept_terms"].source == Source.TICK


def test_a_digital_form_printed_smaller_on_its_page_is_still_read(tmp_path: Path, form: Form, values: Values) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(print_form(form, values(form)))) as pdf:
        pdf.pages[0].contents_add(b"0.94 0 0 0.94 18 25 cm", prepend=True)
        pdf.save(out)
    reading = read_file(files.write(tmp_path / "form.pdf", out.getvalue()))
    assert reading.documents[0].source == "text"
    assert _same(_only(reading), values(form)) == {}


def test_the_text_layer_of_a_scanner_is_not_believed(tmp_path: Path, form: Form, values: Values) -> None:
    page = scan(print_form(form, values(form)), "gray200", 6)[0]
    x0, top, _, bottom = layout(form)["customer_no"].bounds
    layer = io.BytesIO()
    canvas = Canvas(layer, pagesize=(595.28, PAGE_HEIGHT))
    text = canvas.beginText(x0 + 3, PAGE_HEIGHT - bottom + 5)
    text.setTextRenderMode(3)
    text.setFont("Helvetica", bottom - top - 6)
    text.textOut("99999999")
    canvas.drawText(text)
    canvas.showPage()
    canvas.save()
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(files.image_pdf([page]))) as pdf, pikepdf.open(io.BytesIO(layer.getvalue())) as ocr:
        pdf.pages[0].add_overlay(ocr.pages[0])
        pdf.save(out)
    reading = read_file(files.write(tmp_path / "scan.pdf", out.getvalue()))
    assert reading.documents[0].source == "scan"
    assert _only(reading).value("customer_no") == values(form)["customer_no"]


def test_hidden_text_on_a_digital_page_is_not_believed(tmp_path: Path, form: Form) -> None:
    x0, _, _, bottom = layout(form)["customer_no"].bounds
    layer = io.BytesIO()
    canvas = Canvas(layer, pagesize=(595.28, PAGE_HEIGHT))
    canvas.setFillGray(1)
    canvas.drawString(x0 + 20, PAGE_HEIGHT - bottom + 6, "99999999")
    canvas.showPage()
    canvas.save()
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draw_blank(form))) as pdf, pikepdf.open(io.BytesIO(layer.getvalue())) as white:
        pdf.pages[0].add_overlay(white.pages[0])
        pdf.save(out)
    number = _only(read_file(files.write(tmp_path / "form.pdf", out.getvalue()))).fields["customer_no"]
    assert not number.trusted
    assert number.doubt


def test_a_batch_is_parted_into_forms_letters_backs_and_separators(tmp_path: Path, values: Values) -> None:
    one, two, three, four = (print_form(form, values(form)) for form in map(form_by_code, FORMS[:4]))
    short = files.drawn(lambda canvas: canvas.drawString(80, 700, "Prosze o wyjasnienie rachunku."))
    order = [one, files.blank_page(), files.envelope(), two, short, three, files.blank_page(), four]
    scans = [scan(pdf, "gray150", at)[0] for at, pdf in enumerate(order)]
    scans[3] = files.upside_down(scans[3])
    reading = read_file(files.write(tmp_path / "batch.tif", files.tiff(scans)))
    assert [document.pages for document in reading.documents] == [(1,), (4,), (5,), (6,), (8,)]
    assert [document.form_code for document in reading.documents] == [*FORMS[:2], None, *FORMS[2:4]]
    assert [problem.code for problem in reading.documents[2].problems] == ["letter_in_batch"]
    assert reading.ignored_pages == (2, 3, 7)


def test_a_file_with_no_form_of_ours_is_a_document_without_form(tmp_path: Path) -> None:
    reading = read_file(files.write(tmp_path / "letter.pdf", files.joined(files.letter(1), files.blank_page())))
    (document,) = reading.documents
    assert (document.form_code, document.submission, document.pages) == (None, None, (1,))
    assert document.problems[0].code == "unknown_form"
    assert reading.ignored_pages == (2,)


@pytest.mark.parametrize(("code", "condition"), [(FORMS[0], "gray200"), (FORMS[1], "bitonal200"), (FORMS[2], "photo")])
def test_handwriting_is_told_from_print_and_trusted_only_where_nothing_is_doubtful(
    tmp_path: Path, code: str, condition: str, values: Values
) -> None:
    form = form_by_code(code)
    submission = _only(read_file(_write(tmp_path, scan(handwrite_form(form, values(form), 3), condition, 3))))
    for item in form.fields:
        value = submission.fields[item.name]
        if item.kind.widget == "comb" and values(form)[item.name]:
            assert value.source == Source.HANDPRINT, item.name
            assert value.trusted is (value.doubt is None), item.name
            assert not value.trusted or str(value.value).upper() == str(values(form)[item.name]).upper(), item.name
    assert submission.value("signature") is True


def test_numbers_written_by_hand_are_read_with_valid_check_digits(tmp_path: Path, form: Form, values: Values) -> None:
    written = values(form)
    path = _write(tmp_path, scan(handwrite_form(form, written, 3), "gray200", 3))
    submission = _only(read_file(path))
    names = [item.name for item in form.fields if item.kind.writing is Writing.CHECKED and written[item.name]]
    for name in names:
        proposed = submission.fields[name]
        assert proposed.value == written[name], name
        assert form[name].kind.parse(proposed.value).fault is None
    assert submission.fields["customer_no"].value == written["customer_no"]


def test_another_network_is_given_all_cells_of_a_page_at_once_by_what_they_may_hold(
    tmp_path: Path, form: Form, values: Values
) -> None:
    asked: dict[Part, int] = {}

    def sevens(cells: Sequence[GrayImage], part: Part) -> Floats:
        assert part not in asked
        asked[part] = len(cells)
        shares = np.zeros((len(cells), len(CLASSES)))
        for at, cell in enumerate(cells):
            shares[at, NUMBER["7" if (cell < 128).mean() > 0.01 else EMPTY]] = 1.0
        return shares

    path = _write(tmp_path, scan(handwrite_form(form, values(form), 3), "gray200", 3))
    submission = _only(read_file(path, handprint=sevens))
    lengths: dict[Part, int] = {"all": 0, "digits": 0}
    for name, value in submission.fields.items():
        if value.source is Source.HANDPRINT:
            lengths[part_for(form[name].kind.alphabet)] += len(layout(form)[name].boxes)
    assert asked == lengths
    assert submission.fields["customer_no"].value == "77777777"


def _signed_with(
    form: Form, values: dict[str, Value], draw: Callable[[ImageDraw.ImageDraw, float, float, float], None]
) -> Scan:
    picture = Image.fromarray(rasterise(print_form(form, {**values, "signature": False}), 200)[0])
    x0, top, _, bottom = (edge * 200 / 72 for edge in layout(form)["signature"].bounds)
    draw(ImageDraw.Draw(picture), x0, top, bottom)
    return Scan(np.asarray(picture), (200, 200))


def test_specks_are_no_signature_and_a_stroke_may_be_one(tmp_path: Path, form: Form, values: Values) -> None:
    def specks(pen: ImageDraw.ImageDraw, x: float, top: float, bottom: float) -> None:
        for at in range(6):
            pen.ellipse((x + 60 * at + 30, top + 40, x + 60 * at + 31, top + 41), fill=20)

    def dash(pen: ImageDraw.ImageDraw, x: float, top: float, bottom: float) -> None:
        pen.line((x + 100, top + 70, x + 150, top + 60), fill=20, width=4)

    dusty = _only(read_file(_write(tmp_path, [_signed_with(form, values(form), specks)]))).fields["signature"]
    assert (dusty.value, dusty.trusted) == (False, True)
    unclear = _only(read_file(_write(tmp_path, [_signed_with(form, values(form), dash)]))).fields["signature"]
    assert not unclear.trusted
    assert unclear.doubt


def test_a_struck_out_or_faint_tick_is_doubted(tmp_path: Path, form: Form, values: Values) -> None:
    page = rasterise(print_form(form, {**values(form), "notify_sms": False, "notify_email": False}), 200)[0].copy()
    for name, tone, reach in (("notify_sms", 30, 14), ("notify_email", 150, 0)):
        x0, top, x1, bottom = (round(edge * 200 / 72) for edge in layout(form)[name].bounds)
        if reach:
            for at in range(-reach, x1 - x0 + reach, 4):
                cv2.line(page, (x0 + at, top - reach), (x0 + at + 5, bottom + reach), (tone,), 3)
        else:
            cv2.line(page, (x0 + 12, top + 14), (x0 + 20, top + 22), (tone,), 2)
    submission = _only(read_file(_write(tmp_path, [Scan(page, (200, 200))])))
    for name in ("notify_sms", "notify_email"):
        assert not submission.fields[name].trusted, name
        assert submission.fields[name].doubt


def test_several_threads_read_at_once(tmp_path: Path, values: Values) -> None:
    paths = {
        form.code: files.write(tmp_path / f"{form.code}.pdf", print_form(form, values(form)))
        for form in current_forms()
    }
    found: dict[str, str | None] = {}

    def read(code: str, path: Path) -> None:
        found[code] = read_file(path).documents[0].form_code

    threads = [threading.Thread(target=read, args=item) for item in paths.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {code: code for code in paths}


_FULL = "przemyslaw.kowalczyk@przedsiebiorstwo.eu"
_FULL_AND_WHOLE = "przemyslaw.kowalczykowski@poczta.onet.pl"
_ROOM_LEFT = "przemyslaw.kowalczyk@przedsiebiorstw.eu"


@pytest.mark.parametrize(("address", "doubted"), [(_FULL, True), (_FULL_AND_WHOLE, False), (_ROOM_LEFT, False)])
def test_an_address_that_fills_its_comb_is_doubted_unless_its_domain_is_whole(
    tmp_path: Path, values: Values, address: str, doubted: bool
) -> None:
    form = form_by_code("einvoice_acceptance")
    page = scan(print_form(form, {**values(form), "email": address}, seed=3), "gray300", 5)[0]
    email = _only(read_file(_write(tmp_path, [page]))).fields["email"]
    assert (email.value, email.trusted, email.doubt) == (address, not doubted, DOUBT_CUT_OFF if doubted else None)

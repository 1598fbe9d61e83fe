from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from rapidfuzz import fuzz

from forms.asking import Stems
from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Signature, Tick, Value
from ocr.letters import unknown_layout
from ocr.letters.page_words import Line, PageText, Word
from ocr.letters.wishes import wishes
from ocr.reading import read_file
from ocr.results import DocumentReading, FileReading
from ocr.tesseract.lines import line_recogniser
from readers.pictures import PagePicture
from specimens import files
from specimens.editions import edition
from specimens.letters import Letter, request_letter
from specimens.paper import print_form
from specimens.people import CustomerRow, invented_customers
from specimens.scanner import Scan, scan
from specimens.strangers import NAMES, stranger
from tests.further_forms import meter_request
from tests.ocr.conftest import LETTERS as FORMS
from tests.ocr.conftest import TODAY

Values = Callable[[Form], dict[str, Value]]
PEOPLE = invented_customers(12, 77)


def person(at: int = 0) -> CustomerRow:
    return [row for row in PEOPLE if row["email"] and row["street"]][at]


def letter(code: str, seed: int = 1, at: int = 0, pages: int = 1) -> Letter:
    return request_letter(code, person(at), seed, TODAY, pages=pages)


def read(folder: Path, data: bytes) -> FileReading:
    return read_file(files.write(folder / "letter.pdf", data))


def only(reading: FileReading) -> DocumentReading:
    (document,) = reading.documents
    return document


def proposed(document: DocumentReading) -> dict[str, Value]:
    assert document.submission is not None
    assert not any(value.trusted for value in document.submission.fields.values())
    return {name: value for name, value in document.submission.values.items() if isinstance(value, str)}


def typed(text: str) -> PageText:
    """A page of lines as a text layer gives it."""
    lines = []
    for at, row in enumerate(text.split("\n")):
        words, x = [], 60.0
        for word in row.split():
            words.append(Word(word, (x, 60.0 + 15 * at, x + 6 * len(word), 70.0 + 15 * at)))
            x += 6 * len(word) + 4
        lines += [Line(tuple(words))] if words else []
    return PageText(1, tuple(lines), "text", paper=False)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("code", FORMS)
def test_a_digital_letter_is_recognised_by_what_it_asks_and_every_value_it_states_is_proposed(
    tmp_path: Path, code: str, seed: int
) -> None:
    written = letter(code, seed, seed)
    document = only(read(tmp_path, written.pdf))
    assert (document.form_code, document.version, document.source) == (code, None, "text")
    assert [problem.code for problem in document.problems] == ["unknown_layout"]
    assert proposed(document) == {name: value for name, value in written.values.items() if name in form_by_code(code)}


@pytest.mark.parametrize(("condition", "code"), [("fax", "einvoice_acceptance"), ("turned270", "ebok_signup")])
def test_a_scanned_letter_is_recognised_whichever_way_up_it_lies(tmp_path: Path, condition: str, code: str) -> None:
    written = letter(code, 2)
    document = only(read(tmp_path, files.image_pdf(scan(written.pdf, condition, 3))))
    assert (document.form_code, document.version, document.source) == (code, None, "scan")
    assert document.submission is not None
    assert document.submission.paper
    given = proposed(document)
    assert {name: given[name] for name in ("customer_no", "name", "date_signed")} == {
        name: written.values[name] for name in ("customer_no", "name", "date_signed")
    }


@pytest.mark.parametrize(("turn", "by_hand"), [(0, None), (1, {1: 2})])
def test_the_box_of_a_proposed_value_shows_it_upright(
    tmp_path: Path, turn: int, by_hand: dict[int, int] | None
) -> None:
    written = letter("einvoice_withdrawal", 4)
    page = scan(written.pdf, "skew", 5)[0]
    lying = Scan(np.ascontiguousarray(np.rot90(page.image, turn)), page.dpi)
    path = files.write(tmp_path / "foto.jpg", files.jpeg(lying))
    reading = read_file(path, turns=by_hand)  # however a human turned it, it is shown as it stands
    assert reading.turns.get(1, 0) == turn
    document = only(reading)
    assert document.submission is not None
    value = document.submission.fields["customer_no"]
    assert value.page == 1
    assert value.box is not None
    png = np.frombuffer(PagePicture(path, "one", 1, turn=turn).field(value.box), np.uint8)
    (line,) = line_recogniser().read([np.asarray(cv2.imdecode(png, cv2.IMREAD_GRAYSCALE), np.uint8)], "eng")
    assert fuzz.partial_ratio(re.sub(r"\D", "", line.text), str(written.values["customer_no"])) > 70


@pytest.mark.parametrize("name", NAMES)
def test_papers_that_only_speak_of_our_subjects_stay_strangers(tmp_path: Path, name: str) -> None:
    document = only(read(tmp_path, stranger(name)))
    assert (document.form_code, document.submission) == (None, None)
    assert [problem.code for problem in document.problems] == ["unknown_form"]


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("Nie chcę już faktur papierowych. Proszę przesyłać je na a@o2.pl.", "start_einvoice"),
        ("Proszę o zmianę formy faktur z papierowej na elektroniczną.", "start_einvoice"),
        ("Nie otrzymuję faktur pocztą, proszę o wysyłanie faktur na e-mail a@o2.pl.", "start_einvoice"),
        ("Wypowiadam zgodę na e-fakturę.", "end_einvoice"),
        ("Proszę nie wysyłać mi więcej e-faktur, tylko zwykłe listem.", "end_einvoice"),
        ("Proszę o zmianę sposobu wysyłania faktur z elektronicznego na papierowy.", "end_einvoice"),
        ("Zmieniłam skrzynkę mailową, faktury proszę na b@wp.pl zamiast a@wp.pl.", "change_einvoice_email"),
        ("Proszę, aby e-faktury przychodziły na inny adres: b@wp.pl.", "change_einvoice_email"),
        ("Proszę mnie zarejestrować w e-BOK.", "open_account"),
        ("Chciałbym uzyskać dostęp do elektronicznego biura obsługi klienta.", "open_account"),
        ("Proszę o przesłanie faktury za kwiecień na adres a@wp.pl, bo jej nie dostałem.", None),
        ("Proszę o rozłożenie zaległości z faktury na raty. Kontakt: a@wp.pl", None),
        ("Proszę o reset hasła do eBOK, nie mogę się zalogować do konta.", None),
        ("Prosimy o zapłatę faktury. Faktura została wysłana na adres e-mail a@wp.pl.", None),
        ("Nie wyrażam zgody na wymianę wodomierza.", None),
        ("Informuję, że zmieniam adres zamieszkania na ul. Leśna 3. Tam proszę wysyłać faktury pocztą.", None),
    ],
)
def test_what_is_wanted_is_told_from_what_is_given_up_and_from_what_is_only_mentioned(
    text: str, effect: str | None
) -> None:
    found = wishes([typed(text)], tuple(map(form_by_code, FORMS)))
    assert [form.effect for form in found] == ([effect] if effect else [])


@pytest.mark.parametrize(
    "sentence",
    [
        "Proszę o zmianę adresu do e-faktur z stary@wp.pl na nowy@op.pl.",
        "Proszę o wysyłanie e-faktur na nowy adres nowy@op.pl zamiast dotychczasowego stary@wp.pl.",
        "Zmienił się mój adres e-mail do faktur. Nowy adres: nowy@op.pl, stary: stary@wp.pl.",
        "Zmiana adresu e-mail do faktur. Było: stary@wp.pl, jest: nowy@op.pl.",
    ],
)
def test_the_old_address_is_told_from_the_new_one_by_the_words_around_them(sentence: str) -> None:
    (found,) = unknown_layout.Strangers((form_by_code("einvoice_email_change"),)).look_at([typed(sentence)])
    assert (found.fields["email_current"].value, found.fields["email_new"].value) == ("stary@wp.pl", "nowy@op.pl")


def test_the_company_s_own_address_is_nobody_s_value(tmp_path: Path) -> None:
    written = letter("einvoice_acceptance", 1)
    given = proposed(only(read(tmp_path, written.pdf)))
    assert (given["postcode"], given["town"]) == (written.values["postcode"], written.values["town"])
    asked = "Miejskie Zakłady Komunalne Sp. z o.o.\n66-470 Kostrzyn nad Odrą\nmzk@kostrzyn.pl"
    text = typed(f"{asked}\n\nWyrażam zgodę na e-faktury. Numer klienta 40028117.")
    (found,) = unknown_layout.Strangers((form_by_code("einvoice_acceptance"),)).look_at([text])
    assert {name for name, value in found.fields.items() if value.value} == {"customer_no"}


def test_a_letter_of_two_pages_is_one_document(tmp_path: Path) -> None:
    written = letter("einvoice_withdrawal", 3, pages=2)
    document = only(read(tmp_path, written.pdf))
    assert (document.form_code, document.pages) == ("einvoice_withdrawal", (1, 2))
    assert proposed(document)["customer_no"] == written.values["customer_no"]


def test_a_letter_beside_a_form_and_a_stranger_in_one_file_is_a_document_of_its_own(
    tmp_path: Path, values: Values
) -> None:
    form = form_by_code("ebok_signup")
    pages = (print_form(form, values(form)), letter("einvoice_withdrawal", 1).pdf, stranger("complaint"))
    reading = read(tmp_path, files.joined(*pages))
    assert [(one.form_code, one.version, one.pages) for one in reading.documents] == [
        ("ebok_signup", form.version, (1,)),
        ("einvoice_withdrawal", None, (2,)),
        (None, None, (3,)),
    ]
    assert reading.ignored_pages == ()


def test_two_letters_in_one_file_are_two_documents(tmp_path: Path) -> None:
    first, second = letter("einvoice_withdrawal", 1, 0), letter("ebok_signup", 2, 1)
    reading = read(tmp_path, files.joined(first.pdf, second.pdf))
    assert [(one.form_code, one.pages) for one in reading.documents] == [
        ("einvoice_withdrawal", (1,)),
        ("ebok_signup", (2,)),
    ]


def test_a_letter_that_only_announces_the_form_beside_it_is_an_enclosure() -> None:
    text = typed("W załączeniu przesyłam zgodę na faktury elektroniczne. Numer klienta 40028117.")
    looked = unknown_layout.Strangers((form_by_code("einvoice_acceptance"),))
    assert looked.look_at([text])
    looked.keep([text])
    assert looked.proposed({"einvoice_acceptance"}) == []
    assert looked.strangers == [1]


def test_two_wishes_are_two_documents_and_contradictory_ones_are_left_to_a_human() -> None:
    forms = tuple(form_by_code(code) for code in FORMS)
    both = typed("Proszę o założenie konta eBOK.\nProszę o wysyłanie e-faktur na a@wp.pl. Nr klienta 40028117.")
    found = unknown_layout.Strangers(forms).look_at([both])
    assert [each.form and each.form.code for each in found] == ["ebok_signup", "einvoice_acceptance"]
    torn = typed("Rezygnuję z e-faktury.\nProszę o wysyłanie e-faktur na a@wp.pl. Nr klienta 40028117.")
    (unclear,) = unknown_layout.Strangers(forms).look_at([torn])
    assert (unclear.form, unclear.fields) == (None, {})


def test_a_form_is_asked_for_in_its_own_words_and_an_older_version_may_have_said_them() -> None:
    known = form_by_code("einvoice_withdrawal")
    meter = replace(known, code="meter", effect="record_request", asking=Stems((("wodomierz",),)))
    asked = typed("Proszę o wymianę wodomierza. Nr klienta 40028117.")
    assert wishes([asked], (known, meter)) == (meter,)
    newer = replace(meter, version="2", asking=None)
    assert wishes([asked], (known, meter, newer)) == (newer,)
    assert wishes([asked], (known, replace(meter, asking=None))) == ()


def test_forms_that_are_asked_for_in_the_same_way_are_not_told_apart() -> None:
    known = form_by_code("einvoice_withdrawal")
    asked = typed("Wypowiadam zgodę na e-fakturę. Nr klienta 40028117.")
    assert wishes([asked], (known,)) == (known,)
    assert wishes([asked], (known, replace(known, code="other"))) == ()


def test_a_heading_that_ran_into_the_letter_below_it_still_gives_e_invoices_up() -> None:
    forms = tuple(form_by_code(code) for code in FORMS)
    text = typed("Dotyczy: faktury elektroniczne rezygnacja Ja, niżej podpisany, nr klienta 40028117, piszę jak niżej.")
    (wish,) = unknown_layout.Strangers(forms).look_at([text])
    assert wish.form is not None
    assert wish.form.code == "einvoice_withdrawal"


@pytest.mark.parametrize("code", FORMS)
def test_an_older_edition_without_a_code_is_read_by_its_labels(tmp_path: Path, values: Values, code: str) -> None:
    form = form_by_code(code)
    document = only(read(tmp_path, edition(form, values(form))))
    assert (document.form_code, document.version) == (code, None)
    assert [problem.code for problem in document.problems] == ["unknown_layout"]
    texts = [item.name for item in form.fields if not isinstance(item.kind, Tick | Signature)]
    assert proposed(document) == {name: values(form)[name] for name in texts if values(form)[name]}


def test_a_scanned_edition_of_another_version_tells_it_and_proposes_its_values(tmp_path: Path, values: Values) -> None:
    form = form_by_code("einvoice_withdrawal")
    pages = scan(edition(form, values(form), version="0"), "gray200", 4)
    document = only(read(tmp_path, files.image_pdf(pages)))
    assert (document.form_code, document.version, document.source) == (form.code, "0", "scan")
    assert [problem.code for problem in document.problems] == ["unknown_version"]
    given = proposed(document)
    for name in ("customer_no", "name", "postcode", "town", "date_signed"):
        assert given[name] == values(form)[name]


def test_an_empty_line_of_another_edition_is_shown_not_filled_from_elsewhere(tmp_path: Path, values: Values) -> None:
    form = form_by_code("ebok_signup")
    document = only(read(tmp_path, edition(form, {**values(form), "phone": None})))
    assert document.submission is not None
    phone = document.submission.fields["phone"]
    assert (phone.value, phone.page) == (None, 1)
    assert phone.box is not None


def test_a_further_form_is_known_by_its_title_and_labels(tmp_path: Path, values: Values) -> None:
    form = meter_request.FORM
    path = files.write(tmp_path / "other.pdf", edition(form, values(form)))
    document = only(read_file(path, forms=[form]))
    assert document.form_code == "meter_request"
    assert proposed(document)["meter_no"] == values(form)["meter_no"]


def test_a_code_of_a_form_that_is_not_installed_is_told_without_values(tmp_path: Path, values: Values) -> None:
    form = form_by_code("ebok_signup")
    unheard = replace(form, code="swimming_pool")
    document = only(read(tmp_path, edition(unheard, values(form), version="3")))
    assert (document.form_code, document.version, document.submission) == ("swimming_pool", "3", None)


def test_the_pages_of_a_long_foreign_scan_are_not_all_recognised_and_none_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unknown_layout, "MOST_RECOGNISED", 1)
    pages = [scan(letter("ebok_signup", 2).pdf, "gray150", 1)[0]] * 3
    reading = read(tmp_path, files.image_pdf(pages))
    assert [(one.form_code, one.pages) for one in reading.documents] == [("ebok_signup", (1,)), (None, (2, 3))]
    assert [problem.code for problem in reading.documents[1].problems] == ["unknown_form"]

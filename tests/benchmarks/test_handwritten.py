import numpy as np
import pytest

from benchmarks.eight_thousand import customers
from benchmarks.handwritten import DATA, Writers, WritingDesk, write_form
from benchmarks.penmanship import Penman, Scanned
from forms.catalogue import form_by_code
from forms.layout import layout
from ocr.handprint.training.glyphs import load
from ocr.handprint.training.writers import half_of, in_half
from specimens.paper import rasterise
from tests.benchmarks.hands import CELL, drawn_writers

FORM = form_by_code("ebok_signup")
PEOPLE = customers(60)
WRITERS = drawn_writers()
real = pytest.mark.skipif(not DATA.exists(), reason="the handwriting data does not lie beside the checkout")


def page_of(folder, number=0, conditions=("gray150",), writers=WRITERS):
    return WritingDesk(writers, 11, conditions, folder, PEOPLE).page(number)


def darkness(page, box, dpi):
    x0, top, x1, bottom = (round(edge * dpi / 72) for edge in box)
    return float(np.mean(page[top:bottom, x0:x1] < 150))


def test_every_filled_comb_holds_ink_and_every_empty_one_none():
    values = {"customer_no": "87537680", "name": "Żaneta Łoś", "email": "z.los@wp.pl", "signature": True}
    pdf, manner = write_form(FORM, values, WRITERS, np.random.default_rng(4))
    page, dpi = rasterise(pdf, 150)[0], 150
    placed = layout(FORM)
    assert all(darkness(page, cell, dpi) > 0.02 for cell in placed["customer_no"].boxes)
    assert darkness(page, placed["signature"].bounds, dpi) > 0.004
    assert darkness(page, placed["phone"].bounds, dpi) < 0.001
    assert manner.startswith(("left", "right"))


def test_the_same_seed_writes_the_same_page_and_another_number_another_one(tmp_path):
    first = page_of(tmp_path)
    before = first.path.read_bytes()
    again = page_of(tmp_path)
    other = page_of(tmp_path, number=4)
    assert again.path.read_bytes() == before
    assert again.expected == first.expected
    assert other.expected["customer_no"] != first.expected["customer_no"]


def test_every_tenth_page_is_unsigned_and_every_tenth_a_strangers(tmp_path):
    assert page_of(tmp_path, number=9).expected["signature"] is False
    assert page_of(tmp_path, number=4).who != "customer"
    assert page_of(tmp_path, number=5).expected["signature"] is True


def test_characters_stand_in_their_cells_and_no_two_are_alike():
    penman = Penman(WRITERS.hands, "left", np.random.default_rng(1))
    written = [np.concatenate(penman.write("A", CELL)) for _ in range(20)]
    middles = np.array([points.mean(axis=0) for points in written])
    assert np.all(np.abs(middles - (7.5, 11)) < 7)
    assert len({points.tobytes() for points in written}) == 20


@real
def test_the_two_halves_share_no_writer_and_together_are_all():
    hands = load(DATA, "dev")
    halves = [in_half(hands, half) for half in ("fit", "report")]
    writers = [{glyph.writer for found in half.glyphs.values() for glyph in found} for half in halves]
    assert not writers[0] & writers[1]
    assert all(half_of(writer) == "report" for writer in writers[1])
    for label, found in hands.glyphs.items():
        assert sum(len(half.glyphs[label]) for half in halves) == len(found)
    for label, images in hands.scanned.items():
        assert sum(len(half.scanned[label]) for half in halves) == len(images)


@real
def test_one_real_writer_fills_in_a_page_and_some_use_scanned_digits(tmp_path):
    writers = Writers.of("fit", DATA)
    page = page_of(tmp_path, writers=writers)
    assert page.manner.partition(",")[0] in writers.penmen
    penmen = [Penman(writers.hands, writers.penmen[0], np.random.default_rng(seed)) for seed in range(20)]
    assert {isinstance(penman.write("5", CELL), Scanned) for penman in penmen} == {True, False}


@real
def test_a_run_of_pages_is_drawn_by_number(tmp_path):
    desk = WritingDesk(Writers.of("fit", DATA), 3, ["bitonal200"], tmp_path, PEOPLE)
    pages = [desk.page(number) for number in range(2)]
    assert [(page.number, page.path.exists()) for page in pages] == [(0, True), (1, True)]

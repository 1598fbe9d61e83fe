from dataclasses import replace

import numpy as np
import pytest

from benchmarks.drawing import PrintingDesk
from benchmarks.eight_thousand import customers
from benchmarks.true_places import LIMIT_MM, PlacesTask, dotted_picture, errors_of
from forms.catalogue import all_forms
from ocr.alignment.identification import identify
from ocr.files.opening import open_pages

POINTS_A_MM = 72 / 25.4


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """An aligned page and its sheet of dots."""
    folder = tmp_path_factory.mktemp("places")
    page = PrintingDesk(5, ("skew",), folder, customers(20)).page(0)
    with open_pages(page.path) as pages:
        alignment = identify(pages.page(1).picture, all_forms()).alignment
    return alignment, dotted_picture(page, 5, folder)


def moved(alignment, millimetres):
    shift = np.array([[1, 0, millimetres * POINTS_A_MM], [0, 1, 0], [0, 0, 1.0]])
    return replace(alignment, to_picture=alignment.to_picture @ shift)


def test_a_right_alignment_puts_every_dot_in_its_place(scanned):
    errors = errors_of(*scanned)
    assert len(errors) > 50
    assert max(errors) < LIMIT_MM


def test_an_alignment_that_errs_by_two_millimetres_is_told_so(scanned):
    alignment, dots = scanned
    assert np.mean(errors_of(moved(alignment, 2.0), dots)) == pytest.approx(2.0, abs=0.15)


def test_an_alignment_far_off_has_no_place_right(scanned):
    alignment, dots = scanned
    turned = replace(alignment, to_picture=alignment.to_picture @ np.diag([0.5, 0.5, 1.0]))
    assert all(error > LIMIT_MM for error in errors_of(turned, dots))


def test_pages_are_measured_by_number():
    found = PlacesTask(5, ("gray150",))(1)
    assert (found.specimen, found.form, found.condition, found.aligned) == (1, "einvoice_acceptance", "gray150", True)
    assert max(found.errors) < LIMIT_MM

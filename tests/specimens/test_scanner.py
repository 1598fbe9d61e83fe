import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from specimens import files
from specimens.scanner import CONDITIONS, scan

BLANK = draw_blank(form_by_code("einvoice_withdrawal"))


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_gives_a_page_of_the_right_size_and_the_same_for_the_same_seed(name):
    first, again = scan(BLANK, name, seed=3)[0], scan(BLANK, name, seed=3)[0]
    assert np.array_equal(first.image, again.image)
    assert first.bitonal == (name in {"bitonal200", "bitonal300", "fax"})
    across, down = first.image.shape[1] / first.dpi[0], first.image.shape[0] / first.dpi[1]
    if name in {"turned90", "turned270"}:
        across, down = down, across
    slack = 1.2 if name == "photo" else 0.05  # a photo shows the table around the sheet
    assert 8.27 - 0.05 < across < 8.27 + slack
    assert 11.69 - 0.05 < down < 11.69 + slack


def test_another_seed_gives_another_scan():
    assert not np.array_equal(scan(BLANK, "gray150", 1)[0].image, scan(BLANK, "gray150", 2)[0].image)


def test_an_image_pdf_keeps_page_sizes_and_holds_no_text():
    scans = [scan(BLANK, name, 1)[0] for name in ("gray150", "bitonal200", "fax", "colour200")]
    document = pypdfium2.PdfDocument(files.image_pdf(scans))
    assert len(document) == 4
    for page in document:
        assert page.get_size() == pytest.approx((595.3, 841.9), abs=2)
        assert page.get_textpage().get_text_bounded() == ""


def test_a_tiff_holds_all_pages_with_their_resolution():
    scans = [scan(BLANK, name, 1)[0] for name in ("bitonal200", "fax", "gray150")]
    with Image.open(io.BytesIO(files.tiff(scans))) as picture:
        assert picture.n_frames == 3
        found = []
        for frame in range(3):
            picture.seek(frame)
            picture.load()
            found.append((picture.info["compression"], *map(round, picture.info["dpi"])))
    assert found == [("group4", 200, 200), ("group4", 204, 196), ("tiff_adobe_deflate", 150, 150)]


def test_an_upside_down_page_is_the_same_page_turned():
    page = scan(BLANK, "gray150", 1)[0]
    assert np.array_equal(files.upside_down(files.upside_down(page)).image, page.image)


@pytest.mark.parametrize("draw", [files.blank_page, files.letter, files.envelope])
def test_strangers_between_forms_are_single_pages(draw):
    assert len(pypdfium2.PdfDocument(draw())) == 1
    assert draw() == draw()

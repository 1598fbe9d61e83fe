import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from specimens import broken, files
from specimens.scanner import scan


def test_a_truncated_file_begins_rightly_and_does_not_open_whole():
    data = files.png(scan(files.blank_page(), "gray150")[0])
    with pytest.raises(OSError, match="truncated"), Image.open(io.BytesIO(broken.truncated(data))) as picture:
        picture.load()


def test_an_encrypted_pdf_asks_for_its_password():
    data = broken.encrypted(files.blank_page())
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(data))


@pytest.mark.parametrize(("data", "pages"), [(broken.pdf_without_pages(), 0), (broken.pdf_of_pages(), 10_000)])
def test_pdfs_of_no_and_of_ten_thousand_pages_are_sound_and_small(data, pages):
    with pikepdf.open(io.BytesIO(data)) as document:
        assert len(document.pages) == pages
    assert len(data) < 1_000_000


def test_a_huge_page_is_a_few_kilobytes_and_sound():
    assert len(broken.huge_tiff()) < 10_000
    assert len(broken.huge_pdf()) < 10_000
    with Image.open(io.BytesIO(broken.huge_tiff(2000))) as picture:
        picture.load()
        assert (picture.size, picture.getextrema()) == ((2000, 2000), (255, 255))
    page = pypdfium2.PdfDocument(broken.huge_pdf(2000))[0].render(scale=0.02).to_numpy()
    assert page.min() == 255


def test_a_damaged_png_opens_and_fails_in_its_picture():
    with Image.open(io.BytesIO(broken.damaged_png())) as picture, pytest.raises(OSError, match="broken data"):
        picture.load()

"""Pictures for the desk: boxes fit them whatever became of the paper, and the room they take is bounded."""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from environment.settings import get_settings
from forms.form import Form
from forms.kinds import Value
from forms.layout import layout, shown_at
from forms.submission import Box
from ocr.errors import DocumentError
from ocr.files.page import ColourImage
from readers.pictures import SHOWN_WIDTH, THUMBNAIL_WIDTH, PagePicture
from specimens import files
from specimens.paper import print_form, rasterise
from specimens.scanner import CONDITIONS, Scan

RED = (230, 20, 30)
FAR: Box = (400.0, 60.0, 430.0, 90.0)
"""Somewhere in the upper right of a page."""


def _picture(path: Path, form: Form | None = None, *, turn: int = 0, page: int = 1) -> PagePicture:
    return PagePicture(path, hashlib.sha256(path.read_bytes()).hexdigest(), page, form, turn)


def _seen(data: bytes) -> ColourImage:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _red_at(picture: ColourImage) -> tuple[float, float]:
    """The middle of what is red."""
    blue, green, red = (picture[:, :, channel].astype(int) for channel in range(3))
    down, across = np.nonzero((red - green > 60) & (red - blue > 60))
    assert len(across), "nothing red is seen"
    return float(across.mean()), float(down.mean())


def _marked(pdf: bytes, box: Box, dpi: int) -> ColourImage:
    """The first page with a red dot in the middle of a box."""
    page = rasterise(pdf, dpi, colour=True)[0].copy()
    across, down = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    cv2.circle(page, (round(across * dpi / 72), round(down * dpi / 72)), 7, RED, -1)
    return page


@pytest.mark.parametrize(("condition", "turns"), [("photo", 0), ("photo", 2), ("colour200", 1)])
def test_what_is_written_in_a_box_is_seen_there(
    tmp_path: Path, form: Form, values: Callable[[Form], dict[str, Value]], condition: str, turns: int
) -> None:
    box = layout(form)["town"].bounds
    how = CONDITIONS[condition]
    scanned = how(_marked(print_form(form, values(form)), box, how.dpi), 4)
    page = Scan(np.ascontiguousarray(np.rot90(scanned.image, turns)), scanned.dpi)
    picture = _picture(files.write(tmp_path / "page.jpg", files.jpeg(page)), form)

    shown = _seen(picture.shown())
    left, top, across, down = shown_at(box)
    expected = ((left + across / 2) * shown.shape[1], (top + down / 2) * shown.shape[0])
    assert shown.shape[1] == SHOWN_WIDTH
    assert np.abs(np.subtract(_red_at(shown), expected)).max() < 3

    crop = _seen(picture.field(box))
    assert _red_at(crop)[0] / crop.shape[1] == pytest.approx(0.5, abs=0.02)
    assert crop.shape[1] > 1.8 * (box[2] - box[0])


def test_a_page_of_no_form_is_seen_as_the_clerk_turned_it(tmp_path: Path) -> None:
    lying = np.ascontiguousarray(np.rot90(_marked(files.letter(), FAR, 150)))
    path = files.write(tmp_path / "letter.jpg", files.jpeg(Scan(lying, (150, 150))))
    box_as_it_lies = (
        60.0 * 595.28 / 841.89,
        (595.28 - 430) * 841.89 / 595.28,
        90.0 * 595.28 / 841.89,
        (595.28 - 400) * 841.89 / 595.28,
    )

    upright = _seen(_picture(path, turn=1).shown())
    assert upright.shape[0] > upright.shape[1]
    left, top, across, down = shown_at(box_as_it_lies, turn=1)
    expected = ((left + across / 2) * upright.shape[1], (top + down / 2) * upright.shape[0])
    assert np.abs(np.subtract(_red_at(upright), expected)).max() < 3
    crop = _seen(_picture(path, turn=1).field(box_as_it_lies))
    assert crop.shape[1] > crop.shape[0]
    _red_at(crop)
    assert _seen(_picture(path).shown()).shape[1] > upright.shape[1]


def test_pictures_are_private_and_whole_however_many_ask(tmp_path: Path, form: Form) -> None:
    path = files.write(tmp_path / "form.pdf", print_form(form, {}))
    got: list[bytes] = []
    asking = [threading.Thread(target=lambda: got.append(_picture(path, form).shown())) for _ in range(4)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert len(got) == 4
    assert len(set(got)) == 1
    kept = sorted(get_settings().pictures.iterdir())
    assert len(kept) == 2
    assert stat.S_IMODE(get_settings().pictures.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in kept} == {0o600}


def test_room_for_pictures_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_PICTURES_MAX_BYTES", "150000")
    get_settings.cache_clear()
    for seed in range(4):
        _picture(files.write(tmp_path / f"{seed}.pdf", files.letter(seed + 1))).shown(THUMBNAIL_WIDTH)
    kept = list(get_settings().pictures.iterdir())
    assert kept
    assert sum(each.stat().st_size for each in kept) < 400_000  # one page may come after the last clearing


def test_a_page_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = files.write(tmp_path / "letter.pdf", files.letter())
    with pytest.raises(ValueError, match="1 pages"):
        _picture(path, page=2).shown()
    with pytest.raises(DocumentError):
        _picture(files.write(tmp_path / "values.json", b"{}")).shown()

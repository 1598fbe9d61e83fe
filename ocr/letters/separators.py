"""Pages between papers of a batch that say nothing: separator sheets, and envelopes that bear only our address.

What parts papers is known by what it carries and by nothing being beside that: a code or the bars of a patch sheet with
the words that go with them, or our own address with a stamp in its corner. Whatever else is written on a page, be it a
sender's name, makes it a paper that somebody has to see.
"""

from __future__ import annotations

import re
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from rapidfuzz import fuzz

from environment.settings import Settings, get_settings
from forms.asking import plain
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from forms.submission import Box
from ocr.alignment.alignment import thumbnail
from ocr.files.page import GrayImage, Page
from ocr.letters.page_words import PageText
from ocr.segmentation.components import components
from ocr.segmentation.traces import bears_writing

_SIDE: Final = 1100
"""Longer side of the picture that is looked at: A4 at about 94 dpi."""
_INK: Final = 140
_LEAST_INK: Final = 0.0006
"""With less ink than this share left over the page carries nothing else (a line of text is about 0.002)."""
_EDGE: Final = 0.04
_SURE: Final = 0.5
_LIKE: Final = 80.0
_ROOM: Final = 4.0
_CODE_ROOM: Final = 10.0
"""Points around a word and around a code that belong to it."""
_STAMP: Final = (0.55, 0.0, 1.0, 0.36)
"""Corner of an upright envelope in which stamps and postmarks stand, as shares of the page."""
_BARS: Final = 4
_BAR_LONG, _BAR_SLIM, _BAR_FULL = 90, 2.5, 0.75
"""A bar of a patch code: so many pixels long, so many times as long as wide, and ink nearly all over."""
_MOST_BARS: Final = 40
_PAPER: Final = 255
_SINGLE_SIGNS: Final = 3
"""More single signs than the letter or number of a sheet are a word in spaced capitals."""
_PARTING: Final = re.compile(
    r"patch|separat\w*|przekladka|rozdziel\w*|trennblatt|sheet|document|barcode|kod|strona|nowy|nowa|koniec|poczatek|dokument\w*|parti\w*|page"
)
_POSTAL: Final = re.compile(
    r"polska|poland|poczt\w*|priorit\w*|priorytet\w*|ekonomiczn\w*|oplat\w*|oplacon\w*|pobran\w*|list|polecony|zwykly|taxe"
    r"|percue|ul|ulica|dzial|biuro|obslug\w*|klient\w*|sz|szanowni|panstwo|adresat|do|sp"
)

Mask = npt.NDArray[np.bool_]


def is_separator(page: Page, text: PageText) -> bool:
    """Whether a page that is none of ours only parts papers; ``text`` is what was read on it."""
    words = [word for line in text.lines for word in line.words if word.confidence >= _SURE]
    tokens = [token for word in words for token in _tokens(word.text)]
    picture = _small(page.picture)
    ink = picture < _INK
    _clear_edges(ink)
    codes, told = _codes(page.picture, picture.shape[0] / page.picture.shape[0])
    bars = _bars(ink)
    if sum(len(token) == 1 for token in tokens) > _SINGLE_SIGNS:
        return False
    places = [_on_picture(text, word.box, _ROOM, picture) for word in words]
    if codes or len(bars) >= _BARS:
        if not all(_PARTING.fullmatch(token) or token in told or len(token) == 1 for token in tokens):
            return False
        boxes = [*_whole(codes, ink), *bars, *places]
    elif _only_our_address(tokens, get_settings()):
        boxes = [*places, _stamp(text, picture)]
    else:
        return False
    return _empty(ink, boxes) and not _written_beside(page.picture, boxes, picture.shape[0] / page.picture.shape[0])


def _only_our_address(tokens: list[str], settings: Settings) -> bool:
    """Whether somebody wrote to us and nothing more: our name or town is there, and no word of anything else."""
    names = (settings.company_name, settings.company_short, settings.company_address, settings.company_town)
    own = {token for name in names for token in _tokens(name)}

    def is_own(token: str) -> bool:
        return token in own or any(len(word) > 3 and fuzz.ratio(token, word) >= _LIKE for word in own)

    ours = [token for token in tokens if is_own(token) and len(token) > 2]
    return len(ours) >= 2 and all(is_own(token) or _POSTAL.fullmatch(token) or len(token) == 1 for token in tokens)


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", plain(text))


def _small(picture: GrayImage) -> GrayImage:
    scale = min(1.0, _SIDE / max(picture.shape))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _clear_edges(ink: Mask) -> None:
    """Take away what the lid of a scanner shows beside the paper: all that is joined to the edges of the picture."""
    _, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=4)
    edges = np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))
    ink[np.isin(labels, edges[edges > 0])] = False
    down, across = round(ink.shape[0] * _EDGE), round(ink.shape[1] * _EDGE)
    ink[:down], ink[-down:], ink[:, :across], ink[:, -across:] = False, False, False, False


def _codes(picture: GrayImage, scale: float) -> tuple[list[Box], set[str]]:
    """Where codes of any sort stand on the smaller picture, and the words that they tell (often printed beneath)."""
    try:
        found = [each for each in zxingcpp.read_barcodes(np.ascontiguousarray(picture)) if each.valid]
    except (ValueError, RuntimeError):
        return [], set()
    boxes = []
    for each in found:
        place = each.position
        corners = [place.top_left, place.top_right, place.bottom_left, place.bottom_right]
        x, y = [corner.x * scale for corner in corners], [corner.y * scale for corner in corners]
        boxes.append((min(x) - _CODE_ROOM, min(y) - _CODE_ROOM, max(x) + _CODE_ROOM, max(y) + _CODE_ROOM))
    told = {token for each in found for token in _tokens(each.text)}
    return boxes, told


def _whole(codes: list[Box], ink: Mask) -> list[Box]:
    """The codes with all of their bars: a decoder tells only the rows that it has read."""
    _, facts = components(ink)
    pieces = [(float(x), float(y), float(x + width), float(y + height)) for x, y, width, height, _ in facts[1:]]
    boxes = []
    for code in codes:
        bars = [piece for piece in pieces if _is_bar_of(code, piece)]
        x0, y0, x1, y1 = zip(code, *bars, strict=True)
        boxes.append((min(x0), min(y0), max(x1), max(y1)))
    return boxes


def _is_bar_of(code: Box, piece: Box) -> bool:
    """Whether ink reaches into a code and beyond it only along it, as the bars of a code do."""
    touches = code[0] < piece[2] and piece[0] < code[2] and code[1] < piece[3] and piece[1] < code[3]
    within = (code[0] <= piece[0] and piece[2] <= code[2]) or (code[1] <= piece[1] and piece[3] <= code[3])
    return touches and within


def _written_beside(picture: GrayImage, boxes: list[Box], scale: float) -> bool:
    """Whether anything that may be writing is left when those boxes of the smaller picture are taken away."""
    seen = thumbnail(picture)
    left = seen.picture.copy()
    for box in boxes:
        x0, y0, x1, y1 = (at * seen.scale / scale for at in box)
        left[max(0, int(y0)) : max(0, round(y1)), max(0, int(x0)) : max(0, round(x1))] = _PAPER
    return bears_writing(left)


def _bars(ink: Mask) -> list[Box]:
    """Long upright or level blocks of ink, such as patch codes are made of."""
    _, facts = components(ink)
    found = []
    for x, y, width, height, area in facts[1:]:
        long, short = max(width, height), min(width, height)
        if long >= _BAR_LONG and long >= _BAR_SLIM * short and short >= 3 and area >= _BAR_FULL * width * height:
            found.append((float(x - 2), float(y - 2), float(x + width + 2), float(y + height + 2)))
    return found[:_MOST_BARS]


def _on_picture(text: PageText, box: Box, room: float, picture: GrayImage) -> Box:
    """A box of the upright page in pixels of the picture as it lies."""
    x0, top, x1, bottom = text.as_it_lies(box)
    height, width = picture.shape
    across, down = width / PAGE_WIDTH, height / PAGE_HEIGHT
    return (x0 - room) * across, (top - room) * down, (x1 + room) * across, (bottom + room) * down


def _stamp(text: PageText, picture: GrayImage) -> Box:
    x0, top, x1, bottom = _STAMP
    return _on_picture(text, (x0 * PAGE_WIDTH, top * PAGE_HEIGHT, x1 * PAGE_WIDTH, bottom * PAGE_HEIGHT), 0.0, picture)


def _empty(ink: Mask, boxes: list[Box]) -> bool:
    left = ink.copy()
    for x0, y0, x1, y1 in boxes:
        left[max(0, int(y0)) : max(0, round(y1)), max(0, int(x0)) : max(0, round(x1))] = False
    return float(left.mean()) < _LEAST_INK

"""The font of our pages: served as what it is, and whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from fontTools.ttLib import TTFont

from api.static_files import FOLDER, static_address

ROOT = Path(__file__).parents[2]
FONTS = sorted(FOLDER.glob("*.woff2"))
SHOWN = ("api/**/*.html", "api/**/*.js", "api/**/*.py", "review/**/*.py", "forms/**/*.py", "forms/**/*.md")


def test_the_style_sheet_asks_for_exactly_the_fonts_that_pages_ask_for_ahead(lone_client: TestClient) -> None:
    asked = re.findall(r'url\("(.+?)"\)', (FOLDER / "fonts.css").read_text())
    addresses = {static_address(font.name) for font in FONTS}
    assert len(FONTS) == 2
    assert {f"/static/{one}" for one in asked} == addresses
    for page in ("/", "/biuro/"):
        assert (
            set(
                re.findall(
                    r'<link rel="preload" href="(.+?)"', lone_client.get(page, headers={"Accept": "text/html"}).text
                )
            )
            == addresses
        )


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font.name)
def test_a_font_is_served_as_one_and_kept(lone_client: TestClient, font: Path) -> None:
    answer = lone_client.get(static_address(font.name))
    assert answer.headers["content-type"] == "font/woff2"
    assert "immutable" in answer.headers["cache-control"]
    assert "font-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font.name)
def test_the_font_has_every_sign_that_a_page_may_show(font: Path) -> None:
    text = "".join(path.read_text() for pattern in SHOWN for path in ROOT.glob(pattern))
    names = "".join(map(chr, range(0xC0, 0x180)))
    known = TTFont(font).getBestCmap()
    assert {sign for sign in text + names if sign.isprintable() and ord(sign) not in known} == set()

"""The company's colour and mark on its customers' pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from api.static_files import FOLDER
from api.theme import NIGHT, style_sheet
from environment.colours import WHITE, contrast, mixed
from environment.settings import Settings, get_settings

TEXT = 4.5
"""What WCAG 2.1 asks of text at level AA."""


def variables(sheet: str) -> list[dict[str, str]]:
    """The colours of the style sheet, by day and by night."""
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r"\{([^{}]+)\}", sheet)]


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#767676", "#ffffff", 4.54), ("#ff0000", "#ffffff", 4.0)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01) == contrast(other, one)


def test_a_mixture_lies_between_its_two_colours() -> None:
    assert mixed("#204060", "#ffffff", 0) == "#204060"
    assert mixed("#204060", "#000000", 0.5) == "#102030"
    assert mixed("#204060", "#ffffff", 1) == "#ffffff"


@pytest.mark.parametrize("colour", ["#00587f", "#7a0019", "#767676", "#000000", "#1b6b3a", "#4b2e83", "#0000ff"])
def test_every_shade_of_every_colour_is_read_where_it_stands(colour: str) -> None:
    day, night = variables(style_sheet(colour))
    for name in ("accent", "accent-dark", "button", "deep"):
        assert contrast(day[name], WHITE) >= TEXT, name
    for name in ("accent", "accent-dark"):
        assert contrast(night[name], NIGHT) >= TEXT, name
    assert contrast(night["deep"], WHITE) >= TEXT


def test_the_night_that_shades_are_made_for_is_that_of_the_style_sheet() -> None:
    papers = [colours["paper"] for colours in variables((FOLDER / "ebok.css").read_text()) if "paper" in colours]
    assert papers == [WHITE, NIGHT]


@pytest.mark.parametrize("colour", ["#19a5c9", "#ffffff", "00587f", "#00587", "navy", "#00587f; } body { }"])
def test_a_colour_on_which_white_is_not_read_or_that_is_none_is_refused(
    colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_COMPANY_COLOUR", colour)
    with pytest.raises(ValidationError, match=r"white is not read|six hexadecimal digits"):
        Settings()


def test_another_town_is_a_colour_and_a_mark_and_no_fork(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = client.get("/").text
    logo = tmp_path / "herb.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>')
    monkeypatch.setenv("EBOK_COMPANY_COLOUR", "#7A0019")
    monkeypatch.setenv("EBOK_COMPANY_LOGO", str(logo))
    get_settings.cache_clear()
    after = client.get("/").text
    addresses = [re.findall(r'"(/wyglad/[^"]+)"', text) for text in (before, after)]
    assert len(set(addresses[0] + addresses[1])) == 4, "kept by browsers under addresses of their own"
    colours, mark = (client.get(address) for address in addresses[1])
    assert "--button: #7a0019;" in colours.text
    assert colours.headers["content-type"].startswith("text/css")
    assert mark.text == logo.read_text()
    assert mark.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in mark.headers["cache-control"] and "immutable" in colours.headers["cache-control"]


def test_a_mark_that_is_not_there_or_no_picture_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "herb.doc").touch()
    for name in ("herb.doc", "missing.svg"):
        monkeypatch.setenv("EBOK_COMPANY_LOGO", str(tmp_path / name))
        with pytest.raises(ValidationError, match="logo must be a file"):
            Settings()

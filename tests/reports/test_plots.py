"""Plots say the same as their tables, to eyes that see no colour, and cannot be broken by what they say."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

from reports.model import Plot, Series
from reports.plots import draw


def drawn(plot: Plot) -> ElementTree.Element:
    return ElementTree.fromstring(draw(plot))


def test_columns_stand_as_high_as_their_numbers_and_the_series_differ_by_more_than_colour() -> None:
    found = drawn(
        Plot("Ile", "spraw", ("pn. 02.11", "wt. 03.11"), (Series("a", (4.0, 2.0)), Series("b", (1.0, None))), bars=True)
    )
    heights = [
        float(one.attrib["height"]) for one in found.iter("rect") if "y" in one.attrib and one.attrib["y"] != "6"
    ]
    assert [round(height / heights[2]) for height in heights] == [4, 2, 1]
    assert {one.attrib["class"] for one in found.iter("rect")} == {"bar0", "bar1"}
    assert found.attrib["role"] == "img" and found.attrib["aria-label"].startswith("Ile (spraw)")


def test_a_line_has_a_gap_where_there_is_no_value_and_marks_of_its_own() -> None:
    names = tuple(str(number) for number in range(5))
    found = drawn(Plot("Czas", "godzin", names, (Series("a", (1.0, 2.0, None, 3.0, 4.0)), Series("b", (0.5,) * 5))))
    assert [len(one.attrib["points"].split()) for one in found.iter("polyline")] == [2, 2, 5]
    assert len(list(found.iter("circle"))) == 4 + 1, "with the one in the legend"


def test_nothing_to_draw_is_an_empty_plot_and_words_are_escaped() -> None:
    found = drawn(Plot("<b>", "%", ("x",), (Series("&", (None,)),), top=100.0))
    assert "&" in [one.text for one in found.iter("text")]
    assert "100" in [one.text for one in found.iter("text")]


def test_labels_do_not_overlap_and_the_last_step_has_one() -> None:
    names = tuple(f"pn. {number:02}.11" for number in range(1, 32))
    told = [one.text for one in drawn(Plot("Ile", "spraw", names, (Series("a", (1.0,) * 31),), bars=True)).iter("text")]
    labels = [text for text in told if text and re.fullmatch(r"\d\d\.11", text)]
    assert labels[-1] == "31.11" and len(labels) <= 13


def test_a_narrow_drawing_holds_all_that_the_wide_one_does_with_fewer_labels() -> None:
    months = ("sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru")
    plot = Plot("Zużycie wody", "m³", months, (Series("a", (3.0,) * 12), Series("b", (4.0,) * 12)), bars=True)
    narrow = ElementTree.fromstring(draw(plot, width=300, legend=False, look="narrow"))
    assert (narrow.attrib["class"], narrow.attrib["viewBox"].split()[2]) == ("plot narrow", "300")
    bars = [(float(one.attrib["x"]), float(one.attrib["width"])) for one in narrow.iter("rect")]
    assert len(bars) == 24 and all(x > 0 and x + width < 300 for x, width in bars)
    labels = [one for one in narrow.iter("text") if one.text in months]
    places = [float(one.attrib["x"]) for one in labels]
    assert labels[-1].text == "gru" and all(after - before > 40 for before, after in pairwise(places))
    assert not [one for one in narrow.iter("text") if one.text in {"a", "b"}]

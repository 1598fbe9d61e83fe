"""Printed combs: which reading is shown, when it is trusted and why not, and what shapes and gaps put right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from forms.catalogue import form_by_code
from forms.kinds import DIGITS, EMAIL_ALPHABET, Digits, Email, FieldKind, HouseNumber, Parsed, Text
from forms.submission import Source
from ocr.machine_print import printed
from ocr.machine_print.plausibility import DOUBT_LOOK_ALIKE, DOUBT_UNKNOWN
from ocr.machine_print.printed import (
    DOUBT_CUT_OFF,
    DOUBT_FORMAT,
    DOUBT_LENGTH,
    DOUBT_NOTHING,
    DOUBT_SPLIT,
)
from ocr.segmentation.combs import Comb, Strip
from ocr.segmentation.ink import Ink
from ocr.tesseract.line_reading import LineReading
from ocr.typeset.glyphs import CLASSES
from ocr.typeset.shapes import Shapes
from tests.ocr.sheets import item_of

FORM = form_by_code("ebok_signup")
NUMBER = item_of(FORM, "customer_no")
TOWN = item_of(FORM, "town")
DIGITS_OF_EIGHT = Digits(8)
CELL, FOOT = 20, 40
"""Of rows drawn at 72 dpi, so that points are pixels: the width of a cell, and the line on which letters stand."""


def ink(x0: float, width: float, height: float, foot: float = FOOT) -> Ink:
    return Ink(round(x0), round(foot - height), round(x0 + width), round(foot), round(width * height))


def row(*inks: Ink, cells: int = 30) -> Comb:
    """A comb of one row with such pieces of ink, each in the cell in which its middle lies."""
    edges = tuple((float(at * CELL), float((at + 1) * CELL)) for at in range(cells))
    picture = np.full((60, cells * CELL), 255, np.uint8)
    for one in inks:
        picture[one.top : one.bottom, one.x0 : one.x1] = 0
    sorted_in = tuple(tuple(one for one in inks if left <= one.middle < right) for left, right in edges)
    return Comb((Strip(picture, 72.0, edges, sorted_in),), 72.0)


def in_cells(*heights: float) -> Comb:
    """A character of that height in each cell; 0 leaves the cell empty."""
    return row(*(ink(at * CELL + 6, 6, height) for at, height in enumerate(heights) if height))


def running(*words: Sequence[float], gap: float = 2, space: float = 6) -> Comb:
    """Letters of these heights, close together as in running text."""
    inks, at = [], 4.0
    for word in words:
        for height in word:
            inks.append(ink(at, 5, height))
            at += 5 + gap
        at += space - gap
    return row(*inks)


def shapes_of(*characters: str, sure: float = 0.99) -> Shapes:
    """What the network says of characters: each is that character, as surely."""
    scores = np.full((len(characters), len(CLASSES)), (1 - sure) / (len(CLASSES) - 1))
    for at, character in enumerate(characters):
        scores[at, CLASSES.index(character)] = sure
    return Shapes(scores)


NOTHING_SEEN = Shapes(np.zeros((0, len(CLASSES))))


def attempt(
    text: str, kind: FieldKind = DIGITS_OF_EIGHT, confidence: float = 0.9, fits: bool = True
) -> printed._Attempt:
    return printed._Attempt(text, kind.parse(text), confidence, fits)


def case(
    *readings: printed._Attempt,
    kind: FieldKind = DIGITS_OF_EIGHT,
    looks: Shapes = NOTHING_SEEN,
    expected: tuple[str, ...] = (),
    comb: Comb | None = None,
) -> printed._Case:
    return printed._Case(kind, comb or in_cells(*[8] * 8), looks, expected, list(readings))


RIGHT, OTHER, SHORT = attempt("10000001"), attempt("10000007"), attempt("1000")


def test_one_reading_settles_nothing_and_two_that_agree_do() -> None:
    assert not case().settled
    assert not case(RIGHT).settled
    assert not case(RIGHT, OTHER).settled
    assert case(RIGHT, RIGHT).settled
    assert case(RIGHT, OTHER, RIGHT).settled
    assert not case(OTHER, RIGHT, RIGHT).settled, "the first one must be among those that agree"
    assert not case(SHORT, SHORT).settled
    unfit = attempt("10000001", fits=False)
    assert not case(unfit, unfit).settled


def test_readings_of_which_none_is_sure_prove_nothing() -> None:
    blind, seeing = attempt("10000001", confidence=0.39), attempt("10000001", confidence=0.4)
    assert not case(blind, blind).settled
    assert case(seeing, blind).settled
    assert case(blind, seeing).settled


def test_shapes_settle_one_reading_and_contradict_two() -> None:
    assert case(RIGHT, looks=shapes_of(*"10000001")).settled
    assert case(SHORT, OTHER, looks=shapes_of(*"10000007")).settled
    assert not case(RIGHT, looks=shapes_of(*"10000001", sure=0.5)).settled
    assert case(RIGHT, RIGHT, looks=shapes_of(*"10000001", sure=0.5)).settled
    assert not case(RIGHT, RIGHT, looks=shapes_of(*"10000007")).settled


def test_a_check_digit_that_fits_settles_a_field_alone() -> None:
    pesel = item_of(FORM, "pesel").field.kind
    valid, invalid = attempt("44051401359", pesel), attempt("44051401358", pesel)
    assert case(valid, kind=pesel).settled
    assert case(invalid, valid, kind=pesel).settled
    assert not case(invalid, kind=pesel).settled
    assert not case(attempt("44051401359", pesel, confidence=0.3), kind=pesel).settled


def test_a_full_stop_that_was_passed_over_contradicts_running_text() -> None:
    letters = [ink(4 + at * 7, 5, 8) for at in range(6)]
    comb = row(*letters, ink(46, 2, 2))
    assert comb.running and comb.full_stops() == 1
    text = Text(30)
    passed_over, seen = attempt("abcdef", text), attempt("abcdef.", text)
    assert not case(passed_over, passed_over, kind=text, comb=comb).settled
    assert case(seen, seen, kind=text, comb=comb).settled


def test_a_value_that_is_expected_is_taken_where_it_stands_and_not_where_another_does() -> None:
    assert case(looks=shapes_of(*"10000001"), expected=("10000007", "10000001")).seen == "10000001"
    assert case(OTHER, RIGHT, expected=("10000001",)).seen == "10000001"
    assert case(RIGHT, expected=("10000001",), looks=shapes_of(*"10000007")).seen is None
    assert case(RIGHT, expected=("10000002",)).seen is None
    assert case(RIGHT).seen is None
    assert case(expected=("10000001",), looks=shapes_of(*"10000001")).settled
    told = printed._value(case(OTHER, expected=("10000001",), looks=shapes_of(*"10000001")), NUMBER, 3)
    assert (told.value, told.confidence, told.trusted, told.source) == ("10000001", 0.998, True, Source.PRINT)
    assert (told.page, told.box, told.raw, told.doubt) == (3, NUMBER.bounds, "10000001", None)


@pytest.mark.parametrize(
    ("readings", "shown"),
    [
        ((SHORT, RIGHT), RIGHT), ((RIGHT, SHORT), RIGHT), ((attempt(""), SHORT), SHORT),
        ((attempt("10000001", fits=False), OTHER), OTHER),
        ((OTHER, RIGHT, attempt("10000001", confidence=0.1)), RIGHT),
        ((OTHER, attempt("10000001", confidence=0.95)), attempt("10000001", confidence=0.95)),
    ],
)  # fmt: skip
def test_the_reading_shown_is_a_value_that_fits_by_most_votes_and_then_the_surest(
    readings: tuple[printed._Attempt, ...], shown: printed._Attempt
) -> None:
    assert case(*readings).best == shown


def test_the_reading_shown_is_rather_the_one_that_shapes_confirm_or_do_not_contradict() -> None:
    assert case(RIGHT, RIGHT, OTHER, looks=shapes_of(*"10000007")).best == OTHER
    doubtful = shapes_of(*"10000007", sure=0.5)
    doubtful.scores[-1, CLASSES.index("1")] = 0.0
    assert case(RIGHT, RIGHT, OTHER, looks=doubtful).best == OTHER
    email = Email(60)
    rare, frequent = attempt("jan@gmial.com", email, 0.99), attempt("jan@gmail.com", email, 0.5)
    assert case(rare, frequent, kind=email).best == frequent


@pytest.mark.parametrize(
    ("readings", "confidence", "doubt"),
    [
        ((attempt(""),), 0.0, DOUBT_NOTHING), ((SHORT,), 0.4 * 0.9, DOUBT_FORMAT),
        ((attempt("10000001", fits=False),), 0.4 * 0.9, DOUBT_LENGTH), ((RIGHT,), 0.4 + 0.2 * 0.9, DOUBT_SPLIT),
        ((RIGHT, OTHER), 0.4 + 0.2 * 0.9, DOUBT_SPLIT), ((RIGHT, RIGHT), 0.995, None),
        ((OTHER, RIGHT, RIGHT), 0.85, DOUBT_SPLIT),
    ],
)  # fmt: skip
def test_confidence_and_doubt_follow_from_how_well_the_readings_agree(
    readings: tuple[printed._Attempt, ...], confidence: float, doubt: str | None
) -> None:
    told = printed._value(case(*readings), NUMBER, 1)
    assert (round(told.confidence, 6), told.doubt, told.trusted) == (round(confidence, 6), doubt, doubt is None)
    assert told.raw == (case(*readings).best.raw or None)
    assert (told.source, told.page, told.box) == (Source.PRINT, 1, NUMBER.bounds)


def test_a_number_with_a_check_digit_is_surer_than_one_without() -> None:
    item = item_of(FORM, "pesel")
    told = printed._value(case(attempt("44051401359", item.field.kind), kind=item.field.kind), item, 1)
    assert (told.value, told.confidence, told.doubt) == ("44051401359", 0.998, None)


def test_running_text_that_reaches_the_edge_may_be_cut_off() -> None:
    kind = TOWN.field.kind
    inks = [ink(600 - 7 * 8 + at * 7, 5, 8) for at in range(8)]
    reaching, read = row(*inks), attempt("Kostrzyn", kind)
    assert reaching.cut_off
    told = printed._value(case(read, read, kind=kind, comb=reaching), TOWN, 1)
    assert (told.value, told.confidence, told.doubt) == ("Kostrzyn", 0.7, DOUBT_CUT_OFF)
    whole = printed._value(case(read, read, kind=kind, comb=running([8] * 8)), TOWN, 1)
    assert (whole.confidence, whole.doubt) == (0.995, None)


def test_what_the_engine_may_choose_from_depends_on_the_kind_and_on_the_reading_before() -> None:
    small, capitals = attempt("jan@wp.pl", Email(60)), attempt("JAN@wp.pl", Email(60))
    anything = EMAIL_ALPHABET + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert printed._alphabet(DIGITS_OF_EIGHT, None) == DIGITS
    assert printed._alphabet(Text(20), None) == ""
    assert printed._alphabet(Email(60), None) == anything
    assert printed._alphabet(Email(60), small) == EMAIL_ALPHABET
    assert printed._alphabet(Email(60), capitals) == anything, "as many capitals as half of the small letters"
    assert printed._alphabet(Email(60), attempt("Jan@wp.pl", Email(60))) == EMAIL_ALPHABET
    assert printed._alphabet(Email(60), attempt("ABcdefg", Email(60))) == EMAIL_ALPHABET
    assert printed._alphabet(Email(60), attempt("Abc", Email(60))) == anything
    house = printed._alphabet(HouseNumber(8), None)
    assert {character for character in house if not character.isalnum()} == set("/-")
    assert set("0123456789AaŻż") <= set(house)
    assert printed._alphabet(HouseNumber(8), attempt("12", HouseNumber(8))) == ""


def line(text: str, confidence: float = 0.9) -> LineReading:
    return LineReading(text, confidence)


@pytest.mark.parametrize(
    ("text", "heights", "raw", "fits"),
    [
        ("1000", (8, 8, 8, 8), "1000", True), ("10 00", (8, 8, 8, 8), "1000", True),
        ("1000", (8, 8, 0, 8, 8), "10 00", True), ("1000", (0, 8, 8, 8, 8, 0), "1000", True),
        ("100", (8, 8, 8, 8), "100", False), ("10 000", (8, 8, 8, 8), "10 000", False),
    ],
)  # fmt: skip
def test_signs_in_cells_are_put_into_the_filled_ones_and_must_be_as_many(
    text: str, heights: tuple[float, ...], raw: str, fits: bool
) -> None:
    found = printed._attempt([line(text)], in_cells(*heights), DIGITS_OF_EIGHT)
    assert (found.raw, found.fits, found.confidence) == (raw, fits, 0.9)


def test_lines_of_a_field_are_read_as_one_and_are_as_sure_as_the_worst() -> None:
    lines = [line("Kostrzyn", 0.9), line("", 0.8), line("nad Odrą", 0.5)]
    found = printed._attempt(lines, in_cells(*[8] * 4), Text(40))
    assert (found.raw, found.confidence, found.fits) == ("Kostrzyn nad Odrą", 0.5, False)
    assert printed._attempt([], in_cells(8), Text(40)).confidence == 0.0


@pytest.mark.parametrize(
    ("text", "kind", "raw"),
    [
        ("Anna Kowal-żuk", Text(40), "Anna Kowal-Żuk"), ("anna kowal-żuk", Text(40), "anna kowal-żuk"),
        ("„Jan” – |", Text(40), '"Jan" - I'),
    ],
)  # fmt: skip
def test_typographic_signs_and_second_surnames_are_written_as_forms_have_them(
    text: str, kind: FieldKind, raw: str
) -> None:
    assert printed._attempt([line(text)], in_cells(8, 8), kind).raw == raw


def test_running_text_is_put_right_by_its_gaps_and_its_heights() -> None:
    spaced = running([8] * 3, [8] * 2, gap=1)
    assert spaced.running
    told = printed._attempt([line("ab c de")], spaced, Text(40))
    assert (told.raw, told.fits) == ("abc de", True)
    assert printed._attempt([line("abc - def")], dashed(True), Text(40)).raw == "abc-def"
    assert printed._attempt([line("abc -def")], dashed(True), Email(40)).raw == "abc-def"
    address = printed._attempt([line("b0n1 oe5")], running([8, 5, 5, 8], [8, 5, 5]), Email(40))
    assert (address.raw, address.fits) == ("bon10es", True)


def test_a_capital_as_low_as_small_letters_is_a_small_one() -> None:
    heights = (11, 8, 8, 8, 11)
    assert printed._attempt([line("BOcal")], in_cells(*heights), Text(20)).raw == "Bocal"


LOOK_ALIKE = "pawel890@wodnik.example"


@pytest.mark.parametrize(
    ("item", "text", "sure", "doubt"),
    [
        ("town", "Qwx", 0.99, None), ("town", "Qwx", 0.5, DOUBT_UNKNOWN),
        ("email", LOOK_ALIKE, 0.9999, None), ("email", LOOK_ALIKE, 0.9, DOUBT_LOOK_ALIKE),
    ],
)  # fmt: skip
def test_what_agrees_and_is_yet_strange_is_doubted_as_far_as_its_shapes_are_sure(
    item: str, text: str, sure: float, doubt: str | None
) -> None:
    there = item_of(FORM, item)
    read = attempt(text, there.field.kind)
    told = printed._value(case(read, read, kind=there.field.kind, looks=shapes_of(*text, sure=sure)), there, 2)
    assert (told.value, told.trusted, told.doubt) == (text, doubt is None, doubt)
    assert told.confidence == (0.995 if doubt is None else 0.7)
    assert (told.source, told.page, told.raw) == (Source.PRINT, 2, text)


def test_a_strange_value_that_was_doubted_more_keeps_the_lower_confidence_and_the_first_doubt() -> None:
    kind = TOWN.field.kind
    told = printed._value(case(attempt("Witnioa", kind), kind=kind), TOWN, 1)
    assert (told.confidence, told.doubt) == (pytest.approx(0.4 + 0.2 * 0.9), DOUBT_SPLIT)
    cut = printed._value(
        case(attempt("Witnioa", kind), kind=kind, comb=row(*[ink(600 - 7 * at, 5, 8) for at in range(1, 8)])), TOWN, 1
    )
    assert (cut.confidence, cut.doubt) == (pytest.approx(0.4 + 0.2 * 0.9), DOUBT_SPLIT)


def dashed(near: bool) -> Comb:
    """Three letters, a dash, and three letters, the dash close to them or not."""
    apart = 2 if near else 9
    first = [ink(4 + at * 7, 5, 8) for at in range(3)]
    end = first[-1].x1 + apart
    return row(*first, ink(end, 5, 1.5, FOOT - 3), *(ink(end + 5 + apart + at * 7, 5, 8) for at in range(3)))


@pytest.mark.parametrize(
    ("text", "near", "tight"),
    [
        ("abc - def", True, "abc-def"), ("abc -def", True, "abc-def"), ("abc- def", True, "abc-def"),
        ("abc - def", False, "abc - def"), ("abc-def", False, "abc-def"), ("abc - d-f", True, "abc - d-f"),
    ],
)  # fmt: skip
def test_spaces_around_a_dash_go_where_it_stands_close_to_letters(text: str, near: bool, tight: str) -> None:
    assert printed._with_tight_dashes(text, dashed(near)) == tight


def test_spaces_that_stand_in_no_gap_go_and_others_stay() -> None:
    comb = running([8] * 3, [8] * 2, gap=1)
    assert printed._with_spaces("abc de", comb) == "abc de"
    assert printed._with_spaces("ab c de", comb) == "abc de"
    assert printed._with_spaces("a b c d e", comb) == "abc de"
    assert printed._with_spaces("ab cdef", comb) == "ab cdef", "not as many letters as pieces of ink"
    assert printed._with_spaces("a", running([8])) == "a"


def test_a_low_sign_among_tall_ones_is_no_digit_and_a_tall_one_beside_digits_is() -> None:
    email = Email(60)
    comb = in_cells(8, 5, 5, 8, 8, 5, 5)
    assert printed._by_shape("b0n1oe5", comb, email) == "bon10es"
    assert printed._by_shape("bon1oes", comb, email) == "bon10es"
    assert printed._by_shape("banosz", in_cells(8, 5, 5, 8, 5, 5), email) == "banosz", "no digit beside it"
    assert printed._by_shape("b0n1oe", comb, email) == "b0n1oe", "not as many letters as pieces of ink"
    assert printed._by_shape("bdh0", in_cells(8, 8, 8, 5), email) == "bdh0", "nothing low to compare it with"
    assert printed._by_shape("ace0", in_cells(5, 5, 5, 5), email) == "ace0", "nothing tall to compare it with"
    assert printed._by_shape("1oxb", in_cells(8, 8, 5, 8), email) == "10xb", "a digit stands before it"
    assert printed._by_shape("box1", in_cells(8, 8, 5, 8), email) == "box1", "the digit is not beside it"
    assert printed._by_shape("b0n1oe5", comb, Text(20)) == "b0n1oe5"
    assert printed._by_shape("b0n1oe5", comb, DIGITS_OF_EIGHT) == "b0n1oe5"
    assert printed._by_shape("b0n1oe5", in_cells(8, 7.6, 8, 8, 8, 8, 8), email) == "b0n1oe5", "all are as tall"


def test_a_dot_or_a_dash_that_was_read_as_a_letter_is_what_its_size_says() -> None:
    comb = row(*(ink(at * CELL + 6, 6, 8) for at in (0, 1, 3, 5)), ink(46, 2, 2), ink(86, 6, 1.5, FOOT - 3))
    assert printed._by_shape("abice1", comb, Text(20)) == "ab.c-1"
    assert printed._by_shape("ab,c_1", comb, Text(20)) == "ab,c_1", "signs stay characters"
    assert printed._by_shape("110131", comb, DIGITS_OF_EIGHT) == "110131"


def test_a_value_with_a_fault_or_of_another_length_is_not_valid() -> None:
    assert [one.valid for one in (RIGHT, SHORT, attempt(""), attempt("10000001", fits=False))] == [
        True, False, False, False,
    ]  # fmt: skip
    assert RIGHT.parsed == Parsed("10000001")

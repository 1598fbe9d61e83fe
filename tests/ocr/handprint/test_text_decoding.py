from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from forms.fields import NAME, STREET, TOWN
from forms.kinds import FieldKind, HouseNumber, Text
from ocr.handprint.alphabet import CLASSES, EMPTY, NUMBER, STRUCK
from ocr.handprint.decoding import Candidate, decode
from ocr.handprint.lexicon import Lexicon, shipped_words
from ocr.handprint.postcode_and_town import decode_postcode_and_town
from ocr.handprint.recogniser import Floats, within_alphabet
from ocr.handprint.text_decoding import decode_text
from ocr.handprint.value_priors import house_number, signed_before
from ocr.lexicons import towns_by_postcode

NAMES = shipped_words("name")


def cells(text: str, length: int, **doubts: str) -> Floats:
    """Cells that say the text for sure; ``doubts`` such as at3="ŁL" give characters that share a cell alike."""
    posteriors = np.full((length, len(CLASSES)), 1e-5)
    for at, character in enumerate(text.ljust(length)):
        characters = doubts.get(f"at{at}", character)
        for one in characters:
            posteriors[at, NUMBER[EMPTY if one == " " else one]] += 1 / len(characters)
    return posteriors / posteriors.sum(axis=1, keepdims=True)


def values(found: list[Candidate]) -> list[str]:
    return [candidate.value for candidate in found]


@pytest.mark.parametrize("text", ["ANNA NOWAK", "JAN KOWALSKI", "ZOFIA WÓJCIK-NOWAK", "LUBUSBUD SP. Z O.O.", "QXZ VWQ"])
def test_what_is_written_clearly_stands_whether_a_lexicon_has_it_or_not(text: str) -> None:
    best = decode_text(cells(text, 68), NAME.kind, NAMES)[0]
    assert best.value == text
    assert best.probability > 0.8


def test_signs_are_given_for_every_cell() -> None:
    best = decode_text(cells("JAN NOWAK", 68), NAME.kind, NAMES)[0]
    assert best.characters == (*"JAN", "", *"NOWAK", *[""] * 59)


def test_a_word_of_the_lexicon_settles_an_unclear_letter() -> None:
    found = decode_text(cells("JAN KOWALSKI", 68, at6="VW"), NAME.kind, NAMES)
    assert found[0].value == "JAN KOWALSKI"
    assert found[0].probability > 0.95


def test_two_words_of_the_lexicon_share_what_is_unclear() -> None:
    found = decode_text(cells("JAN KOWALSKI", 68, at11="IA"), NAME.kind, NAMES)
    assert {candidate.value for candidate in found[:2]} == {"JAN KOWALSKI", "JAN KOWALSKA"}
    assert found[0].probability < 0.8


def test_without_a_lexicon_the_spelling_of_polish_names_decides() -> None:
    found = decode_text(cells("GRZYBOWSKA", 22, at2="ZX", at7="SQ"), STREET.kind, {})
    assert found[0].value == "GRZYBOWSKA"


def test_a_clear_name_is_not_pulled_to_a_like_one_of_the_lexicon() -> None:
    only = Lexicon({"KOWALSKI": 1.0})
    assert decode_text(cells("KOWALCKI", 22), Text(22), only)[0].value == "KOWALCKI"


def test_a_letter_without_its_mark_may_be_meant_with_it_but_less_surely() -> None:
    only = Lexicon({"ŁĄKOWA": 1.0})
    plain = decode_text(cells("LĄKOWA", 22, at0="LĄ"), STREET.kind, only)
    clear = decode_text(cells("ŁĄKOWA", 22), STREET.kind, only)
    assert clear[0].value == "ŁĄKOWA"
    assert clear[0].probability > plain[0].probability


def test_a_barred_z_is_what_the_lexicon_says() -> None:
    assert decode_text(cells("ŻIELONA", 22, at0="ŻZ"), STREET.kind, Lexicon({"ZIELONA": 1.0}))[0].value == "ZIELONA"
    assert decode_text(cells("ŻABIA", 22, at0="ŻZ"), STREET.kind, Lexicon({"ŻABIA": 1.0}))[0].value == "ŻABIA"


def test_a_gap_that_is_unclear_is_found_between_words_of_the_lexicon() -> None:
    assert decode_text(cells("JAN NOWAK", 68, at3=" I"), NAME.kind, NAMES)[0].value == "JAN NOWAK"


def test_a_cell_left_out_within_a_word_does_not_part_it() -> None:
    assert "KOWALSKI" in values(decode_text(cells("KOWA LSKI", 22), Text(22), Lexicon({"KOWALSKI": 1.0})))


def test_words_that_meet_at_the_end_of_a_row_are_two() -> None:
    first_row = "ALEKSANDRA KONSTANCJA WOJCIECHOWSKA".replace("ALEKSANDRA", "ALEKSANDR")
    assert len(first_row) == NAME.kind.row_length
    found = decode_text(cells(first_row + "SZYMAŃSKA", 68), NAME.kind, NAMES)
    assert found[0].value == first_row + " SZYMAŃSKA"


def test_ink_far_from_the_text_is_dirt() -> None:
    assert decode_text(cells("JAN NOWAK      I", 68, at15="I "), NAME.kind, NAMES)[0].value == "JAN NOWAK"


def test_a_word_goes_on_in_the_next_row() -> None:
    text = "PRZEDSIĘBIORSTWO HANDLOWO USŁUGOWE NOWAK"
    assert text[33] == "E" and text[34] == " "
    assert decode_text(cells("A " + text, 68), NAME.kind, NAMES)[0].value == "A " + text


def test_a_crossed_out_cell_makes_nothing_sure() -> None:
    written = cells("JAN NOWAK", 68)
    written[1] = 0.0
    written[1, NUMBER[STRUCK]], written[1, NUMBER["A"]] = 0.9, 0.1
    best = decode_text(written, NAME.kind, NAMES)[0]
    assert best.value == "JAN NOWAK"
    assert best.probability < 0.15


def test_an_empty_field_has_no_text() -> None:
    assert decode_text(cells("", 22), STREET.kind, NAMES) == []


def test_probabilities_are_of_all_that_may_be_written() -> None:
    vague = np.full((22, len(CLASSES)), 1 / len(CLASSES))
    found = decode_text(vague, STREET.kind, shipped_words("street"))
    assert sum(candidate.probability for candidate in found) < 0.2


def test_a_town_is_one_value_of_several_words() -> None:
    found = decode_text(cells("KOSTRZYN NAD ODRĄ", 27, at16="AĄ", at3="TI"), TOWN.kind, shipped_words("town"))
    assert found[0].value == "KOSTRZYN NAD ODRĄ"


def test_small_letters_are_told_from_capitals_by_the_rest_of_the_field() -> None:
    """A stroke is an l among small letters and an I among capitals."""
    small = decode_text(cells("bielska", 22, at3="Il", at1="i"), STREET.kind, {})
    capitals = decode_text(cells("DARIUSZA", 22, at3="Il"), STREET.kind, {})
    assert small[0].value == "BIELSKA"
    assert capitals[0].value == "DARIUSZA"


def candidates(**shares: float) -> list[Candidate]:
    return [Candidate(value.strip("_").replace("_", "-"), (), share) for value, share in shares.items()]


def test_a_post_code_and_a_town_help_each_other() -> None:
    towns = [Candidate("WITNICA", (), 0.6), Candidate("WILNICA", (), 0.4)]
    found = decode_postcode_and_town(candidates(_66_480=0.5, _66_460=0.4), towns, towns_by_postcode())
    assert (found[0].postcode.value, found[0].town.value) == ("66-460", "WITNICA")
    assert found[0].probability > 0.8


def test_a_pair_that_nobody_knows_stays_possible() -> None:
    found = decode_postcode_and_town(candidates(_00_950=0.98), [Candidate("WARSZAWA", (), 0.97)], towns_by_postcode())
    assert found[0].probability > 0.8


def test_no_town_no_place() -> None:
    assert decode_postcode_and_town(candidates(_66_470=1.0), [], towns_by_postcode()) == []


@pytest.mark.parametrize(("usual", "odd"), [("12A", "A12"), ("7", "0"), ("12/3", "1Z/Z"), ("10", "1O")])
def test_house_numbers_begin_with_digits(usual: str, odd: str) -> None:
    assert house_number(usual) > house_number(odd)


def test_the_shape_of_house_numbers_decides_between_look_alikes() -> None:
    kind: FieldKind = HouseNumber()
    scores = within_alphabet(cells("1O", 5, at1="O0"), kind.alphabet)
    assert decode(scores, kind, prior=house_number)[0].value == "10"


def test_a_form_was_signed_lately() -> None:
    prior = signed_before(date(2026, 3, 2))
    assert prior("2026-02-27") > prior("2026-01-05") > prior("2025-03-01") > prior("2021-03-01")

from __future__ import annotations

import numpy as np
import pytest

from forms.kinds import Email
from ocr.handprint.alphabet import CLASSES, EMPTY, NUMBER
from ocr.handprint.email_decoding import decode_email
from ocr.handprint.local_parts import local_parts
from ocr.handprint.recogniser import Floats
from ocr.handprint.weights import EMAIL

KIND = Email()


def cells(text: str, **doubts: str) -> Floats:
    """Cells that say the text for sure; ``doubts`` such as at3="1l" give characters that share a cell alike."""
    posteriors = np.full((KIND.length, len(CLASSES)), 1e-5)
    for at, character in enumerate(text.ljust(KIND.length)):
        characters = doubts.get(f"at{at}", character)
        for one in characters:
            posteriors[at, NUMBER[EMPTY if one == " " else one]] += 1 / len(characters)
    return posteriors / posteriors.sum(axis=1, keepdims=True)


def unsure(text: str, at: int, first: str, second: str, share: float) -> Floats:
    """Sure but for one cell, where the first character has the share and the second the rest."""
    posteriors = cells(text)
    posteriors[at] = 1e-5
    posteriors[at, NUMBER[first]], posteriors[at, NUMBER[second]] = share, 1 - share
    return posteriors


@pytest.mark.parametrize(
    "address",
    [
        "jan.kowalski@wp.pl",
        "biuro@lubusbud.pl",
        "ala85@gmail.com",
        "x7q_zz+mzk@kvq-wx.com.pl",
        "k.nowak@firma.example.eu",
    ],
)
def test_a_clear_address_stands(address: str) -> None:
    for text in (address, address.upper()):
        best = decode_email(cells(text), KIND)[0]
        assert best.value == address
        assert best.probability > 0.8


def test_signs_are_given_for_every_cell() -> None:
    best = decode_email(cells("ala@wp.pl"), KIND)[0]
    assert best.characters == (*"ala@wp.pl", *[""] * 31)


def test_the_domains_that_people_use_settle_an_unclear_sign() -> None:
    assert decode_email(cells("jan.nowak@grnail.com".replace("rn", "m"), at10="gq", at11="mw"), KIND)[0].value == (
        "jan.nowak@gmail.com"
    )


def test_an_unclear_at_sign_is_found_by_what_surrounds_it() -> None:
    assert decode_email(cells("jan.nowak@onet.pl", at9="@a"), KIND)[0].value == "jan.nowak@onet.pl"


def test_domains_of_the_register_help_too() -> None:
    posteriors = cells("biuro@granitpol.pl", at8="ao", at12="tl")
    assert decode_email(posteriors, KIND, domains={"granitpol.pl": 1.0})[0].value == "biuro@granitpol.pl"


def test_the_name_of_the_writer_settles_the_local_part() -> None:
    posteriors = cells("z.brzyska@wp.pl", at3="rv", at6="sg", at7="kx")
    named = decode_email(posteriors, KIND, names={"ZOFIA": 1.0, "BRZYSKA": 1.0})[0]
    unnamed = [found.probability for found in decode_email(posteriors, KIND) if found.value == "z.brzyska@wp.pl"]
    assert named.value == "z.brzyska@wp.pl"
    assert named.probability > sum(unnamed)


def local(text: str, *names: str) -> float:
    """How likely a clearly written local part is, as a logarithm, where that is the writer's name."""
    scores = np.log(cells(text)[: len(text)])
    characters = "".join(character or "¤" for character in CLASSES)
    ((best, _), *_), _ = local_parts(scores, characters, {len(text)}, dict.fromkeys(names, 1.0), EMAIL)[len(text)]
    return best


def test_an_initial_of_the_writer_counts_once_where_the_name_is_no_more_than_that() -> None:
    assert local("j", "J", "NOWAK") == local("j", "JAN", "NOWAK") > local("j", "EWA", "NOWAK")


def test_a_name_of_two_letters_is_a_word_of_its_own() -> None:
    assert local("li", "LI") > local("li", "NOWAK") + 1


@pytest.mark.parametrize("year", ["1985", "2010"])
def test_a_number_of_four_digits_is_rather_a_year(year: str) -> None:
    assert local(f"jan{year}") > local("jan3985") + 1
    assert local("jan3985") == pytest.approx(local("jan2185"), abs=0.01)
    assert local(f"jan{year[:2]}") < local("jan39") + 0.01, "of two digits none is rather a year"


def test_a_known_address_settles_unclear_signs() -> None:
    posteriors = cells("kx7lq@wp.pl", at3="l1i")
    assert decode_email(posteriors, KIND, known={"kx71q@wp.pl"})[0].value == "kx71q@wp.pl"


def test_an_address_that_differs_clearly_from_the_known_one_is_read_as_written() -> None:
    best = decode_email(cells("jan.nowak2@wp.pl"), KIND, known={"jan.nowak7@wp.pl"})[0]
    assert best.value == "jan.nowak2@wp.pl"
    longer = decode_email(cells("jan.nowak22@wp.pl"), KIND, known={"jan.nowak2@wp.pl"})[0]
    assert longer.value == "jan.nowak22@wp.pl"


def test_a_known_address_that_is_doubtful_on_paper_is_never_sure() -> None:
    found = decode_email(unsure("jan.nowak2@wp.pl", 9, "2", "7", 0.97), KIND, known={"jan.nowak7@wp.pl"})
    assert max(candidate.probability for candidate in found) < 0.9


@pytest.mark.parametrize(("character", "like"), [("0", "o"), ("1", "l"), ("5", "s"), ("2", "z"), ("-", "_")])
def test_look_alikes_lower_the_probability(character: str, like: str) -> None:
    found = decode_email(unsure(f"qv{character}xw@wp.pl", 2, character, like, 0.5), KIND)
    assert {candidate.value for candidate in found[:2]} == {f"qv{character}xw@wp.pl", f"qv{like}xw@wp.pl"}
    assert found[0].probability < 0.97


def test_a_stroke_is_an_l_among_small_letters_and_an_i_among_capitals() -> None:
    assert decode_email(cells("hanna.wilk@wp.pl", at8="Il"), KIND)[0].value == "hanna.wilk@wp.pl"
    assert decode_email(cells("DARIA.RAGT@WP.PL", at3="Il"), KIND)[0].value == "daria.ragt@wp.pl"


def test_an_address_goes_on_in_the_next_row_and_dirt_after_it_is_left() -> None:
    two_rows = "jan.kowalski".ljust(20) + "@gmail.com"
    assert decode_email(cells(two_rows), KIND)[0].value == "jan.kowalski@gmail.com"
    assert decode_email(cells("ala@wp.pl       i", at16="i "), KIND)[0].value == "ala@wp.pl"


@pytest.mark.parametrize("address", ["anna nowak@wp.pl", "a nowak@wp.pl", "biuro@wodnik pl"])
def test_an_empty_cell_within_an_address_is_a_dot_that_left_no_ink(address: str) -> None:
    best = decode_email(cells(address), KIND)[0]
    assert best.value == address.replace(" ", ".")
    assert best.characters[address.index(" ")] == "."


def test_signs_after_which_no_domain_has_room_are_no_address() -> None:
    assert decode_email(cells("ala@p.p"), KIND) == []
    assert decode_email(cells("@wp.pl"), KIND) == []


def test_a_name_with_a_dash_is_two_words_of_an_address() -> None:
    assert local("kowalska", "ANNA", "NOWAK-KOWALSKA") == pytest.approx(local("kowalska", "ANNA", "NOWAK", "KOWALSKA"))


def test_what_is_no_address_has_no_candidates() -> None:
    assert decode_email(cells("janwppl"), KIND) == []
    assert decode_email(cells(""), KIND) == []
    assert decode_email(cells("ala@wp"), KIND) == []


def test_probabilities_are_of_all_that_may_be_written() -> None:
    posteriors = np.full((KIND.length, len(CLASSES)), 1 / len(CLASSES))
    assert sum(candidate.probability for candidate in decode_email(posteriors, KIND)) < 0.2

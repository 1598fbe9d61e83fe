"""How a form says that a letter asks for it."""

from __future__ import annotations

import pickle
import re

import pytest

from forms.asking import ADDRESS, AnyOf, Asking, Sentence, Stems, plain
from forms.catalogue import all_forms

MOVE = Stems((("zmian", "zmien"), ("adres",)), never=("email", ADDRESS))


def sentence(text: str) -> Sentence:
    return Sentence(tuple(re.findall(r"@|[a-z0-9]+", plain(text))), plain(text))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Proszę o ZMIANĘ mojego adresu", True),
        ("Zmieniłem adres", True),
        ("Proszę o zmianę taryfy", False),
        ("Oto mój adres", False),
        ("Proszę o zmianę adresu e-mail", False),
        ("Zmiana adresu na @", False),
        ("przemiana adresów", False),
    ],
)
def test_each_group_of_stems_must_be_met_and_none_that_tells_otherwise(text: str, meant: bool) -> None:
    assert MOVE.means(sentence(text)) is meant


def test_of_several_ways_one_is_enough() -> None:
    either = AnyOf((MOVE, Stems((("przeprowadz",),))))
    assert either.means(sentence("Przeprowadzam się")) and either.means(sentence("Zmiana adresu"))
    assert not either.means(sentence("Proszę o fakturę"))


def test_words_are_compared_without_the_marks_of_letters_and_short_forms_are_one_word() -> None:
    assert plain("Łódź, e-mail, E – faktura i e-BOK; e-nic") == "lodz, email, efaktura i ebok; e-nic"


def test_a_way_of_asking_that_says_no_meaning_is_refused() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Asking()  # type: ignore[abstract]


def test_forms_travel_to_a_reader_with_how_they_are_asked_for() -> None:
    for form in all_forms():
        sent = pickle.loads(pickle.dumps(form))
        assert sent == form and sent.asking == form.asking

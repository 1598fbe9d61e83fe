"""Words beside a value in its own field are told from the words of names, streets and places."""

from __future__ import annotations

import pytest

from forms.fields import NAME, PESEL, STREET, TOWN
from forms.form import Field
from ocr.lexicons.remarks import has_remark, has_remark_word


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (NAME, "Jan Nowak (nie ja)"),
        (NAME, "NIE Jan Nowak"),
        (NAME, "JAN NOWAK DAWNIEJ KOWALSKI"),
        (NAME, "Anna Wilk?"),
        (NAME, "Anna Wilk - już nieaktualne"),
        (TOWN, "Górzyca dawniej"),
        (TOWN, "RZEPIN NIEAKTUALNE"),
        (TOWN, "Rzepin stary adres"),
        (TOWN, "Rzepin STARY"),
        (TOWN, "Rzepin tymczasowo"),
        (TOWN, "RZEPIN NIEAKTUALNE."),
        (TOWN, "Słubice, teraz Rzepin"),
        (TOWN, "Witnica (poprzednio)"),
        (STREET, "Ogrodowa błędnie"),
        (STREET, "Polna była"),
        (STREET, "Lipowa stara"),
    ],
)
def test_a_remark_beside_a_value_is_told(item: Field, value: str) -> None:
    assert has_remark(item, value)


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (NAME, "Anna Maria Kowalska-Nowak"),
        (NAME, "Jan Nowy"),
        (NAME, 'Zakład Usługowy "Nowy Dom" Sp. z o.o.'),
        (NAME, "P.P.H.U. Stal-Pol s.c. J. Lis, A. Lis"),
        (NAME, "Studio 54 & Syn"),
        (NAME, "jan nowak"),
        (NAME, "Maria von Stein"),
        (TOWN, "Kostrzyn nad Odrą"),
        (TOWN, "KOSTRZYN NAD ODRĄ"),
        (TOWN, "Gorzów Wlkp."),
        (TOWN, "Ośno lubuskie"),
        (TOWN, "Rzepin k. Słubic"),
        (TOWN, "Nowe Miasto Lubawskie"),
        (TOWN, "Stary Kisielin"),
        (TOWN, "Kamień Mały"),
        (TOWN, "Górzyca k. Kostrzyna"),
        (TOWN, "kostrzyn nad odrą"),
        (TOWN, "Bielsko-Biała"),
        (STREET, "ul. Ogrodowa"),
        (STREET, "Obrońców pokoju"),
        (TOWN, "Brak"),
        (STREET, "Nowa"),
        (STREET, "Stara"),
        (STREET, "al. gen. J. Hallera"),
        (STREET, "os. 11 Listopada"),
        (STREET, "Jana Pawła II"),
        (STREET, "3 Maja"),
        (STREET, "Obrońców Pokoju"),
        (PESEL, "44051401359"),
    ],
)
def test_names_streets_and_places_have_no_remark(item: Field, value: str) -> None:
    assert not has_remark(item, value)


@pytest.mark.parametrize(
    ("text", "remarked"),
    [
        ("UNIEWAZNIAM", True),
        ("prosze o kontakt", True),
        ("Był. tu", True),
        ("https://ebok.example.org/nieznany", True),
        ("28.11.2026, 19:52", False),
        ("nowy.adres@example.org", False),
        ("Niemen", False),
    ],
)
def test_a_word_of_remark_is_known_in_any_text_and_without_the_marks_of_polish_letters(
    text: str, remarked: bool
) -> None:
    assert has_remark_word(text) is remarked

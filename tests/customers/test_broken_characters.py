"""Letters that a change of encoding has broken are seen, letters that other people have in their names are not."""

from __future__ import annotations

import pytest

from customers.broken_characters import broken_in, letters_replaced

POLISH = (
    "Zdzisława Błędowska-Gżegżółka", "Świętosław Żółć", "Łęczyńska", "Późna", "Krótka Wieś nad Wartą i Łabą",
    "Kąty Wrocławskie", "Bieńkowice", "Środa Śląska", "Ćwierćmorgowa", "Źrebięca", "Kłodzko", "ŁOŻYŃSKI",
)  # fmt: skip


def shown(text: str, true: str, read: str) -> str:
    """A text whose bytes were read in another encoding; a byte without a sign there stays a control sign."""
    signs = (bytes([one]) for one in text.encode(true))
    return "".join(one.decode(read, "ignore") or one.decode("latin-1") for one in signs)


@pytest.mark.parametrize("text", POLISH)
@pytest.mark.parametrize("read", ["cp1250", "iso8859-2", "cp1252", "latin-1", "cp852", "cp437", "mac-roman"])
def test_utf8_read_as_anything_else_is_seen(text: str, read: str) -> None:
    assert "kodowania" in str(broken_in(shown(text, "utf-8", read)))


@pytest.mark.parametrize("text", POLISH)
@pytest.mark.parametrize("true", ["cp1250", "iso8859-2"])
@pytest.mark.parametrize("read", ["cp1252", "latin-1"])
def test_an_old_polish_encoding_read_as_a_western_one_is_seen(text: str, true: str, read: str) -> None:
    assert broken_in(shown(text, true, read)) is not None


@pytest.mark.parametrize(
    "text",
    ["Dêbina", "Gdañska", "Bieñ", "Leœna", "Koœcielna", "Œciegny", "Jêczmienna", "Piêkna", "Miæ", "Æwir", "WoĽniak",
     "Dšbrowa", "Pi¹ta", "Odr¹", "G³êboka", "¯abia", "Ró¿ana", "£¹kowa", "Ko¶cielna", "D±browa",
     "Ko&sacute;cielna", "Mi&#322;a", "Mi&#x142;a", "G&oacute;rna",
     "Mi+AUI-a", "+AUEBBQ-kowa", "G+APM-rna", "Nad Odr+AQU"],
)  # fmt: skip
def test_one_broken_letter_in_a_cell_is_enough(text: str) -> None:
    assert broken_in(text) is not None


@pytest.mark.parametrize("text", POLISH)
def test_letters_that_became_question_marks_or_the_sign_of_no_letter_are_seen(text: str) -> None:
    assert "„?”" in str(broken_in(text.encode("ascii", "replace").decode()))
    assert broken_in(text.encode("cp1250").decode("utf-8", "replace")) is not None


@pytest.mark.parametrize(
    "text",
    [*POLISH, "Müller", "Łucja", "Šimek", "O'Neil", "D´Arc", "Nowak-Kowalska", "Zakład „Ania” s.c.",
     'Zakład "Ania" s.c.',
     "P.H.U. 2000", "4F", "Żabka Z1234", "Größe & Söhne", "Jäger", "Weiß", "Шевченко Олена", "Їжак", "Dvořáková",
     "Ľubomír",
     "Hľadík", "Ďuriš", "Tomšič", "Krško", "Kőszegi", "Știrbu", "Peña", "Muñoz Núñez", "Inês", "Lê Thị Biên",
     "Bjørn Kjær",
     "Crêperie", "Sœur Marie", "Håkan Ångström", "Aqua m³", "Foto©", "Nowak†", "«Łąka»", "Café", "François", "eŻabka",
     "Sąd Rejonowy – Wydział I", "A…B", "10°C", "Kowalski/Nowak", "Spółka (w likwidacji)", "Co dalej ?"],
)  # fmt: skip
def test_names_of_people_and_companies_are_whole(text: str) -> None:
    assert broken_in(text) is None


def test_a_file_has_broken_characters_where_words_have_question_marks_inside() -> None:
    assert letters_replaced("numer;Ma?gorzata")
    assert not letters_replaced("numer;Co dalej?;?;??")

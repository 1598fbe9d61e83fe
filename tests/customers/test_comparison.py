"""People write one name in many ways; different names stay different."""

from __future__ import annotations

import pytest

from customers.comparison import (
    Answer,
    address_answer,
    compare_addresses,
    compare_houses,
    compare_names,
    compare_streets,
    compare_towns,
)

ADDRESS = {
    "street": "ul. Adama Mickiewicza", "house": "12", "flat": "3", "postcode": "66-470", "town": "Kostrzyn nad Odrą"
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("JAN KOWALSKI", "Jan Kowalski"),
        ("Kowalski Jan", "Jan Kowalski"),
        ("Zolc Laczna", "Żółć Łączna"),
        ("Anna Nowak Lis", "Anna Nowak-Lis"),
        ("Pani Anna Lis", "Anna Lis"),
        ("Instal-Bud sp. z o. o.", "INSTAL BUD Spółka z ograniczoną odpowiedzialnością"),
        ("Sp. z o.o. Instal-Bud", "Instal-Bud Sp. z o.o."),
        ("P.H.U. Lis Spółka Jawna", "PHU „Lis” sp. j."),
        ("Gaz S.A.", "Gaz spółka akcyjna"),
        ("КОВАЛЬ ОЛЕНА", "Олена Коваль"),
    ],
)
def test_one_name_written_in_two_ways_agrees(given: str, known: str) -> None:
    assert compare_names(given, known) is Answer.AGREES


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("Jan Kowalska", "Jan Kowalski"),
        ("Jan Kowalsky", "Jan Kowalski"),
        ("Kowalski", "Jan Kowalski"),
        ("Jan Adam Kowalski", "Jan Kowalski"),
        ("Jan Nowak sp. z o.o.", "Jan Nowak"),
        ("Instal-Bud s.c.", "Instal-Bud Sp. z o.o."),
        ("-", "Jan Kowalski"),
    ],
)
def test_another_name_contradicts_however_similar(given: str, known: str) -> None:
    assert compare_names(given, known) is Answer.CONTRADICTS


def test_a_company_without_its_legal_form_neither_agrees_nor_contradicts() -> None:
    assert compare_names("Instal-Bud", "Instal-Bud Sp. z o.o.") is Answer.SILENT


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"street": "Adama Mickiewicza"},
        {"street": "UL. A. MICKIEWICZA"},
        {"house": "12/3", "flat": None},
        {"house": "12 m. 3", "flat": None},
        {"house": "12 lok 3", "flat": None},
        {"town": "KOSTRZYN N. ODRA"},
        {"town": "Kostrzyn n/Odrą"},
        {"town": "Kostrzyn"},
    ],
)
def test_one_address_written_in_two_ways_agrees(change: dict[str, str | None]) -> None:
    assert address_answer(compare_addresses({**ADDRESS, **change}, ADDRESS)) is Answer.AGREES


@pytest.mark.parametrize(
    "change",
    [
        {"street": "ul. Jana Mickiewicza"},
        {"street": "pl. Adama Mickiewicza"},
        {"street": "Wodna"},
        {"house": "13"},
        {"house": "12A"},
        {"flat": "4"},
        {"postcode": "66-400"},
        {"town": "Gorzów"},
    ],
)
def test_another_address_contradicts(change: dict[str, str | None]) -> None:
    assert address_answer(compare_addresses({**ADDRESS, **change}, ADDRESS)) is Answer.CONTRADICTS


@pytest.mark.parametrize("change", [{"flat": None}, {"street": "Mickiewicza"}, {"postcode": None}])
def test_an_address_told_in_part_is_no_factor_and_no_contradiction(change: dict[str, str | None]) -> None:
    assert address_answer(compare_addresses({**ADDRESS, **change}, ADDRESS)) is Answer.SILENT


@pytest.mark.parametrize("street", [None, "Drzewice"])
def test_in_a_village_without_streets_people_may_repeat_its_name(street: str | None) -> None:
    known = {"street": None, "house": "7", "flat": None, "postcode": "66-470", "town": "Drzewice"}
    assert address_answer(compare_addresses({**known, "street": street}, known)) is Answer.AGREES


@pytest.mark.parametrize(
    ("given", "lost"),
    [
        ({}, "house"), ({"street": None}, "street"), ({}, "street"), ({}, "flat"), ({"flat": None}, "flat"),
        ({"town": None}, "town"), ({}, "postcode"),
    ],
)  # fmt: skip
def test_a_part_that_the_register_has_lost_neither_confirms_nor_contradicts(
    given: dict[str, str | None], lost: str
) -> None:
    known = {**ADDRESS, lost: None}
    parts = compare_addresses({**ADDRESS, **given}, known, frozenset({lost}))
    assert parts["house" if lost == "flat" else lost] is Answer.SILENT
    assert address_answer(parts) is Answer.SILENT


def test_what_is_left_of_a_damaged_address_still_contradicts() -> None:
    known = {**ADDRESS, "flat": None}
    assert compare_addresses({**ADDRESS, "house": "99"}, known, frozenset({"flat"}))["house"] is Answer.CONTRADICTS


@pytest.mark.parametrize(
    ("given", "known", "answer"),
    [
        ("Adama Mickiewicza", "ul. A. Mickiewicza", Answer.AGREES),
        ("B. Mickiewicza", "ul. Adama Mickiewicza", Answer.CONTRADICTS),
        ("Anny Mickiewicza", "ul. Adama Mickiewicza", Answer.CONTRADICTS),
        ("Adama Bernarda Mickiewicza", "Adama Mickiewicza", Answer.CONTRADICTS),
        ("Skłodowskiej-Curie", "ul. Marii Skłodowskiej-Curie", Answer.SILENT),
        ("ulica Marii Skłodowskiej-Curie", "Skłodowskiej-Curie", Answer.SILENT),
        ("M. Skłodowskiej-Curie", "ul. Marii Skłodowskiej-Curie", Answer.AGREES),
        ("Adama M.", "ul. Adama Mickiewicza", Answer.CONTRADICTS),
        ("Mickiewicza Adama", "ul. Adama Mickiewicza", Answer.CONTRADICTS),
        ("osiedle Leśne", "os. Leśne", Answer.AGREES),
        ("Leśne", "os. Leśne", Answer.AGREES),
        ("os. Leśne", "Leśne", Answer.AGREES),
        ("al. Leśne", "os. Leśne", Answer.CONTRADICTS),
        ("Plac", "Plac", Answer.AGREES),
        ("plac Wolności", "Plac", Answer.CONTRADICTS),
        ("ul.", "ul. Wodna", Answer.CONTRADICTS),
        ("-", "ul. Wodna", Answer.CONTRADICTS),
        (None, "ul. Wodna", Answer.SILENT),
        (None, None, Answer.AGREES),
        ("Kostrzyn nad Odra", None, Answer.AGREES),
        ("Wodna", None, Answer.SILENT),
        ("Wodna", "", Answer.SILENT),
    ],
)
def test_of_a_street_its_last_word_decides_and_first_names_may_be_short_or_left_out(
    given: str | None, known: str | None, answer: Answer
) -> None:
    assert compare_streets(given, known, "Kostrzyn nad Odrą") is answer


def test_where_neither_street_nor_town_is_known_a_street_tells_nothing() -> None:
    assert compare_streets("Wodna", None, None) is Answer.SILENT


@pytest.mark.parametrize(
    ("given", "known", "answer"),
    [
        (("12a", None), ("12 A", None), Answer.AGREES),
        (("12", "3a"), ("12", "3A"), Answer.AGREES),
        (("12/3", None), ("12", "3"), Answer.AGREES),
        (("12", "3/4"), ("12/3/4", None), Answer.AGREES),
        (("12m3", None), ("12", "3"), Answer.AGREES),
        (("12A/3", None), ("12A lok. 3", None), Answer.AGREES),
        (("12M", None), ("12", None), Answer.CONTRADICTS),
        (("12", "3"), ("12", None), Answer.SILENT),
        (("12", None), ("12", "3"), Answer.SILENT),
        (("12/3", "4"), ("12", "3"), Answer.SILENT),
        (("12", "3"), ("12", "4"), Answer.CONTRADICTS),
        (("1", "23"), ("12", "3"), Answer.CONTRADICTS),
        ((None, "3"), ("12", "3"), Answer.SILENT),
        (("12", "3"), (None, "3"), Answer.SILENT),
    ],
)
def test_house_and_flat_are_one_thing_however_they_are_parted(
    given: tuple[str | None, str | None], known: tuple[str | None, str | None], answer: Answer
) -> None:
    ours, theirs = (dict(zip(("house", "flat"), one, strict=True)) for one in (given, known))
    assert compare_houses(ours, theirs) is answer


@pytest.mark.parametrize(
    ("given", "known", "same_postcode", "answer"),
    [
        ("Kostrzyn", "Kostrzyn nad Odrą", True, Answer.AGREES),
        ("Kostrzyn nad Odrą", "Kostrzyn", True, Answer.AGREES),
        ("Kostrzyn", "Kostrzyn nad Odrą", False, Answer.CONTRADICTS),
        ("Kostrzyn", "kostrzyn", False, Answer.AGREES),
        ("nad Odrą", "Kostrzyn nad Odrą", True, Answer.CONTRADICTS),
        ("-", "Kostrzyn nad Odrą", True, Answer.CONTRADICTS),
        ("Gorzów Wlkp.", "Gorzów Wielkopolski", False, Answer.AGREES),
        (None, "Kostrzyn nad Odrą", True, Answer.SILENT),
        ("Kostrzyn", None, True, Answer.SILENT),
    ],
)
def test_the_beginning_of_a_town_is_enough_only_where_the_post_code_agrees(
    given: str | None, known: str | None, same_postcode: bool, answer: Answer
) -> None:
    assert compare_towns(given, known, same_postcode=same_postcode) is answer

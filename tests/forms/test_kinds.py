"""Kinds: one normalisation and one judgement for paper, PDF, web form and API."""

from __future__ import annotations

import random
import re
import unicodedata
from datetime import date

import pytest

from forms.kinds import Date, Digits, Email, FieldKind, HouseNumber, Nip, Pesel, Phone, Postcode, Signature, Text, Tick
from tests.forms.samples import WRITTEN

TODAY = date(2026, 11, 22)


def value(kind: FieldKind, raw: str) -> object:
    parsed = kind.parse(raw, TODAY)
    assert parsed.fault is None, parsed.fault
    return parsed.value


def code(kind: FieldKind, raw: object) -> str | None:
    fault = kind.parse(raw, TODAY).fault
    return None if fault is None else fault.code


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (Text(20), "  Jan \t Nowak\n", "Jan Nowak"),
        (Text(20), unicodedata.normalize("NFD", "Żółć"), "Żółć"),
        (Text(20), "No\u00adwak\u200b\ufeff", "Nowak"),
        (Text(20), "No\ufe0fwa\u034fk\U000e0141", "Nowak"),
        (Text(20), "S\u034f\u0301liz Z\ufe0f\u0307ak", "Śliz Żak"),
        (Text(20), "Jan\u3164Nowak\u2800", "Jan Nowak"),
        (HouseNumber(5), "12 a / 3", "12A/3"),
        (HouseNumber(5), "12-14A", "12-14A"),
        (HouseNumber(5), "12 bis", "12BIS"),
        (HouseNumber(5), "12 lok 3", "12LOK3"),
        (HouseNumber(5), "12AB/3", "12AB/3"),
        (Digits(8), "0001 23-45", "00012345"),
        (Digits(8), "\u200e00012345\u200b", "00012345"),
        (Pesel(), "440514 01359", "44051401359"),
        (Digits(8), "0 0 0 1 2 3 4 5", "00012345"),
        (Pesel(), "440514 - 01359", "44051401359"),
        (Nip(), "PL 526-025-09-95", "5260250995"),
        (Nip(), "PL-526-025-09-95", "5260250995"),
        (Nip(), "pl5260250995", "5260250995"),
        (Postcode(), "66 470", "66-470"),
        (Postcode(), "66–470", "66-470"),
        (Phone(), "+48 600 700 800", "600700800"),
        (Phone(), "48 600-700-800", "600700800"),
        (Phone(), "0 95 727 96 51", "957279651"),
        (Phone(), "(95) 727-96-51", "957279651"),
        (Phone(), "0-95-727-96-51", "957279651"),
        (Phone(), "95/727 96 51", "957279651"),
        (Phone(), "+48-600.700.800", "600700800"),
        (Phone(), "+49 1512 3456789", "+4915123456789"),
        (Phone(), "0049 1512/3456789", "+4915123456789"),
        (Phone(), "(+49) 30 12 34 56", "+4930123456"),
        (Phone(mobile=True), "+49 1512 3456789", "+4915123456789"),
        (Email(), " JAN.NOWAK @ EXAMPLE.COM ", "jan.nowak@example.com"),
        (Email(), "a+b@poczta.onet.pl", "a+b@poczta.onet.pl"),
        (Date(), "22.11.2026", "2026-11-22"),
        (Date(), "22112026", "2026-11-22"),
        (Date(), "2 / 1 / 2026", "2026-01-02"),
        (Date(), "2 XI 2026 r.", "2026-11-02"),
        (Date(), "2.iv.2026", "2026-04-02"),
        (Date(), "2026-11-22", "2026-11-22"),
        (Date(), "29.02.2024", "2024-02-29"),
    ],
)
def test_what_people_write_becomes_one_normal_form(kind: FieldKind, raw: str, expected: str) -> None:
    assert value(kind, raw) == expected


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (Text(20), "Jan\x07Nowak", "bad_character"),
        (Text(20), "Jan\udcffNowak", "bad_character"),
        (Text(20), "x" * 101, "too_long"),
        (Text(20), "x" * 100_000, "too_long"),
        (Text(20), 17, "wrong_type"),
        (HouseNumber(5), "dwanaście!", "bad_format"),
        (HouseNumber(5), "33/1 stary", "bad_format"),
        (HouseNumber(5), "nie 7", "bad_format"),
        (Digits(8), "1234567", "wrong_length"),
        (Digits(8), "1234567O", "not_digits"),
        (Digits(8), "١٢٣٤٥٦٧٨", "not_digits"),
        (Digits(8), "\uff11" * 8, "not_digits"),
        (Pesel(), "44051401358", "bad_checksum"),
        (Pesel(), "44053201355", "bad_checksum"),
        (Pesel(), "00000000000", "bad_checksum"),
        (Nip(), "5260250996", "bad_checksum"),
        (Nip(), "0000000000", "bad_checksum"),
        (Postcode(), "6647", "bad_format"),
        (Postcode(), "٦٦-٤٧٠", "bad_format"),
        (Phone(), "60070080", "bad_format"),
        (Phone(), "000000000", "unknown_number"),
        (Phone(), "+48 60070080", "bad_format"),
        (Phone(), "+49", "bad_format"),
        (Phone(), "+999 123 456 789", "unknown_number"),
        (Phone(), "+49 0000 000000", "unknown_number"),
        (Phone(), "+49 1512 3456789 012345", "bad_format"),
        (Phone(mobile=True), "+49 30 123456", "not_mobile"),
        (Phone(mobile=True), "957279651", "not_mobile"),
        (Email(), "jan.nowak", "bad_email"),
        (Email(), "jan@@example.com", "bad_email"),
        (Email(), "żaneta@example.com", "bad_email"),
        (Email(), "jan@żółw.pl", "bad_email"),
        (Email(), "jan@example.com,ewa@example.com", "bad_email"),
        (Email(), "jan@example", "bad_email"),
        (Email(), f"{'a' * 65}@example.com", "bad_email"),
        (Date(), "30.02.2026", "bad_date"),
        (Date(), "2026-02-30", "bad_date"),
        (Date(), "2 XIII 2026", "bad_date"),
        (Date(), "23.11.2026", "future_date"),
        (Date(), "22.11.1926", "bad_date"),
        (Date(), "wczoraj", "bad_date"),
        (Tick(), "może", "wrong_type"),
        (Tick(), ["true"], "wrong_type"),
    ],
)
def test_what_is_wrong_is_told_by_a_stable_code(kind: FieldKind, raw: object, expected: str) -> None:
    fault = kind.parse(raw, TODAY).fault
    assert fault is not None
    assert fault.code == expected
    assert re.fullmatch(r"[A-ZŁŚ][^_]{8,}[.]( [A-Z][^_]{8,}[.])*", fault.message), "a sentence for the customer"


@pytest.mark.parametrize(
    ("kind", "longest"),
    [
        (Text(20), "x" * 100),
        (Text(60), "x" * 120),
        (HouseNumber(5), "1" * 10),
        (HouseNumber(12), "1" * 12),
        (Digits(8), "1" * 8),
    ],
)
def test_a_value_may_be_as_long_as_its_kind_allows_and_not_a_sign_longer(kind: FieldKind, longest: str) -> None:
    assert value(kind, longest) == longest
    assert code(kind, longest + longest[-1]) in {"too_long", "wrong_length"}


def test_a_raw_text_is_refused_before_it_is_looked_at_from_four_times_its_length_on() -> None:
    assert code(Text(20), "x" + " " * 399) is None
    assert code(Text(20), "x" + " " * 400) == "too_long"
    assert code(Digits(8), "00012345" + " " * 192) is None
    assert code(Digits(8), "00012345" + " " * 193) == "too_long"


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("raw", [None, "", "   ", "-", " — ", "/", "\u200b", "..."])
def test_an_empty_field_or_one_with_a_dash_is_empty(kind: FieldKind, raw: str | None) -> None:
    assert kind.parse(raw, TODAY) == kind.parse(None)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/Yes", True),
        ("on", True),
        (" TRUE ", True),
        ("1", True),
        ("tak", True),
        ("T", True),
        ("X", True),
        (True, True),
        ("/Off", False),
        ("", False),
        ("0", False),
        ("no", False),
        ("Nie", False),
        ("n", False),
        ("false", False),
        (False, False),
        (None, None),
    ],
)
def test_ticks_understand_pdf_and_web(raw: object, expected: bool | None) -> None:
    assert Tick().parse(raw).value is expected
    assert Signature().parse(raw).value is expected


def test_a_pesel_of_somebody_not_yet_born_or_long_dead_is_wrong() -> None:
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    for start in ("9931010000", "4481140135"):  # 2099 and 1844
        check = -sum(w * int(d) for w, d in zip(weights, start, strict=True)) % 10
        assert code(Pesel(), f"{start}{check}") == "bad_checksum"


@pytest.mark.parametrize(
    ("born", "start", "expected"),
    [
        ("1 I 1900", "0001010000", None),
        ("31 XII 1899", "9992310000", "bad_checksum"),
        ("today", "2631220000", None),
        ("tomorrow", "2631230000", "bad_checksum"),
    ],
)
def test_a_pesel_is_of_somebody_born_from_1900_to_today(born: str, start: str, expected: str | None) -> None:
    check = -sum(w * int(d) for w, d in zip((1, 3, 7, 9, 1, 3, 7, 9, 1, 3), start, strict=True)) % 10
    assert code(Pesel(), f"{start}{check}") == expected, born


def test_a_day_is_taken_from_2000_to_today() -> None:
    assert value(Date(), "01.01.2000") == "2000-01-01"
    assert code(Date(), "31.12.1999") == "bad_date"
    assert value(Date(), "22.11.2026") == "2026-11-22"


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_may_be_roman(month: int) -> None:
    roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"][month - 1]
    assert value(Date(), f"5 {roman} 2025") == f"2025-{month:02}-05"


def test_any_single_misread_digit_of_a_pesel_or_nip_is_found() -> None:
    for kind, right in ((Pesel(), "44051401359"), (Nip(), "5260250995")):
        for at in range(len(right)):
            for digit in "0123456789".replace(right[at], ""):
                assert code(kind, right[:at] + digit + right[at + 1 :]) == "bad_checksum"


@pytest.mark.parametrize("kind", WRITTEN)
def test_whatever_comes_in_parse_gives_an_answer_and_its_normal_form_stays(kind: FieldKind) -> None:
    chance = random.Random(kind.name)
    signs = "0123456789 -./@XVI+\t\x00ąŁ\u0301\u200b٣１é😀\udcff'\"<>"
    for _ in range(300):
        parsed = kind.parse("".join(chance.choices(signs, k=chance.randrange(30))), TODAY)
        if parsed.fault is None:
            assert kind.parse(parsed.value, TODAY) == parsed
            assert kind.parse(kind.display(parsed.value), TODAY) == parsed


def test_typed_text_may_be_longer_than_the_comb_on_paper() -> None:
    street = "Marszałka Józefa Piłsudskiego"
    assert len(street) > Text(22).length
    assert value(Text(22), street) == street
    long_address = f"{'a' * 60}@example.com"
    assert value(Email(), long_address) == long_address


def test_groups_that_do_not_fill_the_comb_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fill"):
        Postcode(groups=(2, 2))


@pytest.mark.parametrize("value", ["009991234", "000000000", "001234567", "999999999", "112112112"])
def test_nine_digits_that_are_no_number_of_poland_are_told_and_never_a_fault_of_ours(value: str) -> None:
    fault = Phone().parse(value).fault
    assert fault is not None
    assert fault.code == "unknown_number"


@pytest.mark.parametrize("kind", (*WRITTEN, Tick(), Signature()), ids=lambda kind: f"{kind.name}{kind.length}")
def test_whatever_is_typed_is_judged_shown_and_masked_without_a_fault_of_ours(kind: FieldKind) -> None:
    rng = random.Random(f"typed:{kind.name}")
    signs = (kind.alphabet or "tn01") + " .-/+@IVXrPL\u0661\u00b2"
    for _ in range(1500):
        typed = "".join(rng.choice(signs) for _ in range(rng.choice((1, 2, 3, 8, 9, 10, 11, 40))))
        parsed = kind.parse(typed, date(2026, 1, 1))
        assert isinstance(kind.display(parsed.value) + kind.masked(parsed.value) + kind.to_comb(parsed.value), str)
        if parsed.fault is None:
            assert kind.parse(parsed.value, date(2026, 1, 1)) == parsed


@pytest.mark.parametrize("sign", [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))])
def test_a_name_that_is_turned_around_is_refused_and_shown_as_it_would_be_kept(sign: str) -> None:
    parsed = Text(20).parse(f"Jan {sign}kawoN", TODAY)
    assert parsed.value == "Jan kawoN"
    assert parsed.fault is not None
    assert parsed.fault.code == "bad_character"
    assert "odwracają" in parsed.fault.message


@pytest.mark.parametrize(
    "struck",
    [
        "{0}--{1}",
        "-{0}{1}",
        "{0}{1}–",
        "–{0}–{1}–",
        "{0} - - {1}",
        "{0}..{1}",
        "{0}-–{1}",
    ],
)
@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Digits(8), "0001", "2345"),
        (Pesel(), "440514", "01359"),
        (Nip(), "526025", "0995"),
        (Postcode(), "66", "470"),
        (Phone(), "600", "700800"),
    ],
)
def test_dashes_that_strike_a_number_out_are_no_part_of_it(kind: FieldKind, one: str, other: str, struck: str) -> None:
    assert value(kind, one + other)
    assert code(kind, struck.format(one, other)) is not None
    assert code(kind, "-".join(one + other)) is not None


@pytest.mark.parametrize("raw", ["22..11..2026", "2--XI--2026", "2/-XI 2026"])
def test_a_date_with_more_than_one_sign_between_its_parts_is_none(raw: str) -> None:
    assert code(Date(), raw) == "bad_date"

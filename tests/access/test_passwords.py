"""What a password may be, and how it is kept."""

from __future__ import annotations

import unicodedata

import pytest

from access.passwords import fault, hashed, initial_password, matches


def test_a_password_is_kept_as_a_salted_digest_that_only_it_matches() -> None:
    kept = hashed("trzy zielone rowery")
    assert kept != hashed("trzy zielone rowery")
    assert "zielone" not in kept
    assert matches(kept, "trzy zielone rowery")
    assert not matches(kept, "trzy zielone Rowery")


def test_an_accent_typed_apart_from_its_letter_is_the_same_password() -> None:
    whole = "żółte łóżko w kącie"
    apart = unicodedata.normalize("NFD", whole)
    assert apart != whole
    assert matches(hashed(apart), whole)


def test_nobody_comes_in_where_no_password_is_kept() -> None:
    assert not matches(None, "trzy zielone rowery")
    assert not matches("not a digest", "trzy zielone rowery")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("jedenaście1", "password_short"),
        ("x" * 201, "password_long"),
        ("aaaaaaaaaaaab", "password_common"),
        ("Password12345!", "password_common"),
        ("Qwertyuiop123", "password_common"),
        ("123456789012", "password_common"),
        ("739471936582", "password_common"),
        ("Jan.Wymyslony1!", "password_is_login"),
        ("Jan.Wymyslony@poczta.example", "password_is_login"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, code: str) -> None:
    found = fault(password, about=["jan.wymyslony@poczta.example"])
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("password", ["trzy zielone rowery", "12 słów i 7 kotów"])
def test_a_few_words_are_good(password: str) -> None:
    assert fault(password, about=["jan", ""]) is None


def test_what_we_hand_out_is_good() -> None:
    assert fault(initial_password(), about=["jan", ""]) is None

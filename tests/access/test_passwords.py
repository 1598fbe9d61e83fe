"""What a password may be, and how it is kept."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from access import passwords
from access.passwords import fault, hashed, initial_password, matches


@pytest.fixture(autouse=True)
def _as_in_the_product(real_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", real_hasher)


def test_a_password_is_kept_as_a_salted_digest_that_only_it_matches() -> None:
    kept = hashed("trzy zielone rowery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$"), "as RFC 9106 has it where memory is short"
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


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("jedenaście1", "password_short"),
        ("x" * 129, "password_long"),
        ("aaaaaaaaaaaab", "password_common"),
        ("Password12345!", "password_common"),
        ("P@ssw0rd2026!", "password_common"),
        ("Qwertyuiop123", "password_common"),
        ("123456789012", "password_common"),
        ("739471936582", "password_common"),
        ("HasloHaslo2026", "password_common"),
        ("Październik2026!", "password_common"),
        ("Wodociągi123!", "password_common"),
        ("zaq1zaq1zaq1", "password_common"),
        ("abcabcabcabcabcabc", "password_common"),
        ("drowssap12345", "password_common"),
        ("Jan.Wymyslony1!", "password_is_login"),
        ("Jan.Wymyslony@poczta.example", "password_is_login"),
        ("wymyslony-jan-2026", "password_is_login"),
        ("Kostrzyn2026!!", "password_is_login"),
        ("mzk-Kostrzyn-eBOK", "password_is_login"),
        ("Wymyslony123!", "password_is_login"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_and_its_message_says_what_to_do(password: str, code: str) -> None:
    found = fault(password, about=["jan.wymyslony@poczta.example"])
    assert found is not None
    assert found.code == code
    assert any(word in found.message for word in ("Wymyśl", "Weź", "Może to być", "najwyżej"))


@pytest.mark.usefixtures("home")
def test_a_name_of_one_s_own_is_known_however_it_is_written() -> None:
    for password in ("Kwiatkowsk4-2026", "KWIATKOWSKA2026!", "akswoktaiwk2026"):
        assert fault(password, about=["ewa.k", "Ewa Kwiatkowska"]) is not None, password
        assert fault(f"{password} zielony rower", about=["ewa.k", "Ewa Kwiatkowska"]) is None, password


@pytest.mark.usefixtures("home")
def test_what_a_message_says_is_what_is_wrong() -> None:
    for password, told in (
        ("aaaaaaaaaaaab", "Powtarza się"),
        ("abcdefghijklm", "po kolei"),
        ("13.10.1987 13", "datę"),
    ):
        found = fault(password)
        assert found is not None
        assert told in found.message


@pytest.mark.usefixtures("home")
def test_the_words_of_one_person_are_not_held_against_another() -> None:
    own, other = ["Wiktoria Chrząszczyżewoszycka"], ["Jan Wymyślony"]
    password = "Chrząszczyżewoszycka7"

    def judged(about: list[str]) -> bool:
        return fault(password, about=about) is None

    with ThreadPoolExecutor(4) as crowd:
        assert list(crowd.map(judged, [own, other] * 50)) == [False, True] * 50


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("password", ["trzy zielone rowery", "12 słów i 7 kotów", "ż" * 3 + "a8#kQ" * 25])
def test_a_few_words_are_good(password: str) -> None:
    assert fault(password, about=["jan", ""]) is None


@pytest.mark.usefixtures("home")
def test_what_we_hand_out_is_good() -> None:
    assert fault(initial_password(), about=["jan", ""]) is None

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from environment.settings import get_settings
from forms.kinds import POLISH_CAPITALS, Email, Postcode
from ocr.handprint.lexicon import Lexicon, shipped_words
from ocr.lexicons import (
    SHIPPED,
    company_words,
    first_names,
    mail_domains,
    mail_words,
    office_words,
    streets,
    surnames,
    towns_by_postcode,
    void_words,
)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("EBOK_LEXICON_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    get_settings.cache_clear()


def test_every_shipped_file_says_where_its_entries_come_from_and_has_each_once() -> None:
    for path in SHIPPED.glob("*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# "), path.name
        entries = [line for line in lines if not line.startswith("#")]
        assert len(set(entries)) == len(entries), path.name


def test_names_and_streets_can_be_written_in_combs() -> None:
    for entry in (*first_names(), *surnames()):
        assert set(entry) <= set(POLISH_CAPITALS + " -"), entry
    for entry in (*streets(), *company_words()):
        assert set(entry) <= set(POLISH_CAPITALS + "0123456789 .-"), entry


def test_surnames_stand_in_both_forms() -> None:
    assert {"KOWALSKI", "KOWALSKA", "DĄBROWSKI", "DĄBROWSKA", "NOWAK"} <= set(surnames())
    assert "NOWAKA" not in surnames()


def test_there_are_several_hundred_names_of_each_sort() -> None:
    assert len(first_names()) > 400
    assert len(surnames()) > 700


def test_the_post_code_of_the_town_is_known() -> None:
    assert towns_by_postcode()["66-470"] == ("KOSTRZYN NAD ODRĄ",)
    assert all(Postcode().parse(code).fault is None for code in towns_by_postcode())


def test_mail_domains_make_addresses() -> None:
    assert max(mail_domains(), key=lambda domain: mail_domains()[domain]) == "gmail.com"
    assert all(Email().parse(f"a@{domain}").fault is None for domain in mail_domains())
    assert all(re.fullmatch(r"[a-z]+", word) for word in mail_words())


def test_no_word_of_an_office_voids_a_page() -> None:
    assert len(void_words()) > 20 and len(office_words()) > 20
    assert set(void_words()).isdisjoint(office_words())


def test_a_file_of_the_installation_replaces_the_shipped_one(own_folder: Path) -> None:
    (own_folder / "streets.txt").write_text("\ufeff# ours\nPomorska\n\nŚlepa\n", encoding="utf-8")
    assert streets() == ("POMORSKA", "ŚLEPA")
    assert "66-470" in towns_by_postcode()


def test_words_of_a_phrase_are_entries_of_less_weight() -> None:
    lexicon = Lexicon({"JANA PAWŁA II": 1.0, "LEŚNA": 1.0})
    assert lexicon.share("JANA PAWŁA II") == lexicon.share("LEŚNA") > lexicon.share("PAWŁA") > 0
    assert dict(lexicon) == {"JANA PAWŁA II": 1.0, "LEŚNA": 1.0}
    assert lexicon.share("POLNA") == 0


def test_words_of_a_field_are_shipped_for_names_streets_and_towns() -> None:
    assert "NOWAK" in shipped_words("name")
    assert "JANA PAWŁA II" in shipped_words("street")
    assert "KOSTRZYN NAD ODRĄ" in shipped_words("town")
    assert not shipped_words("pesel")

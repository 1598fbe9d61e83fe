"""The mailroom's page: what lies in the folder, what became of each scan, what is to be done; nothing of anybody."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from access.roles import Role
from audit.trail import TrailFilter, entries
from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import erasing, folder_files, loading, sightings, splitting, transitions
from documents.states import State
from environment import clock
from environment.settings import get_settings
from specimens import broken, files
from tests.api.desk.staff import Desk

PAGE = "/biuro/kancelaria"


@pytest.fixture
def inbox(sqlite_database: str) -> Path:
    folder = get_settings().inbox
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def kasia(desk: Callable[..., Desk], inbox: Path) -> Desk:
    return desk("kasia", Role.MAILROOM)


def words(text: str) -> str:
    """What a person reads on the page."""
    main = re.sub(r"<script.*?</script>|<[^>]+>", " ", text[text.index("<main") :], flags=re.DOTALL)
    return " ".join(unescape(main).split())


def test_an_empty_folder_with_nothing_to_do_is_told_big_and_calm(kasia: Desk) -> None:
    page = kasia.browser.get(PAGE).text
    assert 'class="state calm"' in page
    assert "Wszystko przyjęte Folder skanów jest pusty" in words(page)


def test_files_in_the_folder_are_told_with_what_they_wait_for_and_one_that_waits_too_long_is_no_longer_calm(
    kasia: Desk, inbox: Path
) -> None:
    (inbox / "nowy.pdf").write_bytes(b"%PDF")
    page = kasia.browser.get(PAGE).text
    assert 'class="state busy"' in page
    assert "W folderze teraz (1) nowy.pdf" in words(page)

    then = (clock.now() - timedelta(minutes=20)).timestamp()
    os.utime(inbox / "nowy.pdf", (then, then))
    page = kasia.browser.get(PAGE).text
    assert 'class="state look"' in page
    assert "powiedz o tym administratorowi" in words(page)


def test_of_very_many_files_the_first_are_told_and_the_rest_is_counted(kasia: Desk, inbox: Path) -> None:
    for number in range(211):
        (inbox / f"skan{number}.pdf").write_bytes(b"%PDF")
    page = kasia.browser.get(PAGE).text
    told = words(page)
    assert "W folderze teraz (211)" in told
    assert page.count('<li class="card">') == 200
    assert "I jeszcze 11 plików." in told


def test_a_folder_that_is_away_is_never_all_taken(kasia: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(tmp_path / "udzial"))
    get_settings.cache_clear()
    told = words(kasia.browser.get(PAGE).text)
    assert "Folderu skanów nie widać" in told
    assert "Wszystko przyjęte" not in told


def test_each_page_of_a_batch_is_told_with_its_case_and_no_value_of_anybody(kasia: Desk) -> None:
    office.fill_register()
    papers = Paper(seed=3), Paper("einvoice_withdrawal", 2, seed=4)
    first = office.received(files.letter(5), "SKAN_0042.pdf")
    with transaction() as session:
        parts = [office._part(paper, page) for page, paper in enumerate(papers, start=1)]
        second = splitting.split(session, loading.load(session, first), parts, ignored_pages=[3, 4])[1].tracking
    told = words(kasia.browser.get(PAGE).text)
    assert "Przyjęte dziś (1)" in told
    assert f"strona 1: {first} czeka na odczytanie" in told
    assert f"strona 2: {second} czeka na odczytanie" in told
    assert "strony 3–4: puste albo przekładki" in told
    told = words(kasia.post(PAGE, plik="42").text)
    for person in (0, 2):
        for value in office.people()[person].values():
            assert len(value or "") < 4 or str(value) not in told


def test_what_cannot_be_used_is_told_with_what_to_do(kasia: Desk) -> None:
    locked = office.received(broken.encrypted(files.letter(5)), "haslo.pdf")
    office.worked_off(locked)
    told = words(kasia.browser.get(PAGE).text)
    assert "Coś wymaga Twojej uwagi" in told
    assert "haslo.pdf Plik PDF jest zabezpieczony hasłem." in told
    assert "Wydrukuj go i zeskanuj" in told


def test_what_is_done_where_papers_are_scanned_waits_for_the_office_and_is_no_longer_to_do(kasia: Desk) -> None:
    locked = office.received(broken.encrypted(files.letter(5)), "haslo.pdf")
    office.worked_off(locked)
    told = words(kasia.post(f"{PAGE}/zrobione", sprawa=locked).text)
    assert "Wszystko przyjęte" in told
    assert "Zajmuje się tym biuro (1)" in told
    assert "haslo.pdf Zrobione w kancelarii. Przyszedł" in told
    assert "Do zrobienia" not in told
    kasia.post(f"{PAGE}/zrobione", sprawa=locked)
    with transaction() as session:
        assert [one.action for one in entries(session, TrailFilter(actor="kasia"))].count("scan_settled") == 1
        transitions.move(session, loading.load(session, locked), State.RECEIVED, actor="clerk:ola")
        transitions.move(session, loading.load(session, locked), State.QUARANTINED, actor="machine")
    assert "Coś wymaga Twojej uwagi" in words(kasia.browser.get(PAGE).text), "it is another quarantine by now"
    assert kasia.post(f"{PAGE}/zrobione", sprawa="K7M4-PX9A").status_code == 404


def test_what_only_the_office_can_do_is_nothing_to_do_where_papers_are_scanned(kasia: Desk) -> None:
    tracking = office.received(files.letter(5), "SKAN_0001.pdf")
    with transaction() as session:
        loading.load(session, tracking).attempts = get_settings().max_attempts
    told = words(kasia.browser.get(PAGE).text)
    assert "Wszystko przyjęte" in told
    assert "Zajmuje się tym biuro (1)" in told
    assert "nie skanuj go drugi raz" in told


def test_what_is_as_it_was_shown_is_not_shown_again(kasia: Desk, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now().replace(second=5)
    monkeypatch.setattr(clock, "now", lambda: moment)

    def shown() -> bool:
        """Whether the page comes to a browser that has what was shown last."""
        nonlocal known
        answer = kasia.browser.get(PAGE, headers={"If-None-Match": known})
        before, known = known, answer.headers["etag"]
        assert answer.status_code == (304 if known == before else 200)
        assert answer.status_code == 304 or f'data-mark="{known}"' in unescape(answer.text)
        return answer.status_code == 200

    known = ""
    assert shown()
    assert not shown()
    (inbox / "partia").mkdir()
    assert shown()
    (inbox / "partia" / "SKAN_1.pdf").write_bytes(b"%PDF")
    assert shown()
    with transaction() as session:
        sightings.observe(session, inbox, folder_files.look(inbox), clock.now())
    assert shown()
    tracking = office.received(files.letter(5), "SKAN_0001.pdf")
    assert shown()
    assert not shown()
    moment += timedelta(seconds=50)
    assert not shown()
    with transaction() as session:
        transitions.move(session, loading.load(session, tracking), State.QUARANTINED, actor="machine")
    assert shown()
    moment += timedelta(seconds=10)
    assert shown(), "what waits grows old by the minute"


def test_a_scan_is_found_by_words_and_numbers_of_its_name_until_the_name_is_erased(kasia: Desk) -> None:
    tracking = office.received(files.letter(5), "Kowalska Zażółć_SKAN00042.PDF")
    office.received(files.letter(6), "SKAN_0043.pdf")
    for typed in ("42", "zazolc", "KOWALSKA skan", "kowalska zażółć_skan00042.pdf", "0042.pdf"):
        found = kasia.post(PAGE, plik=typed)
        assert found.request.url.query == b"", "a name is in no address"
        assert "Znalezione skany Skan" in words(found.text).replace("Znalezione skany, od", "Skan")
        assert words(found.text).partition("Znajdź skan")[2].count(tracking) == 1, typed
    for typed in ("44", "kowal", "42 43", "."):
        assert "Nie ma skanu o takiej nazwie" in kasia.post(PAGE, plik=typed).text, typed
    assert kasia.post(PAGE, plik=" ").status_code == 422
    with transaction() as session:
        erasing.erase_values(session, loading.load(session, tracking))
    assert "Nie ma skanu o takiej nazwie" in kasia.post(PAGE, plik="42").text


def test_a_page_that_looks_by_itself_keeps_nobody_signed_in_who_could_open_customers_data(
    kasia: Desk, desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    ola = desk("ola")
    for _ in range(3):
        moment = clock.now() + timedelta(minutes=12)
        monkeypatch.setattr(clock, "now", lambda at=moment: at)
        for person in (kasia, ola):
            person.browser.get(PAGE, headers={"X-Looks-By-Itself": "1"})
    assert kasia.browser.get(PAGE, follow_redirects=False).status_code == 200
    assert ola.browser.get(PAGE, follow_redirects=False).status_code == 303

"""`ebok show` in words: a clerk understands it without knowing a code."""

from __future__ import annotations

import re

from benchmarks import office
from benchmarks.office import Paper
from documents.states import State
from tests.cli.samples import run
from tests.integrity.installation import move


def told(tracking: str) -> str:
    done = run("show", tracking)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_case_that_is_settled_is_told_in_sentences(sqlite_database: str) -> None:
    office.fill_register()
    tracking = office.online("einvoice_acceptance", 0)
    office.worked_off(tracking)
    text, person = told(tracking), office.people()[0]
    assert f"Sprawa {tracking}: Akceptacja" in text
    assert "Stan: załatwione." in text and "Nic więcej nie trzeba robić." in text
    assert re.search(
        r"Przyszła \d\d\.\d\d\.\d{4} \d\d:\d\d: formularz na stronie \(dane z formularza, \d+ kB\)\.", text
    )
    assert f"Klient: {person['name']}, numer {person['customer_no']}." in text
    assert "zmieniono rejestr" in text and "Odnośnik czeka na użycie przez klienta." in text
    assert re.search(r"e-mail „.+” do: .*@.* – wysłano \d\d\.\d\d\.\d{4}", text)
    assert str(person["pesel"]) not in text
    # No code of the program's own, and no moment with its zone.
    assert not re.search(
        r"\b(confirmed|applied|received|einvoice_\w+|machine|online|uncertain)\b|\d{4}-\d\d-\d\dT", text
    )


def test_a_case_that_waits_says_for_whom_and_what_is_doubtful(sqlite_database: str) -> None:
    office.fill_register()
    waiting = office.judged(office.read(office.received(b"%PDF-1.7 x"), Paper()))
    text = told(waiting)
    assert "Stan: do sprawdzenia. Powód: " in text and "Czeka na pracownika w kolejce biura." in text
    assert "skan z kancelarii, plik SKAN_0001.pdf (PDF, 1 kB)" in text
    assert f"niepewne: {office.DOUBT}" in text


def test_a_file_that_nobody_can_read_is_told_with_what_to_do(sqlite_database: str) -> None:
    broken = office.received(b"%PDF-1.7 broken")
    move(broken, State.QUARANTINED, "damaged")
    text = told(broken)
    assert "formularz nierozpoznany" in text and "Klient: nieustalony." in text
    assert f"ebok retry {broken}" in text

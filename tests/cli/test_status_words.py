"""What `ebok status` says in words is all that it tells programs."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from benchmarks import office
from benchmarks.office import Paper
from environment import clock
from environment.settings import get_settings
from specimens import files
from tests.cli.samples import run


@pytest.mark.usefixtures("sqlite_database")
def test_everything_that_programs_are_told_stands_in_the_words() -> None:
    office.fill_register()
    office.worked_off(office.online("einvoice_acceptance", 1))
    office.waiting(Paper(seed=3))
    office.received(files.letter(5))
    inbox = get_settings().inbox
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "SKAN_0001.pdf").write_bytes(b"%PDF")
    (inbox / "Thumbs.db").write_bytes(b"x")
    told = json.loads(run("status", "--json").stdout)
    words = run("status").stdout
    assert f"razem │ {told['total']}" in " ".join(words.split())
    for said in (
        "skan z kancelarii 2",
        "formularz na stronie 1",
        f"Najdłużej czeka: {told['oldest_waiting']['tracking']}",
        f"Wiadomości: czeka na wysłanie {told['messages']['by_state']['pending']}"
        if told["messages"]["by_state"]["pending"]
        else "Wiadomości: wysłano",
        "Przegląd folderu i spraw: nie pracuje",
        f"SKAN_0001.pdf (od {clock.local_time(datetime.fromisoformat(told['folder']['files'][0]['since']))}",
        "Folder skanów: czeka 1, przyjęte, ale nie do usunięcia 0, nie dało się sprawdzić 0",
        "Pominięte w folderze skanów (kosze, miniatury, pliki systemowe): 1 (Thumbs.db)",
        f"Magazyn oryginałów: odpowiada; z {told['store']['looked']} najnowszych brakuje 0",
        "Nocne sprawdzenie danych: jeszcze go nie było",
        "Ostatnia kopia zapasowa: nie ma żadnej",
    ):
        assert said in words, said
    assert "in_review" not in words, "states are named as the desk names them"

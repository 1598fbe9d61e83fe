"""What came of a delivery, in Polish: counts and examples by table, with no data of a person."""

from __future__ import annotations

from collections.abc import Iterator

from billing.comparing import TableDifference
from billing.importing import Imported
from environment import clock

_WORDS = {"added": "nowe", "changed": "zmienione", "unchanged": "bez zmian", "vanished": "zniknęły"}


def summary(done: Imported, *, dry_run: bool) -> Iterator[str]:
    """Line by line, the most important first."""
    if done.known_since is not None:
        at = clock.local_time(done.known_since)
        yield f"Tę samą dostawę wczytano już {at}. Nie ma nic do zrobienia."
        return
    assert done.differences is not None
    yield "Niczego nie wczytano (--dry-run). Zmieniłoby się:" if dry_run else f"Wczytano dostawę nr {done.number}."
    for one in done.differences.tables:
        yield f"{one.table.label}: {', '.join(f'{_WORDS[name]} {count}' for name, count in one.counts().items())}"
        if dry_run:
            yield from _examples(one)
    if any(one.vanished for one in done.differences.tables):
        yield (
            "To, co zniknęło z dostawy, zostaje w rejestrze, poza pozycjami faktur, które przyszły jeszcze raz. Jeśli "
            "to pomyłka, popraw eksport z rozliczeń."
        )
        if not dry_run:
            for one in done.differences.tables:
                yield from _examples(one, only="vanished")


def _examples(one: TableDifference, only: str | None = None) -> Iterator[str]:
    for name, examples in one.examples.items():
        if examples and only in (None, name):
            yield f"  {one.table.label}, {_WORDS[name]}, na przykład: {'; '.join(examples)}"

"""The part of docs/growth.md that follows from the simulation: tables and plot, in Polish."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import growth, plots
from benchmarks.growth import Answer, busy, disk
from benchmarks.growth_model import Costs, House
from benchmarks.scoring import table

MARK: Final = "<!-- results of benchmarks/growth.py below; do not edit by hand -->"
PICTURE: Final = Path("benchmarks/growth.png")
PARTS: Final = {
    "desk": "pracownicy biura",
    "mail": "serwer poczty",
    "cores": "rdzenie pierwszej maszyny",
    "engine": "Prefect",
    "sweeps": "przebiegi pracowników (jeden proces każdy)",
    "readers": "czytanie stron",
    "register": "baza danych",
    "web": "strony i biuro",
}
_HOW: Final = {"measured": "zmierzone", "assumed": "założone", "setting": "ustawienie"}
_GB: Final = 1000
_DESK_KNOWN: Final = 100_000
"""Beyond so many a day a bundle is more than the day of a clerk: their number is known, not how long a case waits."""


def write(answers: Sequence[Answer], known: Costs, guide: Path) -> None:
    """Write everything below the mark anew, and the plot beside it."""
    houses = {_place(House()): House(), _place(answers[-1].house): answers[-1].house}
    plots.busy_parts({title: _shares(house, known) for title, house in houses.items()}, guide.parent / PICTURE)
    told, measured = growth.check(known)
    parts = [
        guide.read_text().partition(MARK)[0] + MARK,
        "## Odpowiedź",
        answers_table(answers, known),
        "## Co zapełni się pierwsze",
        f"![Jaką część dnia zajmie każda część programu]({PICTURE})",
        limits_table(houses, known),
        "## Czy model mówi prawdę",
        "100 wydrukowanych skanów przez `ebok ingest` na dwóch rdzeniach, na których nie działo się nic innego: "
        f"model {told:.0f} s, zmierzono {measured:.0f} s.",
        "## Koszty i założenia",
        costs_table(),
    ]
    guide.write_text("\n\n".join(parts) + "\n")


def answers_table(answers: Sequence[Answer], known: Costs) -> str:
    """What to run, a column for each size."""
    lines: list[tuple[str, list[str]]] = [
        ("pierwsza maszyna (Prefect, strony, folder skanów)", [_cores(one.house.cores) for one in answers]),
        ("maszyny albo pody pracowników, po 2 rdzenie", [_or_none(one.house.workers) for one in answers]),
        ("baza", [_database(one.house) for one in answers]),
        ("serwery Prefect", [str(one.house.engines) for one in answers]),
        ("procesy stron", [str(one.house.webs) for one in answers]),
        ("oryginały", ["magazyn S3" if one.house.workers else "folder w EBOK_HOME" for one in answers]),
        ("serwer poczty przyjmuje na sekundę", [f"{one.house.mails:.0f}" for one in answers]),
        ("pracownicy biura", [_number(one.house.clerks) for one in answers]),
        ("pamięć razem", [f"{_memory(one.house, known):.0f} GB" for one in answers]),
        ("rdzenie razem", [str(one.house.all_cores) for one in answers]),
        ("dysk: przybywa na rok", [_bytes(disk(one.per_day, known)["year"]) for one in answers]),
        ("dysk: leży po trzech latach", [_bytes(disk(one.per_day, known)["kept"]) for one in answers]),
        ("poczta z rana załatwiona (95 % dokumentów)", [_time(one, "paper") for one in answers]),
        ("formularz z internetu załatwiony (95 %)", [_time(one, "alone") for one in answers]),
        ("sprawa, którą widzi pracownik (połowa / 95 %)", [_desk(one) for one in answers]),
    ]
    heads = ["", *(f"{_number(one.per_day)} dziennie" for one in answers)]
    return table(heads, [[name, *values] for name, values in lines])


def limits_table(houses: dict[str, House], known: Costs) -> str:
    """From how many documents a day on each part cannot keep up, the first one first."""
    whole = {title: busy(1.0, house, known) for title, house in houses.items()}
    order = sorted(PARTS, key=lambda part: -next(iter(whole.values()))[part])
    rows = [[PARTS[part], *(_number(_round(1 / shares[part])) for shares in whole.values())] for part in order]
    return table(["nie nadąża od tylu dokumentów dziennie", *houses], rows)


def costs_table() -> str:
    """The table of costs as it is in its file."""
    rows = [[one.what, f"{one.value:g} {one.unit}", _HOW[one.how], one.source] for one in growth.rows()]
    return table(["what", "value", "how", "source"], rows)


def _shares(house: House, known: Costs) -> dict[str, float]:
    whole = busy(1.0, house, known)
    return {PARTS[part]: whole[part] for part in PARTS}


def _place(house: House) -> str:
    if not house.workers:
        return f"jedna maszyna, {_cores(house.cores)}, SQLite, pracownicy biura: {house.clerks}"
    return f"pracownicy (po 2 rdzenie): {house.workers}, PostgreSQL, pracownicy biura: {house.clerks}"


def _database(house: House) -> str:
    own = f" na własnej maszynie, {_cores(house.database_cores)}" if house.database_cores else ""
    return f"PostgreSQL{own}" if house.postgresql else "SQLite"


def _memory(house: House, known: Costs) -> float:
    readers = house.workers * house.worker_cores or house.cores
    processes = known["memory_parts"] * (1 + house.workers / 4) + known["memory_reader"] * readers
    return float(max(4, round((processes + 2000) / _GB)))


def _time(one: Answer, way: str) -> str:
    return _duration(one.outcome.percentile(way, 0.95))


def _desk(one: Answer) -> str:
    if one.per_day > _DESK_KNOWN:
        return "model tego nie mówi"
    return " / ".join(_duration(one.outcome.percentile("desk", share)) for share in (0.5, 0.95))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} godz.".replace(".", ",", 1)


def _bytes(gigabytes: float) -> str:
    return f"{gigabytes / _GB:.1f} TB".replace(".", ",") if gigabytes >= _GB else f"{gigabytes:.0f} GB"


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _cores(count: int) -> str:
    return f"{count} {'rdzenie' if count in (2, 3, 4) else 'rdzeni'}"


def _or_none(count: int) -> str:
    return str(count) if count else "żadne"


def _round(value: float) -> float:
    """To two figures: the model knows no more."""
    return float(f"{value:.1e}")

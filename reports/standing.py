"""What waits now and why, messages, addresses to be proven, how right the reading is, and when the office works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pandas as pd

from documents.states import State
from forms.catalogue import current_forms
from reports.counting import hours, middle, most, ranked, within
from reports.facts import Facts
from reports.model import CaseLink, Cell, Plot, ReportSection, ReportTable, Series, Share, totalled
from reports.wording import why, why_back
from review.second_look import WRONG
from review.tolerance.section import StratumSummary, interval_of, sentences, shown
from review.wording import CALLS, MEDIA, MESSAGE_STATES, STATES

_AGES: Final = (
    ("do godziny", timedelta(hours=1)),
    ("do 4 godzin", timedelta(hours=4)),
    ("do doby", timedelta(days=1)),
    ("do 3 dni", timedelta(days=3)),
    ("dłużej", timedelta.max),
)
_STAYS: Final = "Zadanie zostaje, dopóki pracownik nie zapisze w „Do wyjaśnienia”, że to załatwił."
_INVOICE: Final = "faktura"
_LISTED: Final = 10
"""Cases that wait longest, told one by one."""


def waiting(found: Facts) -> ReportSection:
    """What waits now: how long already, since when, and why."""
    rows = found.waiting
    ages = found.told_at - rows["received_at"] if len(rows) else pd.Series(dtype="timedelta64[ns]")
    lines: list[tuple[Cell, ...]] = []
    for state, name in STATES.items():
        of_state = ages[rows["state"] == state]
        if len(of_state):
            lines.append((name, *_by_age(of_state), len(of_state)))
    now = rows[rows["state"] == State.IN_REVIEW.value]["reason_code"]
    came = dict(ranked(map(why, found.doubted["reason_code"]), found.doubted["number"]))
    here = dict(ranked(map(why, now), [1] * len(now)))
    reasons = sorted(came.keys() | here.keys(), key=lambda one: (-here.get(one, 0), -came.get(one, 0), one))
    return ReportSection(
        "czeka",
        "Co teraz czeka",
        (
            ReportTable("Ile i jak długo już", ("Stan", *(name for name, _ in _AGES), "razem"), totalled(lines)),
            ReportTable(
                "Dlaczego sprawy czekają na pracownika",
                ("Powód", "czeka teraz", "trafiło do pracownika w tych dniach"),
                tuple((name, here.get(name, 0), came.get(name, 0)) for name in reasons),
            ),
            ReportTable(
                "Najdłużej czekają",
                ("Sprawa", "przyszła", "stan", "powód"),
                tuple(_oldest(rows.head(_LISTED))),
            ),
        ),
        note="Stan z tej chwili, niezależnie od wybranych dni.",
    )


def messages(found: Facts) -> ReportSection:
    """Messages of the span by medium and state, and what came back."""
    rows = found.messages
    states = {code: name for code, name in MESSAGE_STATES.items() if (rows["state"] == code).any()}
    lines: list[tuple[Cell, ...]] = []
    for medium, name in MEDIA.items():
        of_medium = rows[rows["channel"] == medium].set_index("state")["number"]
        cells = [int(of_medium.get(state, 0)) for state in states]
        if any(cells):
            lines.append((name, *cells, sum(cells)))
    back = ranked(map(why_back, found.bounces["bounce"]), found.bounces["number"])
    return ReportSection(
        "wiadomosci",
        "Wiadomości do klientów",
        (
            ReportTable(
                "Napisane w tych dniach i ich stan teraz", ("Czym", *states.values(), "razem"), totalled(lines)
            ),
            ReportTable("Dlaczego wracały w tych dniach", ("Powód", "ile razy"), totalled(back)),
            ReportTable(
                "Czyje wróciły",
                ("Sprawa", "wróciła", "powód", "stan teraz"),
                tuple(_returned(found.came_back)),
                note=_of_all(len(found.came_back), int(found.bounces["number"].sum())),
            ),
        ),
    )


def proofs(found: Facts) -> ReportSection:
    """Addresses that wait for their proof, and who is to be phoned because nobody proved one in time."""
    counts: list[tuple[Cell, ...]] = [
        ("czeka na klienta, termin jeszcze trwa", found.proofs_waiting),
        ("potwierdzone w tych dniach", found.proofs_used),
        ("termin minął, do zadzwonienia", found.calls_total),
    ]
    done = dict(zip(found.calls_done["call_outcome"], found.calls_done["number"], strict=True))
    counts += [(f"załatwione w tych dniach: {name}", int(done[code])) for code, name in CALLS.items() if code in done]
    return ReportSection(
        "adresy",
        "Potwierdzenia adresów e-mail",
        (
            ReportTable("Ile adresów", ("Adresy", "ile"), tuple(counts)),
            ReportTable(
                "Do zadzwonienia",
                ("Sprawa", "termin minął"),
                tuple((CaseLink(one.tracking), one.overdue_since) for one in found.calls),
                note=f"{_of_all(len(found.calls), found.calls_total)} {_STAYS}".lstrip(),
            ),
        ),
    )


def quality(found: Facts) -> ReportSection:
    """What second looks found in what went through untouched."""
    rows = found.looks
    checked = int(rows["checked"].fillna(0).sum())
    wrong = [name for names in rows["wrong"] for name in (names or ())]
    labels = {name: label for form in reversed(current_forms()) for name, label in form.labels.items()}
    counts: list[tuple[Cell, ...]] = []
    if len(rows):
        counts = [
            ("sprawy z błędem", Share(int((rows["verdict"] == WRONG).sum()), len(rows), interval=True)),
            ("pola odczytane źle", Share(len(wrong), checked, interval=True)),
        ]
    fields = ranked((labels.get(name, name) for name in wrong), [1] * len(wrong))
    return ReportSection(
        "jakosc",
        "Jak dobrze program czyta",
        (
            ReportTable("Druga kontrola w tych dniach", ("Co", "ile"), tuple(counts)),
            ReportTable("Które pola odczytano źle", ("Pole", "ile razy"), tuple(fields)),
        ),
        note="Druga kontrola to sprawy załatwione bez człowieka, wylosowane i porównane ze skanem przez pracownika. "
        "Przedział mówi, gdzie z pewnością 95% leży prawdziwy udział błędów.",
    )


def _asked(part: StratumSummary) -> str:
    return f"wstrzymane (próg: {part.threshold})" if part.held else part.threshold


def tolerance(found: Facts) -> ReportSection:
    """What is tolerated and proven now, whatever days were asked for, and what other settings would bring."""
    now = found.reading
    parts = tuple(
        (part.name, f"{part.proven.wrong}\u00a0z\u00a0{part.proven.values}", interval_of(part.proven), _asked(part))
        for part in now.parts
        if part.proven.values or part.step or part.held
    )
    settings = tuple(
        (shown(1000 * one.tolerated), f"{100 * one.through:.0f}%", shown(1000 * one.error, 2)) for one in now.settings
    )
    tables = (
        ReportTable(
            "Druga kontrola z 28 dni: wartości, na których opiera się zmiana w rejestrze",
            ("Pola", "źle z ilu", "błędów na 1000", "próg pewności"),
            parts,
        ),
        ReportTable(
            "Ile spraw idzie bez człowieka przy jakiej tolerancji",
            ("Błędów na 1000", "bez człowieka", "spodziewane na 1000"),
            settings,
            note="Przewidziane z pewności zapisanych przy ostatnich dokumentach. Ustawia się to w „Jakość odczytu”.",
        ),
    )
    line = Series("bez człowieka", tuple(100 * one.through for one in now.settings))
    names = tuple(name for name, *_ in settings)
    plot = Plot("Bez człowieka przy dopuszczalnych błędach na 1000", "%", names, (line,), top=100.0)
    return ReportSection(
        "tolerancja",
        "Ile błędów dopuszczono",
        tuple(table for table in tables if not table.empty),
        (plot,) if settings else (),
        findings=tuple(sentences(now)),
    )


def questions(found: Facts) -> ReportSection:
    """What customers asked from their accounts: how soon they were answered, and what waits."""
    took = (found.answers["at"] - found.answers["owed_at"]).dropna()
    return ReportSection(
        "pytania",
        "Pytania klientów",
        (
            ReportTable(
                "Odpowiedzi i pytania, które czekają teraz",
                ("Co", "Ile"),
                (
                    ("odpowiedzi", len(found.answers)),
                    ("połowa odpowiedzi w ciągu", middle(took)),
                    ("95 na 100 odpowiedzi w ciągu", most(took)),
                    ("czeka teraz", found.questions.number),
                    ("najstarsze czeka od", found.questions.since),
                ),
            ),
        ),
    )


def desk(found: Facts) -> ReportSection:
    """When the office worked: what came and what was decided, by hour of the day."""
    came, decided = within(found.arrived, found.span), within(found.desk, found.span)
    lines = hours(
        came["at"],
        *(decided[decided["state"] == state]["at"] for state in (State.READY, State.REJECTED, State.DUPLICATE)),
        found.looks["at"],
    )
    return ReportSection(
        "biuro",
        "Praca biura według godzin",
        (
            ReportTable(
                "Przyszło i rozstrzygnięto",
                ("Godzina", "przyszło", "zatwierdzono", "odrzucono", "powtórzenia", "druga kontrola"),
                totalled([(f"{hour}:00", *cells) for hour, cells in lines]),
            ),
        ),
    )


def _oldest(rows: pd.DataFrame) -> Iterator[tuple[Cell, ...]]:
    columns = (rows["tracking"], rows["received_at"].dt.to_pydatetime(), rows["state"], rows["reason_code"])
    for tracking, received_at, state, code in zip(*columns, strict=True):
        yield CaseLink(tracking), received_at, STATES[state], why(code) if isinstance(code, str) else None


def _by_age(ages: pd.Series) -> list[Cell]:
    """How many are so old, each age beginning where the one before ends."""
    cells: list[Cell] = []
    before = 0
    for _, limit in _AGES:
        until = len(ages) if limit == timedelta.max else int((ages <= limit).sum())
        cells.append(until - before)
        before = until
    return cells


def _of_all(listed: int, number: int) -> str:
    """That a table lists only some; nothing where it lists all."""
    return f"Wymieniono {listed} z {number}." if listed < number else ""


def _returned(rows: pd.DataFrame) -> Iterator[tuple[Cell, ...]]:
    columns = (rows["tracking"], rows["bounced_at"].dt.to_pydatetime(), rows["bounce"], rows["state"])
    for tracking, at, bounce, state in zip(*columns, strict=True):
        yield CaseLink(tracking) if tracking else _INVOICE, at, why_back(bounce), MESSAGE_STATES[state]

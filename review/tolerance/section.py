"""The quality of reading for people: what is proven and in force, what other settings would bring, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import TrailFilter, entries
from documents.tables import Document
from environment import clock
from review.tables import Tolerance
from review.tolerance import stored
from review.tolerance.considering import OVERDUE, TOO_MANY
from review.tolerance.evidence import STRATA, ErrorEstimate, Looked, Relied, least_shown, proof
from review.tolerance.thresholds import (
    EXCESSIVE,
    LADDER,
    NEVER,
    WINDOWS,
    Foreseen,
    Setting,
    at_steps,
    counting,
    exceeds,
    foresee,
    kind_of,
    overconfidence,
)

KINDS: Final = {"hand": "pismo ręczne", "print": "druk", "mark": "kratki, podpisy, puste pola"}
WAYS: Final = {"office": "skany z kancelarii", "sent": "pliki od klientów"}
SETTINGS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Tolerated of a thousand, of which it is told what each would bring."""
_MEMORY: Final = timedelta(days=90)
_DOCUMENTS: Final = 2000
"""As many of the newest documents tell what a setting would bring."""
_FAR: Final = 0.5
"""Far under the tolerance is what is proven to be under this share of it."""

VERDICTS: Final = {
    "exceeded": "Błędów jest więcej, niż dopuszczasz. Jeśli to nie przypadek, program wstrzymuje takie pola i podnosi "
    "progi.",
    "held": "Błędów nie jest więcej, niż dopuszczasz.",
    "far": "Błędów jest dużo mniej, niż dopuszczasz.",
    "unproven": "Skontrolowano za mało, żeby powiedzieć, czy błędów nie jest więcej, niż dopuszczasz.",
}
_HELD: Final = {
    "suspected": "Pracownicy znaleźli pomyłki i możliwe, że błędów jest za dużo. Każde takie pole sprawdza pracownik, "
    "zanim cokolwiek trafi do rejestru. Gdy dalszych pomyłek nie ma, minie to samo, zwykle po kilku dniach.",
    "overdue": f"Co najmniej {TOO_MANY} spraw czeka na drugą kontrolę dłużej niż {OVERDUE.days} dni, a bez niej nie "
    "wiadomo, ile jest błędów. Każde takie pole sprawdza pracownik, aż zaległe kontrole będą zrobione.",
}
_NEARLY_ALL: Final = 0.9
"""The share of documents that are looked at again, above which hardly more can be."""
_NEWS: Final = timedelta(days=1)

Standing = Literal["exceeded", "held", "far", "unproven"]


@dataclass(frozen=True, slots=True)
class Looser:
    """What one step back would bring: the share of documents more that goes through, and what looks prove of it."""

    gain: float
    proven: ErrorEstimate


@dataclass(frozen=True, slots=True)
class StratumSummary:
    """One kind of value by one way in; ``least`` is the confidence asked for, None where it is the fitted one.

    ``held`` says why it is for a clerk for a time, if it is.
    """

    stratum: str
    name: str
    proven: ErrorEstimate
    step: int
    least: float | None
    rate: float
    held: str | None
    looser: Looser | None

    @property
    def threshold(self) -> str:
        """The least confidence in words."""
        if self.least is None:
            return "jak dostarczono"
        return "zawsze sprawdza człowiek" if self.least == NEVER else f"podniesiony: {shown(100 * self.least)} %"


@dataclass(frozen=True, slots=True)
class SettingChange:
    """Something that was changed, and by whom; ``sentence`` is Polish."""

    at: datetime
    actor: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Quality:
    """All that a manager is told; errors are shares, ``tolerated`` is of a thousand.

    ``settings`` are what tolerances would bring, ``present`` what is in force; both None of no ``documents``.
    """

    tolerated: float
    standing: Standing
    proven: ErrorEstimate
    parts: tuple[StratumSummary, ...]
    documents: int
    present: Foreseen | None
    settings: tuple[Foreseen, ...]
    drifting: tuple[str, ...]
    changes: tuple[SettingChange, ...]


def quality_section(session: Session) -> Quality:
    """The quality of reading as it stands now; changes nothing."""
    now, row = clock.now(), session.get(Tolerance, stored.ROW)
    setting = stored.in_force(session)
    looks = stored.looks(session, now - _MEMORY)
    stopped = stored.stopped(session, now - _MEMORY, _DOCUMENTS)
    documents = _documents(session, now - _MEMORY)
    factors = {stratum: overconfidence([*looks, *stopped], stratum) for stratum in STRATA}
    month = counting(looks, setting, now, max(WINDOWS))
    whole = proof(month)
    parts = tuple(
        _part(stratum, setting, month, row, _looser(stratum, setting, looks, stopped, documents)) for stratum in STRATA
    )
    return Quality(
        setting.tolerated * 1000,
        _standing(whole, setting),
        whole,
        parts,
        len(documents),
        at_steps(documents, factors, _with_held(setting)) if documents else None,
        tuple(foresee(documents, factors, one / 1000) for one in SETTINGS) if documents else (),
        tuple(WAYS[way] for way in (row.drifting if row else ())),
        tuple(_changes(session, now - _MEMORY)),
    )


def sentences(quality: Quality) -> list[str]:
    """The same in a few sentences, for a report: the verdict, what is raised, what changed since yesterday."""
    told = [f"{VERDICTS[quality.standing]} {proven(quality.proven)} Dopuszczalnych jest {shown(quality.tolerated)}."]
    told += [*holding(quality), *(papers_changed(way) for way in quality.drifting)]
    if raised := [part.name for part in quality.parts if part.step]:
        told.append(f"Podniesione progi: {'; '.join(raised)}. Co dałoby poluzowanie: „Jakość odczytu” w biurze.")
    since = clock.now() - _NEWS
    return told + [one.sentence for one in quality.changes if one.at > since]


def proven(found: ErrorEstimate) -> str:
    """What looks of four weeks prove, with its interval."""
    if not found.values:
        return "W ostatnich 28 dniach nikt nie porównał z obrazem niczego, co program wpisał sam."
    return (
        f"W drugiej kontroli z ostatnich 28 dni źle odczytano {found.wrong} z {found.values} wartości. Na 1000 "
        f"wpisanych bez człowieka błędnych jest więc najpewniej {interval_of(found)}."
    )


def noticed(quality: Quality) -> str:
    """How small an error a week of so many looks would show, and what follows where that is above twice the tolerance.

    Nobody can see a smaller one within a week, whatever the rule (decision 53).
    """
    weekly = quality.proven.values / (max(WINDOWS) / min(WINDOWS))
    if not weekly:
        return ""
    least = min(1000.0, 1000 * least_shown(weekly))
    told = (
        "Tydzień takich kontroli prawie na pewno (19 razy na 20) pokaże choć jedną pomyłkę, gdy błędnych jest co "
        f"najmniej {shown(round(least, 1 if least < 10 else 0))} na 1000."
    )
    if least <= EXCESSIVE * quality.tolerated:
        return told
    told += " To ponad dwa razy tyle, ile dopuszczasz: mniejsze pogorszenie może trwać dłużej niż tydzień."
    if all(part.rate >= _NEARLY_ALL for part in quality.parts if part.proven.values):
        return f"{told} Do kontroli trafia już prawie każda sprawa, a pomyłkę, którą znajdzie pracownik, się prostuje."
    return f"{told} Szybciej wyjdzie na jaw, gdy kontroli będzie więcej: ich liczbę ustawia administrator."


def interval_of(found: ErrorEstimate) -> str:
    """Both ends, of a thousand."""
    if not found.values:
        return "nie wiadomo"
    return f"od {shown(1000 * found.low, 2)} do {shown(1000 * found.high, 2)}"


def holding(quality: Quality) -> list[str]:
    """What is held for a clerk now, why, and what ends it."""
    return [
        f"Wstrzymane: {'; '.join(names)}. {ends}"
        for reason, ends in _HELD.items()
        if (names := [part.name for part in quality.parts if part.held == reason])
    ]


def papers_changed(way: str) -> str:
    """That the papers of a way in are others than before, and what to do."""
    return (
        f"Papier się zmienił ({way}): w tym tygodniu wyraźnie mniej spraw niż zwykle odczytano bez wątpliwości. "
        "Sprawdź skaner. Do drugiej kontroli trafia ich więcej."
    )


def name_of(stratum: str) -> str:
    """A stratum in Polish."""
    kind, _, way = stratum.partition("/")
    return f"{KINDS[kind]}, {WAYS[way]}"


def _standing(proven: ErrorEstimate, setting: Setting) -> Standing:
    if exceeds(proven, setting):
        return "exceeded"
    if proven.high <= _FAR * setting.tolerated:
        return "far"
    return "held" if proven.high <= setting.tolerated else "unproven"


def _part(
    stratum: str, setting: Setting, month: Sequence[Looked], row: Tolerance | None, looser: Looser | None
) -> StratumSummary:
    step = setting.steps.get(stratum, 0)
    least = LADDER[kind_of(stratum)][step] if step else None
    rate = 0.0 if row is None else row.rates.get(stratum, 0.0)
    return StratumSummary(
        stratum, name_of(stratum), proof(month, stratum), step, least, rate, setting.held.get(stratum), looser
    )


def _with_held(setting: Setting) -> Setting:
    """As if the thresholds of what is held were the last ones."""
    last = {stratum: len(LADDER[kind_of(stratum)]) - 1 for stratum in setting.held}
    return replace(setting, steps={**setting.steps, **last})


def _looser(
    stratum: str,
    setting: Setting,
    looks: Sequence[Looked],
    stopped: Sequence[Looked],
    documents: Sequence[tuple[str, tuple[Relied, ...] | None]],
) -> Looser | None:
    """None where the threshold is the fitted one: under it nobody knows how often a value is wrong."""
    step = setting.steps.get(stratum, 0)
    if not step:
        return None
    back = Setting(setting.tolerated, {**setting.steps, stratum: step - 1}, setting.since)
    even = dict.fromkeys(STRATA, 1.0)
    gain = 0.0
    if documents:
        gain = at_steps(documents, even, back).through - at_steps(documents, even, setting).through
    since = clock.now() - max(WINDOWS)
    chosen = [one for one in (*looks, *stopped) if one.at > since and one.passes(back.thresholds)]
    return Looser(gain, proof(chosen, stratum))


def _documents(session: Session, since: datetime) -> list[tuple[str, tuple[Relied, ...] | None]]:
    """Way in and values of the newest documents that a machine read; None for those that are for a clerk anyway."""
    asked = (
        select(Document.channel, Document.relied_on)
        .where(Document.received_at > since, Document.relied_on.is_not(None))
        .order_by(Document.received_at.desc(), Document.id.desc())
        .limit(_DOCUMENTS)
    )
    return [
        (stored.way_of(channel), stored.relied(values) if values else None)
        for channel, values in session.execute(asked)
    ]


def _changes(session: Session, since: datetime) -> list[SettingChange]:
    found = entries(session, TrailFilter(since=since, subjects=[stored.SUBJECT]))
    return [SettingChange(one.at, one.actor, _told(one.action, one.detail or {})) for one in found]


def _told(action: str, detail: dict[str, Any]) -> str:
    if action == "tolerance_set":
        return f"Tolerancja zmieniona z {shown(detail['from'])} na {shown(detail['to'])} na 1000."
    name = name_of(detail["stratum"])
    if action == "values_held":
        why = "zaległe kontrole" if detail["reason"] == "overdue" else "możliwe, że błędów jest za dużo"
        return f"Program wstrzymał: {name}; {why}. Sprawdza je pracownik."
    if action == "values_let_go":
        return f"Program przestał wstrzymywać: {name}."
    if action == "threshold_loosened":
        return f"Próg poluzowany o stopień: {name}."
    least = LADDER[kind_of(detail["stratum"])][detail["to"]]
    until = "nic takiego nie przechodzi już bez człowieka" if least == NEVER else f"pewność od {shown(100 * least)} %"
    return (
        f"Program podniósł próg: {name}; {until}. W drugiej kontroli źle odczytano {detail['wrong']} z "
        f"{detail['values']} wartości, więc błąd przekracza {shown(detail['tolerated'])} na 1000."
    )


def shown(number: float, digits: int = 4) -> str:
    """A number as people here write it, with so many digits that tell something."""
    return f"{number:.{digits}g}".replace(".", ",")

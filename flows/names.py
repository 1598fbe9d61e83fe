"""What flows, their deployments and their runs are called in the workflow engine, where managers read it (Polish).

Which run holds what is written down under the English names of ``flows.engine_setup``. Prefect is not imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from environment import clock
from environment.settings import get_settings

SWEEP: Final = "Przegląd"
DOCUMENT: Final = "Sprawa"
DELIVERY: Final = "Wysyłka wiadomości"
ERASURE: Final = "Usuwanie danych"
COMPARISON: Final = "Zgodność danych"
REPORT: Final = "Raport dnia"
BILLING: Final = "Rozliczenia"
READINGS: Final = "Odczyty dla rozliczeń"
INVOICES: Final = "Wysyłka e-faktur"
NOTICES: Final = "Powiadomienia klientów"
TERMS: Final = "Zmiany regulaminów"
ALARMS: Final = "Powiadomienie o alarmach"
COMMAND: Final = "Polecenie ebok ingest"

NIGHTLY: Final = (ERASURE, COMPARISON, BILLING, READINGS, INVOICES, NOTICES, TERMS, REPORT)
"""Those that run once a day."""
FLOWS: Final = (SWEEP, DOCUMENT, DELIVERY, *NIGHTLY, ALARMS, COMMAND)
SWEEPS: Final = f"{SWEEP}/Skany i otwarte sprawy"
"""Flow and deployment, as the engine is asked for them; the deployments stand in prefect.yaml."""
DOCUMENTS: Final = f"{DOCUMENT}/Jedna sprawa"
TO_BE_READ: Final = "Czeka na odczytanie"
TO_BE_ENTERED: Final = "Czeka na wpisanie"
TO_BE_TOLD: Final = "Czeka na wysłanie wiadomości"
WAITS_FOR_US: Final = (TO_BE_READ, TO_BE_ENTERED, TO_BE_TOLD)
"""States in which documents are shown that wait for the program: no run that was broken off is called so."""
ALARM_BEGINS: Final = "ebok.alarm.poczatek"
ALARM_ENDS: Final = "ebok.alarm.koniec"
"""Events that automations may wait for."""
NOT_BEGUN: Final = "jeszcze się nie zaczął"
"""A run before it begins: the engine itself would call it by two English words drawn at random."""
ENDED: Final = "Zakończony"
"""The state of a run that did what it had to do."""


def told_from(flow: str) -> Callable[[], str]:
    """What names the runs of a flow: its name and the local time at which each begins."""

    def name() -> str:
        return f"{flow} {clock.now().astimezone(get_settings().zone):%d.%m. %H:%M:%S}"

    return name

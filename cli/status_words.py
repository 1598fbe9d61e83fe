"""What `ebok status` says in words: the same as it tells programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from api.desk.wording import MESSAGES
from cli.console import on_a_line
from environment import clock
from review.wording import CHANNELS, STATES


def when(iso: str) -> str:
    """An instant by the clock of the company."""
    return clock.local_time(datetime.fromisoformat(iso))


def state_name(code: str) -> str:
    """A state as the desk calls it."""
    return STATES[code]


def ways_in(by_channel: Mapping[str, int]) -> str:
    """How many came by which way."""
    return ", ".join(f"{CHANNELS.get(name, name)} {number}" for name, number in by_channel.items())


def messages(told: Mapping[str, Any]) -> Iterator[str]:
    """How messages stand."""
    counted = [f"{MESSAGES[name][0]} {number}" for name, number in told["by_state"].items() if number]
    since = f"; najstarsza niewysłana od {when(told['waiting_since'])}" if told["waiting_since"] else ""
    yield f"Wiadomości: {', '.join(counted) or 'żadnej'}{since}"
    yield f"Wiadomości wymagające uwagi: {told['problems']}"


def readings_for_billing(told: Mapping[str, Any]) -> str:
    """How handing over to billing what customers read stands."""
    last = f"nr {told['last_export']}, {when(told['last_export_at'])}" if told["last_export"] else "nie było"
    by_hand = "" if told["by_itself"] else "; program nie zapisuje go sam (EBOK_READINGS_DIR)"
    counted = f"do przekazania {told['accepted']}, u pracownika {told['in_review']}"
    return f"Odczyty od klientów: {counted}; ostatni plik dla rozliczeń: {last}{by_hand}"


def second_look(told: Mapping[str, Any]) -> Iterator[str]:
    """What looking again has found; nothing where nothing was drawn for it."""
    if not (told["looked"] or told["waiting"]):
        return
    fields = ", ".join(f"{name} {number}" for name, number in told["by_field"].items())
    yield (
        f"Druga kontrola: {told['fields_wrong']} błędnych pól z {told['fields_checked']} sprawdzonych"
        f"{f' ({fields})' if fields else ''}; obejrzano spraw {told['looked']}, z błędem {told['documents_wrong']}, "
        f"{told['waiting']} spraw czeka"
    )


def sweep(told: Mapping[str, Any]) -> str:
    """Whether somebody looks for work."""
    sign = f", ostatni znak życia {when(told['last_sign'])}" if told["last_sign"] else ""
    return f"Przegląd folderu i spraw: {'pracuje' if told['alive'] else 'nie pracuje'}{sign}"


def store(told: Mapping[str, Any]) -> str:
    """How the store of originals is, by a look at the newest."""
    if not told["reachable"]:
        return "Magazyn oryginałów: nie odpowiada"
    whose = "" if told["ours"] is None else ", nasz" if told["ours"] else ", nie nasz"
    return f"Magazyn oryginałów: odpowiada{whose}; z {told['looked']} najnowszych brakuje {told['missing']}"


def stuck(one: Mapping[str, Any]) -> str:
    """One document that waits for a person."""
    name = f" {on_a_line(one['file'])}" if one["file"] else ""
    since = f"od {when(one['since'])}, prób: {one['attempts']}"
    return f"{one['tracking']}{name} ({state_name(one['state'])}, {one['code']}, {since}): {one['reason']}"


def in_folder(one: Mapping[str, Any]) -> str:
    """One file of the scan folder."""
    taken = f", sprawa {one['tracking']}" if one["tracking"] else ""
    tries = f", prób: {one['attempts']}" if one["attempts"] else ""
    return f"{on_a_line(one['file'] or '?')} (od {when(one['since'])}{tries}{taken}): {one['reason']}"


def folder(told: Mapping[str, Any]) -> Iterator[str]:
    """What lies in the scan folder, in numbers, and what is never taken by name."""
    if not told["reachable"]:
        yield "Folder skanów: nie widać go"
        return
    counted = f"czeka {told['waiting']}, przyjęte, ale nie do usunięcia {told['not_removable']}"
    yield f"Folder skanów: {counted}, nie dało się sprawdzić {told['check_failed']}"
    if told["left_alone_total"]:
        names = ", ".join(on_a_line(name) for name in told["left_alone"])
        yield f"Pominięte w folderze skanów (kosze, miniatury, pliki systemowe): {told['left_alone_total']} ({names})"
    if not told["complete"]:
        yield "W folderze skanów leży więcej plików, niż to polecenie przegląda."


def integrity(told: Mapping[str, Any] | None) -> str:
    """What the last comparison of all data found."""
    if told is None:
        return "Nocne sprawdzenie danych: jeszcze go nie było"
    codes = ", ".join(f"{code} {number}" for code, number in told["by_code"].items())
    whole = "" if told["complete"] else ", przerwane"
    found = f"różnic {told['differences']}, nowych {told['new']}{f' ({codes})' if codes else ''}"
    return f"Nocne sprawdzenie danych: {when(told['at'])}{whole}, {found}"

"""The story of one document in sentences, as a clerk would tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from api.desk.wording import (
    FACTS,
    FILES,
    LINKS,
    MESSAGES,
    REGISTER_OUTCOMES,
    SOURCES,
    STEPS,
    actor_name,
    in_words,
)
from cli.console import on_a_line
from confirmations.archive import text_of
from confirmations.polish import long_date
from documents.erasing import ERASED
from documents.states import State
from environment import clock
from forms.form import Form
from review.history import History
from review.wording import CHANNELS, MEDIA, STATES

_NEXT: Final[Mapping[State, str]] = {
    State.RECEIVED: "Program odczyta ją sam, zwykle w ciągu minuty. Jeśli czeka dłużej, zobacz: ebok status",
    State.IN_REVIEW: "Czeka na pracownika w kolejce biura.",
    State.READY: "Program zaraz wpisze ją do rejestru.",
    State.APPLIED: "Jest wpisana do rejestru i czeka, aż wyjdą wiadomości do klienta.",
    State.CONFIRMED: "Nic więcej nie trzeba robić.",
    State.REJECTED: "Jest zamknięta. W biurze można ją otworzyć ponownie.",
    State.QUARANTINED: "Usuń przyczynę, a potem wydaj polecenie: ebok retry {tracking}",
    State.DUPLICATE: "Rozpatrujemy tylko tę pierwszą.",
}
"""What comes next."""
_UNKNOWN: Final = "formularz nierozpoznany"
_ERASABLE: Final = {"values": "Dane sprawy", "original": "Oryginał"}


def sentences(found: History, names: Mapping[str, str]) -> Iterator[str]:
    """Line by line; ``names`` are those of staff by login."""
    yield from _head(found, names)
    yield ""
    yield "Co się działo:"
    for step in found.told["states"]:
        why = f": {step['reason']}" if step["reason"] and step["reason"] != found.told["reason"] else ""
        yield f"  {_when(step['at'])}  {_word(STEPS, step['to'])} ({actor_name(step['actor'], names)}){why}"
    if second := found.second_look:
        yield f"  {_second_look(second)}"
    values = list(_values(found, names))
    if values:
        yield ""
        yield "Co jest na formularzu:"
        yield from values
    if found.changes:
        yield ""
        yield "W rejestrze klientów:"
        for change in found.changes:
            yield f"  {_change(change)}"
    if found.link:
        yield f"  {LINKS.get(found.link.state, found.link.state)}"
    if found.messages:
        yield ""
        yield "Wiadomości do klienta:"
        titles = {kept.key: text_of(kept).title for kept in found.kept}
        for message in found.messages:
            yield from (f"  {line}" for line in _message(message, titles))
    yield ""
    yield f"Kto oglądał tę sprawę i co przy niej robił: ebok audit list --document {found.told['tracking']}"


def _head(found: History, names: Mapping[str, str]) -> Iterator[str]:
    told, state = found.told, found.state
    title = found.form.title if found.form else told["form"] or _UNKNOWN
    yield f"Sprawa {told['tracking']}: {title}."
    reason = f" Powód: {told['reason']}" if told["reason"] else ""
    yield f"Stan: {STATES[state]}.{reason}"
    yield _NEXT[state].format(tracking=told["tracking"])
    yield ""
    file = f", plik {on_a_line(told['file'])}" if told["file"] else ""
    sender = f", {found.sender}" if found.sender else ""
    way = f"{_word(CHANNELS, told['channel'])}{sender}{file}"
    yield f"Przyszła {_when(told['received_at'])}: {way}{_size(told['original'])}."
    if told["signed_on"]:
        yield f"Podpisana {long_date(date.fromisoformat(told['signed_on']))}"
    if told["customer_no"]:
        name = f"{found.customer.name}, " if found.customer else ""
        yield f"Klient: {name}numer {told['customer_no']}."
    else:
        yield "Klient: nieustalony."
    if told["duplicate_of"]:
        yield f"Powtarza sprawę {told['duplicate_of']}."
    yield from _file_pages(told)
    for part, at in told["erased"].items():
        if at is not None:
            yield f"{_ERASABLE[part]}: {ERASED} ({_when(at)})."
    if told["original"] and told["original"]["sound"] is False:
        yield "Oryginału nie ma w magazynie albo jest uszkodzony. Co zrobić, mówi: ebok check"
    if told["attempts"] and told["last_fault"]:
        yield f"Prób: {told['attempts']}, ostatni błąd: {told['last_fault']}."


def _size(original: Mapping[str, Any] | None) -> str:
    if original is None:
        return ""
    kilobytes = max(1, round(original["size"] / 1000))
    return f" ({_word(FILES, original['media_type'])}, {kilobytes} kB)"


def _file_pages(told: Mapping[str, Any]) -> Iterator[str]:
    if len(told["file_pages"]) > 1:
        went = dict[str, list[str]]()
        for one in told["file_pages"]:
            whose = "ta sprawa" if one["tracking"] == told["tracking"] else one["tracking"] or "puste albo przekładki"
            went.setdefault(whose, []).append(str(one["page"]))
        yield "Strony pliku: " + "; ".join(f"{', '.join(pages)}: {whose}" for whose, pages in went.items()) + "."


def _values(found: History, names: Mapping[str, str]) -> Iterator[str]:
    present = {one["field"]: one for one in found.told["readings"] if not one["superseded"]}
    order = [item.name for item in found.form.fields] if found.form else []
    for name in sorted(present, key=lambda name: order.index(name) if name in order else len(order)):
        one = present[name]
        kind = found.form[name].kind if found.form is not None and name in found.form else None
        value = in_words(None if kind is not None and kind.sensitive else kind, one["value"])
        who = (
            _word(SOURCES, one["source"]) if not one["reader"].startswith("clerk") else actor_name(one["reader"], names)
        )
        doubt = "" if one["trusted"] else f"; niepewne{': ' + one['doubt'] if one['doubt'] else ''}"
        source = "" if one["value"] is None and not doubt else f" ({who}{doubt})"
        yield f"  {_label(found.form, name)}: {value}{source}"


def _label(form: Form | None, name: str) -> str:
    return form[name].label if form is not None and name in form else name


def _change(change: Mapping[str, Any]) -> str:
    told, _ = REGISTER_OUTCOMES.get(change["outcome"], (change["outcome"], ""))
    facts = [f"{FACTS[key]}: {_fact(value)}" for key, value in change["facts"].items() if key in FACTS and value]
    more = f" ({', '.join(facts)})" if facts else ""
    return f"{_when(change['at'])}  {told}{more}" + (f". {change['message']}" if change["message"] else "")


def _fact(value: object) -> str:
    return "tak" if value is True else str(value)


def _message(message: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[str]:
    state, _ = MESSAGES.get(message["state"], (message["state"], ""))
    sent = f" {_when(message['sent_at'])}" if message["sent_at"] else ""
    title = titles.get(message["key"], message["template"])
    yield f"{_word(MEDIA, message['channel'])} „{title}” do: {message['recipient']} – {state}{sent}."
    if message["error"]:
        yield f"  {message['error'].partition(': ')[2] or message['error']}"
    if message["closing"]:
        yield f"  {message['closing']}"


def _second_look(look: Any) -> str:
    if look.looked_at is None:
        return "Czeka na drugą kontrolę."
    verdict = "znalazła błąd" if look.verdict == "wrong" else "bez uwag"
    return f"{_when(look.looked_at.isoformat())}  druga kontrola: {verdict}"


def _word(words: Mapping[Any, str], code: str) -> str:
    return words.get(code, code)


def _when(written: str) -> str:
    return clock.local_time(datetime.fromisoformat(written))

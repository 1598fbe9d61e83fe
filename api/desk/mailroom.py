"""The mailroom's page: what lies in the scan folder, what became of each scan, and what is to be done by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.desk.access import MAILROOM, Mailroom, Posted, SignedIn, desk_page, text_of, tracking_of
from api.desk.queue import titles
from api.desk.wording import MOODS
from audit.trail import note_view, record
from database.encryption import digest
from database.engine import reading, transaction
from documents import scans, sightings
from documents.folder_overview import FileInFolder, FolderOverview, look_into, overview, stamps
from documents.scans import FOUND_AFTER_RESTORE, Scan, ScanPart, is_in_trouble
from documents.states import State
from environment import clock
from environment.settings import get_settings
from forms.submission import BLANK_FORM
from forms.wording import counted
from reports.span import day_of
from review.wording import STATES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_MOST: Final = 200
_FOUND: Final = 50
_LONGEST: Final = 200
_TAKES: Final = timedelta(minutes=5)
"""A file that is whole is taken within seconds; one that still waits after this is told to the administrator."""
_ON_ITS_WAY: Final = {
    "arriving": "Skaner jeszcze zapisuje ten plik.",
    "next_sweep": "Program weźmie ten plik za chwilę.",
    "unfinished_name": "Skaner nie nadał jeszcze plikowi końcowej nazwy.",
}
"""Why files wait that nobody has to look after."""
_LATE: Final = "Plik czeka dłużej niż zwykle. Zostaw go w folderze i powiedz o tym administratorowi."
_STUCK: Final = (
    "Program nie poradził sobie z tą sprawą. Papier jest przyjęty, nie skanuj go drugi raz: zajmie się nią biuro."
)
_OF_THE_OFFICE: Final = (
    "Nic nie rób i nie skanuj tego drugi raz: program odnalazł ten plik po odtworzeniu kopii zapasowej, zajmie się nim "
    "biuro."
)
_ADVICE: Final = {
    BLANK_FORM: "Jeśli papier jest wypełniony, zeskanuj go jeszcze raz, ciemniej. Jeśli nie, nie rób nic.",
    "encrypted": "Pliku z hasłem program nie otworzy. Wydrukuj go i zeskanuj albo poproś nadawcę o plik bez hasła.",
    "unknown_format": "Zapisz dokument jako PDF albo zeskanuj papier jeszcze raz.",
    "too_many_pages": "Podziel papiery na mniejsze porcje i zeskanuj je jeszcze raz.",
    "file_too_large": "Zeskanuj jeszcze raz w 300 dpi albo w mniejszych porcjach.",
    "page_too_large": "Zeskanuj jeszcze raz w 200–300 dpi.",
    "not_a_file": "Zamiast skrótu skopiuj do folderu sam dokument.",
    "no_permission": "Poproś administratora o prawa do tego pliku albo zeskanuj papier jeszcze raz.",
    FOUND_AFTER_RESTORE: _OF_THE_OFFICE,
}
_AGAIN: Final = "Zeskanuj papier jeszcze raz. Ten plik zamknie biuro."


@dataclass(frozen=True, slots=True)
class Lying:
    """A file in the folder, in words."""

    file: str = field(repr=False)
    since: datetime
    words: str


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something about a scan that only a person can mend; ``mine``: one who scans papers, not the office."""

    file: str = field(repr=False)
    received_at: datetime
    tracking: str
    what: str
    advice: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Came:
    """What became of some pages of a file: which, the case, and where it stands."""

    pages: str
    tracking: str
    form: str
    state: str
    mood: str


@router.get(MAILROOM)
def show(request: Request, clerk: Mailroom) -> Response:
    """The folder now, what is to be done, and the scans of today; 304 where all is as it was shown."""
    now = clock.now()
    mark = _mark(clerk, now)
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers={"ETag": mark})
    return _page(request, clerk, now, mark=mark)


@router.post(f"{MAILROOM}/zrobione")
def settle(clerk: Mailroom, form: Posted) -> Response:
    """What there was to do about a scan is done: from now on it is the office's."""
    tracking = tracking_of(text_of(form, "sprawa"))
    with transaction() as session:
        scans.settle(session, tracking, clerk.actor)
    return RedirectResponse(MAILROOM, 303)


@router.post(MAILROOM)
def find(request: Request, clerk: Mailroom, form: Posted) -> Response:
    """Scans by the name of their file; changes nothing, so no address holds the name, which may be a customer's."""
    typed = text_of(form, "plik").strip()[:_LONGEST]
    if not typed:
        return _page(
            request, clerk, clock.now(), problem="Wpisz nazwę pliku albo jej część, na przykład numer.", status=422
        )
    with reading() as session:
        found = scans.called(session, typed, _FOUND + 1)
    with transaction() as session:
        record(session, actor=clerk.actor, action="searched", subject="scans", detail={"found": len(found)})
    return _page(request, clerk, clock.now(), typed=typed, found=found)


def _mark(clerk: SignedIn, now: datetime) -> str:
    """Stands for all that the page shows: it is another one when that may be.

    What is waited for counts in minutes, and so does the time that the page tells: each minute has marks of its own.
    """
    lies = stamps()
    with reading() as session:
        known = sightings.version_tag(session, get_settings().inbox), scans.version_tag(session, _midnight(now))
    told = clerk.login, clerk.role, clock.local_time(now), lies, known
    return f'"{digest(repr(told))}"'


def _midnight(now: datetime) -> datetime:
    return day_of(clock.local_day(now)).begin


def _page(
    request: Request,
    clerk: SignedIn,
    now: datetime,
    *,
    mark: str = "",
    status: int = 200,
    typed: str = "",
    problem: str | None = None,
    found: Sequence[Scan] | None = None,
) -> Response:
    look = look_into()
    with reading() as session:
        folder = overview(session, look, now)
        today, total = scans.taken_since(session, _midnight(now), _MOST)
        troubled = scans.in_trouble(session, _MOST)
    note_view(actor=clerk.actor, action="viewed", subject="scans")
    attention = [one for one in folder.files if not _is_calm(one, now)]
    first = [*attention, *(one for one in islice(folder.files, _MOST) if _is_calm(one, now))][:_MOST]
    lying = len(folder.files)
    troubles = [each for scan in troubled for each in _to_do(scan)]
    to_do = [one for one in troubles if one.mine]
    shown = desk_page(
        request,
        clerk,
        "desk/mailroom.html",
        status=status,
        reachable=folder.reachable,
        mark=mark,
        lying=[(_lying(one, now), _is_calm(one, now)) for one in first],
        in_folder=lying,
        at_least=not folder.complete,
        further=counted(lying - len(first), "plik", "pliki", "plików") if lying > len(first) else None,
        attention=attention,
        to_do=to_do,
        of_the_office=[one for one in troubles if not one.mine],
        headline=_headline(folder, attention, to_do),
        calm=folder.reachable and not lying and not to_do,
        now=now,
        today=[(scan, _parts(scan), _listed(scan.left_out)) for scan in today],
        total=total,
        files=counted(total, "plik", "pliki", "plików"),
        found=None if found is None else [(scan, _parts(scan), _listed(scan.left_out)) for scan in found[:_FOUND]],
        more_found=found is not None and len(found) > _FOUND,
        typed=typed,
        problem=problem,
        faulty=problem is not None,
    )
    if mark:
        shown.headers["ETag"] = mark
    return shown


def _headline(folder: FolderOverview, attention: Sequence[FileInFolder], to_do: Sequence[ToDo]) -> str:
    """The state of it all in a few words: of what can be done where papers are scanned, not of what others do."""
    if not folder.reachable:
        return "Folderu skanów nie widać"
    if to_do or attention:
        return "Coś wymaga Twojej uwagi"
    return "Program przyjmuje pliki" if folder.files else "Wszystko przyjęte"


def _is_calm(one: FileInFolder, now: datetime) -> bool:
    """Whether nobody has to do anything about a file."""
    return one.tracking is None and one.code in _ON_ITS_WAY and not _is_late(one, now)


def _is_late(one: FileInFolder, now: datetime) -> bool:
    """A file that is whole and has waited for long is no longer on its way: the program may stand still."""
    return one.code == "next_sweep" and now - one.since > _TAKES


def _lying(one: FileInFolder, now: datetime) -> Lying:
    words = _LATE if _is_late(one, now) else _ON_ITS_WAY.get(one.code or "", one.reason)
    return Lying(one.file or "?", one.since, words)


def _to_do(scan: Scan) -> list[ToDo]:
    name = scan.file_name or "plik bez nazwy"
    return [
        ToDo(name, scan.received_at, part.tracking, _what(part), _advice(part), _is_mine(part))
        for part in scan.parts
        if is_in_trouble(part)
    ]


def _what(part: ScanPart) -> str:
    """What is the matter; what to do about it stands in the reason, and is done by then."""
    return "Zrobione w kancelarii." if part.settled else part.reason or ""


def _advice(part: ScanPart) -> str:
    if part.settled:
        return ""
    return _STUCK if part.stuck else _ADVICE.get(part.reason_code or "", _AGAIN)


def _is_mine(part: ScanPart) -> bool:
    return not (part.stuck or part.settled or part.reason_code == FOUND_AFTER_RESTORE)


def _parts(scan: Scan) -> list[Came]:
    return [
        Came(
            _listed(part.pages),
            part.tracking,
            titles().get(part.form, part.form) if part.form else "",
            f"powtórzenie sprawy {part.duplicate_of}" if _repeats(part) else STATES[part.state],
            "wrong" if part.stuck else MOODS.get(part.state, ""),
        )
        for part in scan.parts
    ]


def _repeats(part: ScanPart) -> bool:
    return part.state is State.DUPLICATE and part.duplicate_of is not None


def _listed(pages: Sequence[int]) -> str:
    """Pages in words: '1–3, 5'."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)

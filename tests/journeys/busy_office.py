"""A day at an installation: each form by its ways, broken files, refusals, work at the desk."""

from __future__ import annotations

import html
import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Final

import httpx

from api.desk.access import COOKIE
from benchmarks import office
from benchmarks.office import Paper, people
from confirmations.overview import messages_of
from database.engine import reading, transaction
from database.holders import living_here
from documents import summaries
from documents.states import OPEN, State
from flows.engine_setup import SWEEP
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from specimens import files
from specimens.broken import encrypted
from specimens.paper import print_form
from specimens.people import CustomerRow, write_customers
from specimens.scanner import scan
from tests.cli.running_up import Up
from tests.cli.samples import Done, run

FORMS: Final = ("ebok_signup", "einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal")
WAYS: Final = {
    "ebok_signup": ("scan", "file", "web", "json"),
    "einvoice_acceptance": ("file", "json"),
    "einvoice_email_change": ("scan", "web"),
    "einvoice_withdrawal": ("file", "json"),
}
"""How each comes: the first by all, each further one on paper and typed; ``test_ways_in`` has each by each."""
FIRST: Final = {"ebok_signup": 0, "einvoice_acceptance": 0, "einvoice_email_change": 4, "einvoice_withdrawal": 8}
"""The first of four customers who send that form, each in another way."""
ON_PAPER: Final[CustomerRow] = {
    **people()[0],
    "customer_no": "90000013",
    "name": "Listowa Eulalia",
    "email": "",
    "phone": "",
}
"""A customer who can be written to by letter only."""
BROKEN: Final = b"%PDF-1.7\nnothing of a PDF follows\n"


@dataclass
class Installation:
    """A running `ebok up`, all that was asked of it, and all that it and the commands said."""

    home: Path
    up: Up
    client: httpx.Client
    sent: dict[tuple[str, str], str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    pause: Event = field(default_factory=Event)

    def command(self, *arguments: str | Path) -> Done:
        """A command of the administrator."""
        done = run(*arguments)
        self.said += [done.stdout, done.stderr] if arguments[0] != "show" else []
        return done

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait until that is so."""
        while not reached():
            assert self.up.process.poll() is None, self.up.said
            self.pause.wait(0.3)

    def post(self, address: str, **options: Any) -> httpx.Response:
        """A form or file sent; redirections are not followed but noted."""
        return self.client.post(address, **options)


def everybody() -> list[CustomerRow]:
    """All whose data were used."""
    return [*people(), ON_PAPER]


def browser_of_a_person() -> httpx.Client:
    return httpx.Client(headers={"Accept": "text/html"}, timeout=120)


def note_addresses(addresses: list[str], answer: httpx.Response) -> None:
    addresses += [str(answer.request.url), answer.headers.get("location", "")]


def register_filled(folder: Path) -> list[str]:
    """The list of customers, with PESELs in cells where none can be used; some get e-invoices already.

    Gives what the command said.
    """
    other: CustomerRow = {**people()[1], "customer_no": "90000021", "email": "", "phone": people()[1]["pesel"]}
    typo: CustomerRow = {**people()[2], "customer_no": "90000039", "email": "", "pesel": people()[2]["pesel"] + "7"}
    words: CustomerRow = {**typo, "customer_no": "90000047", "pesel": f" {people()[3]['pesel']}, nowy"}
    rows = [*people(), ON_PAPER, other, typo, words]
    imported = run("customers", "import", write_customers(rows, folder / "klienci.csv"))
    assert imported.returncode == 0, imported.stderr
    for person in range(4, 12):
        office.on_einvoice(person)
    for person in (8, 9):
        office.waiting(Paper(person=person))
    return [imported.stdout, imported.stderr]


def send_everything(place: Installation) -> None:
    """Each form by its ways, with names of files as people give them; files that are broken or come twice."""
    inbox = place.home / "inbox"
    for form in FORMS:
        for number, way in enumerate(WAYS[form]):
            person = FIRST[form] + number
            values, name = office.values(form, person), _personal_name(person)
            if way == "scan":
                scanned = files.tiff(scan(print_form(form_by_code(form), values), "gray200", 3))
                files.write(inbox / f"{form} {name}.tif", scanned)
            elif way == "file" and form == "einvoice_acceptance":
                photo = files.jpeg(scan(print_form(form_by_code(form), values), "gray300", 4)[0])
                place.sent[form, way] = _uploaded(place, f"{name}.jpg", photo)
            elif way == "file":
                place.sent[form, way] = _uploaded(place, f"{name}.pdf", draw_fillable(form_by_code(form), values))
            elif way == "web":
                place.sent[form, way] = _typed(place, form, person)
            else:
                place.sent[form, way] = _by_program(place, form, person)
    files.write(inbox / f"{_personal_name(5)} skan.pdf", BROKEN)
    _uploaded(
        place, f"{_personal_name(2)} kopia.pdf", draw_fillable(form_by_code(FORMS[0]), office.values(FORMS[0], 1))
    )
    wrong = {**_online(FORMS[0], 3), "pesel": people()[3]["pesel"][:-1] + "x"}
    assert place.client.post(f"/api/v1/forms/{FORMS[0]}/submissions", json=wrong).status_code == 422
    place.client.post("/api/v1/uploads", files={"file": (f"{_personal_name(6)}.pdf", BROKEN)})
    with browser_of_a_person() as stranger:  # what he types into the address is his; it must not stand in our logs
        stranger.base_url = place.client.base_url
        stranger.get("/formularze", params={"email": people()[0]["email"], "pesel": people()[0]["pesel"]})
        stranger.get(f"/{people()[0]['email']}/{people()[0]['name']}")
    place.until(lambda: len(_documents()) >= sum(map(len, WAYS.values())) + 12 and _all_at_rest())
    for tracking, (_, name) in _documents().items():
        if name and name.endswith(".tif"):
            place.sent[name.partition(" ")[0], "scan"] = tracking


def go_through_trouble(place: Installation) -> None:
    """Nothing can be sent while a form is carried out, and the sweep is killed; then both are well again."""
    outgoing = place.home / "outgoing"
    aside = outgoing.rename(place.home / "outgoing of before")
    outgoing.write_bytes(b"")
    tracking = place.sent["trouble", "json"] = _by_program(place, "ebok_signup", 4)
    place.until(lambda: state(tracking) is State.APPLIED and _refused(tracking))
    with reading() as session:
        (sweep,) = [one for one in living_here(session) if one.purpose == SWEEP]
    os.kill(sweep.pid, signal.SIGKILL)
    outgoing.unlink()
    aside.rename(outgoing)
    place.until(lambda: state(tracking) is State.CONFIRMED)


def _refused(tracking: str) -> bool:
    with reading() as session:
        return any(one["error"] for one in messages_of(session, tracking))


def work_at_the_desk(place: Installation) -> None:
    """Searches, looks, a correction, an approval, a rejection with a message, a letter; links used; the report."""
    doubtful, refused = [one for one, (state, _) in _documents().items() if state is State.IN_REVIEW][:2]
    assert {state(doubtful), state(refused)} == {State.IN_REVIEW}
    place.client.cookies.set(COOKIE, office.session_of("ewa"))
    place.command("keys", "rotate")
    csrf = {"csrf": _hidden(place.client.get("/biuro/haslo").text)["csrf"]}
    row = people()[8]
    assert row["name"] in place.post("/biuro/szukaj", data={**csrf, "nazwa": row["name"]}).text
    place.client.get("/biuro/szukaj", params={"klient": row["customer_no"]})
    place.client.get("/biuro/")
    one = f"/biuro/sprawy/{doubtful}"
    place.post(f"{one}/zajmij", data=csrf)
    page = place.client.get(one).text
    assert row["pesel"] in page
    for picture in set(re.findall(rf'"({one}/[^"]+\.(?:jpg|png))"', page)):
        assert place.client.get(picture).status_code == 200
    for rest in ("strony", "historia", "oryginal"):
        assert place.client.get(f"{one}/{rest}").status_code == 200
    assert row["pesel"] in place.post(f"{one}/historia", data=csrf).text
    overruled = re.findall(r'name="mimo" value="([^"]+)"', page)
    ticked = {"kratki": ["accept_terms", "signature"], "mimo": overruled}
    approved = place.post(one, data={**_hidden(page), **csrf, **ticked, "co": "zatwierdz"})
    assert approved.status_code == 303, re.findall(r'class="error[^>]*>[^<]*<', approved.text)
    assert state(doubtful) is not State.IN_REVIEW
    _refuse(place, refused, csrf)
    _answered_by_letter(place, csrf)
    locked = encrypted(draw_fillable(form_by_code(FORMS[0]), office.values(FORMS[0], 7)))
    files.write(place.home / "inbox" / "skan z haslem.pdf", locked)  # stays in quarantine, of which an alarm tells
    for mail in office.mails_to(people()[0]["email"]):
        for link in re.findall(r"https?://[^/\s]+(/potwierdzenie/\S+)", str(mail.get_body(("plain",)))):
            place.client.get(link)
            place.post(link, data={"password": "żółte kalosze w deszczu", "again": "żółte kalosze w deszczu"})
    shown = place.sent["ebok_signup", "web"]
    place.post(f"/sprawa/{shown}", data={"secret": people()[2]["email"]})
    place.client.get(f"/sprawa/{shown}")
    for command in ("status", f"show {shown}", "audit verify", "audit list"):
        place.command(*command.split())
    with place.up.engine() as engine:
        deployment = engine.get("deployments/name/Raport dnia/Co rano, 6.30").json()["id"]
        report = engine.post(f"deployments/{deployment}/create_flow_run", json={}).json()["id"]
        place.until(lambda: engine.get(f"flow_runs/{report}").json()["state_type"] == "COMPLETED")
    place.until(_all_at_rest)


def _refuse(place: Installation, tracking: str, csrf: dict[str, str]) -> None:
    one = f"/biuro/sprawy/{tracking}"
    place.post(f"{one}/zajmij", data=csrf)
    chosen = {"powod_odrzucenia": "missing_signature", "dopisek": "Prosimy o podpis."}
    page = place.post(f"{one}/odrzucenie", data={**csrf, **chosen}).text
    told = {**_hidden(page), **csrf, **chosen, "pokazany_powod": chosen["powod_odrzucenia"]}
    answer = place.post(f"{one}/odrzucenie", data={**told, "pokazany_dopisek": chosen["dopisek"], "co": "odrzuc"})
    assert answer.status_code == 303


def _answered_by_letter(place: Installation, csrf: dict[str, str]) -> None:
    """A file that could not be read is put away, and its sender, who has no e-mail address, told by letter."""
    broken = next(tracking for tracking, (state, _) in _documents().items() if state is State.QUARANTINED)
    told = {
        **csrf,
        "co": "zamknij",
        "sprawa": broken,
        "numer_klienta": ON_PAPER["customer_no"],
        "notatka": "Nieczytelne.",
    }
    assert place.post("/biuro/do-wyjasnienia", data=told).status_code == 303
    place.until(lambda: bool(list(place.home.rglob("letters/*.pdf"))))


def _typed(place: Installation, form: str, person: int) -> str:
    """The web form: begun, checked, sent."""
    found = re.search(rf'action="(/formularze/{form}/[^"/]+)"', place.client.get(f"/formularze/{form}").text)
    assert found is not None
    typed = {name: "true" if value is True else str(value) for name, value in _online(form, person).items() if value}
    checked = place.post(found[1], data={**typed, "dalej": "sprawdz"})
    revision = _hidden(place.client.get(checked.headers["location"]).text)["wersja"]
    sent = place.post(f"{found[1]}/sprawdz", data={"wersja": revision})
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"].rpartition("/")[2])


def _by_program(place: Installation, form: str, person: int) -> str:
    answer = place.client.post(f"/api/v1/forms/{form}/submissions", json=_online(form, person))
    assert answer.status_code in (200, 201, 202), answer.text
    return str(answer.json()["tracking"])


def _uploaded(place: Installation, name: str, data: bytes) -> str:
    answer = place.client.post("/api/v1/uploads", files={"file": (name, data)})
    assert answer.status_code in (200, 202), answer.text
    return str(answer.json()["tracking"])


def _online(form: str, person: int) -> dict[str, Any]:
    """What is typed on a screen: no signature, and what stays empty left out."""
    fields = form_by_code(form)
    return {
        name: value
        for name, value in office.values(form, person).items()
        if value is not None and not fields[name].on_paper_only
    }


def _personal_name(person: int) -> str:
    """A file as people call it."""
    row = people()[person]
    return f"{row['name']} {row['pesel']} {row['customer_no']}"


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input (?=[^>]*name="([^"]+)")(?=[^>]*value="([^"]*)")([^>]*)>', page)
    kept = [one for one in found if 'type="checkbox"' not in one[2] or " checked" in one[2]]
    return {name: html.unescape(value) for name, value, _ in kept}


def _documents() -> dict[str, tuple[State, str | None]]:
    """State and name of the file of each document."""
    with transaction() as session:
        return {one.tracking: (one.at, one.file_name) for one in summaries.list_documents(session)}


def _all_at_rest() -> bool:
    """Whether the machine owes no document a step."""
    return not any(state in OPEN for state, _ in _documents().values())


def state(tracking: str) -> State:
    return _documents()[tracking][0]

"""What is said of a case: how it stands, and what happens next (Polish). One place for page, receipt and JSON.

Written here and not taken from the register: the reasons kept there are for the office and may quote a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api import visit_wording
from api.pages import moment
from confirmations.polish import long_date
from customers.effects import proving_for
from customers.links import Link
from customers.visit_view import Visit
from customers.visits import VisitState
from documents.states import OPEN, IntakeChannel, State
from environment.clock import local_day

STATES: Final[Mapping[State, str]] = {
    State.RECEIVED: "Dotarło do nas",
    State.IN_REVIEW: "Sprawdza pracownik",
    State.READY: "Sprawdzone",
    State.APPLIED: "Wpisane do rejestru",
    State.CONFIRMED: "Załatwione",
    State.REJECTED: "Nie przyjęliśmy",
    State.QUARANTINED: "Pliku nie da się otworzyć",
    State.DUPLICATE: "Powtórzenie",
}
"""A state in a few words."""

_STATES_OF_LINK: Final = {
    "waiting": "Czekamy na potwierdzenie adresu e-mail",
    "expired": "Odnośnik stracił ważność",
    "replaced": "Czekamy na potwierdzenie adresu e-mail",
    "withdrawn": "Odnośnik jest nieaktualny",
    "corrected": "Poprawione przez nas",
    "erased": "Odnośnik jest nieaktualny",
}

STEPS: Final[Mapping[State, str]] = {
    State.RECEIVED: "Dokument dotarł",
    State.IN_REVIEW: "Trafił do sprawdzenia przez pracownika",
    State.READY: "Dane sprawdzone",
    State.APPLIED: "Wpisano do rejestru",
    State.CONFIRMED: "Wysłano wiadomość do Ciebie",
    State.REJECTED: "Dokument nie został przyjęty",
    State.QUARANTINED: "Nie udało się otworzyć pliku",
    State.DUPLICATE: "Rozpoznano powtórzenie",
}
"""What happened when a state began."""

WAYS: Final[Mapping[IntakeChannel, str]] = {
    IntakeChannel.FOLDER: "na papierze",
    IntakeChannel.UPLOAD: "jako plik przez stronę internetową",
    IntakeChannel.API: "elektronicznie",
    IntakeChannel.CLI: "na papierze",
    IntakeChannel.WEB: "formularz na stronie internetowej",
    IntakeChannel.DESK: "w biurze",
}
"""How a document came in."""

TYPED: Final = frozenset({IntakeChannel.WEB, IntakeChannel.API})
"""The ways in which values come as such."""

_MESSAGES: Final = {
    State.RECEIVED: "Dokument do nas dotarł i czeka na odczytanie.",
    State.IN_REVIEW: "Dokument sprawdza pracownik biura. Jeśli czegoś zabraknie, odezwiemy się.",
    State.READY: "Dane są odczytane i czekają na wpisanie do rejestru.",
    State.APPLIED: "Sprawa jest wpisana do rejestru. Wysyłamy potwierdzenie.",
    State.CONFIRMED: "Sprawa jest wpisana do rejestru, a potwierdzenie wysłane. Jeśli miało przyjść e-mailem, a go nie "
    "widzisz, zajrzyj do folderu SPAM.",
    State.REJECTED: "Nie mogliśmy przyjąć tego dokumentu. Zadzwoń do nas, a powiemy, co poprawić.",
    State.QUARANTINED: "Nie udało się otworzyć pliku. Wyślij go jeszcze raz, najlepiej jako PDF lub wyraźne zdjęcie.",
    State.DUPLICATE: "Taki sam dokument już do nas dotarł, więc ten niczego nie zmienia.",
}
_REASONS: Final = {
    "missing_signature": "Na formularzu brakuje własnoręcznego podpisu. Podpisz go i dostarcz ponownie.",
    "incomplete": "Formularz jest nieczytelny albo niekompletny. Wypełnij go jeszcze raz i dostarcz ponownie.",
    "not_ours": "Ten dokument nie jest formularzem do nas, więc niczego nie zmieniliśmy. Jeśli to pomyłka, zadzwoń.",
    "encrypted": "Plik jest zabezpieczony hasłem. Wyślij go jeszcze raz bez hasła.",
    "empty_file": "Plik jest pusty. Wyślij go jeszcze raz.",
    "truncated": "Plik dotarł niekompletny. Wyślij go jeszcze raz.",
    "too_many_pages": "Plik ma za dużo stron. Wyślij sam formularz.",
}
# What remains to do, or not, once the register is changed; by the state of the link that proves the e-mail address.
_LINKS: Final = {
    "waiting": "Wysłaliśmy e-mail z odnośnikiem: kliknij go, aby dokończyć sprawę. Nie widzisz e-maila? Zajrzyj do "
    "folderu SPAM.",
    "used": "Sprawa jest załatwiona, a adres e-mail potwierdzony. Nie musisz nic robić.",
    "expired": "Odnośnik z e-maila stracił ważność, zanim ktoś go kliknął. Wyślemy nowy: poproś o niego na stronie "
    "sprawy albo zadzwoń do nas.",
    "replaced": "Odnośnik z tej sprawy zastąpił nowszy. Otwórz ostatnią wiadomość od nas albo zadzwoń.",
    "withdrawn": "Odnośnik z tej sprawy jest już nieaktualny. Jeśli to pomyłka, zadzwoń do nas.",
    "corrected": "Poprawiliśmy tę sprawę, bo źle odczytaliśmy formularz. Odnośnik z niej już nie działa.",
    "erased": "Odnośnika z tej sprawy nikt na czas nie kliknął. Usunęliśmy go zgodnie z okresem przechowywania.",
}
_TYPED: Final = "Formularz do nas dotarł. Sprawdzamy dane."
_NEXT: Final = {
    State.RECEIVED: (
        "Teraz my: odczytujemy dokument i porównujemy go z rejestrem klientów. Trwa to zwykle kilka chwil.",
        "Nie musisz czekać: zapisz numer sprawy i wróć później.",
    ),
    State.IN_REVIEW: (
        "Teraz my: pracownik porównuje dane z dokumentem i z rejestrem klientów. Ty nie musisz nic robić.",
        "Gdy skończy, dostaniesz od nas wiadomość: e-mailem, a bez adresu e-mail listem.",
    ),
    State.READY: ("Teraz my: za chwilę wpiszemy sprawę do rejestru i wyślemy potwierdzenie. Nie musisz nic robić.",),
    State.APPLIED: ("Teraz my: wysyłamy potwierdzenie. Nie musisz nic robić.",),
    State.CONFIRMED: ("Sprawa jest załatwiona. Nie musisz nic robić.",),
    State.REJECTED: ("Niczego nie zmieniliśmy. Popraw dokument i wyślij go jeszcze raz albo zadzwoń do nas.",),
    State.QUARANTINED: ("Niczego nie zmieniliśmy. Wyślij dokument jeszcze raz albo przynieś go do biura.",),
    State.DUPLICATE: ("Nie musisz nic robić: liczy się wcześniejszy dokument.",),
}
# The same where the customer has the last step: an e-mail whose link must be clicked.
_NEXT_BEFORE_LINK: Final = {
    State.RECEIVED: _NEXT[State.RECEIVED][0],
    State.IN_REVIEW: "Teraz my: pracownik porównuje dane z dokumentem i z rejestrem klientów. Gdy skończy, "
    "dostaniesz od nas wiadomość.",
    State.READY: "Teraz my: za chwilę wpiszemy sprawę do rejestru.",
    State.APPLIED: "Teraz my: wysyłamy Ci e-mail z odnośnikiem.",
}
_THEN_CLICK: Final = "Potem Ty: otwórz nasz e-mail i kliknij w nim odnośnik."
_JOINED_HEADING: Final = "Dołączone do innej sprawy"
_JOINED: Final = "Te strony należą do innej sprawy: dołączyliśmy je do niej i rozpatrujemy razem."
_JOINED_NEXT: Final = ("Nie musisz nic robić. Odpowiedź przyjdzie w tamtej sprawie.",)
_CORRECTED_HEADING: Final = "Poprawione przez nas"
_CORRECTED: Final = "Źle odczytaliśmy ten formularz i cofnęliśmy to, co przez to zmieniliśmy. Przepraszamy."
_CORRECTED_NEXT: Final = ("Formularz załatwiamy jeszcze raz, z poprawnymi danymi, jako osobną sprawę.",)
_CHANGED: Final = (State.APPLIED, State.CONFIRMED)
_MOODS_OF_VISIT: Final = {VisitState.PROPOSED: "warn", VisitState.AGREED: "good", VisitState.DONE: "good"}


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """What decides how a case stands.

    ``link`` is the newest one that proves its e-mail address; ``typed``: nothing is to be read; ``corrected``: what it
    changed was taken back, since it was misread; ``until_used`` says what holds until the link is used that its form
    will bring, None for a form that brings none and one not known yet. ``visit`` is the one that it asks for.
    """

    state: State
    reason_code: str | None
    link: Link | None
    typed: bool
    corrected: bool = False
    until_used: str | None = None
    visit: Visit | None = None

    @property
    def counted_visit(self) -> Visit | None:
        """The visit where it decides what remains to be done: once the request is in the register."""
        return self.visit if self.state in _CHANGED and not self.corrected else None

    @property
    def goes_on(self) -> bool:
        """Whether the machine has the next step, so that it is worth looking again soon."""
        return self.state in OPEN

    @property
    def joined(self) -> bool:
        """Whether its pages were put to another case, which goes on."""
        return self.state is State.DUPLICATE and self.reason_code == "joined"

    @property
    def counted_link(self) -> Link | None:
        """The link where it decides what remains to be done: once the register is changed."""
        told = self.state is State.CONFIRMED or (
            self.state is State.APPLIED and (self.link is None or self.link.state != "waiting")
        )
        return self.link if told and not self.corrected else None

    @property
    def mood(self) -> str | None:
        """'good' where all is done, 'warn' where the customer has to do something."""
        link, visit = self.counted_link, self.counted_visit
        if visit is not None:
            return _MOODS_OF_VISIT.get(visit.state)
        if link is not None and link.state in ("waiting", "expired", "replaced"):
            return "warn"
        if self.state in (State.REJECTED, State.QUARANTINED):
            return "warn"
        return "good" if self.state in _CHANGED and not self.corrected else None


def heading(standing: CaseStanding) -> str:
    """How the case stands, in a few words."""
    if standing.joined:
        return _JOINED_HEADING
    if standing.corrected:
        return _CORRECTED_HEADING
    if (visit := standing.counted_visit) is not None:
        return visit_wording.STATES[visit.state]
    link = standing.counted_link
    return (_STATES_OF_LINK.get(link.state) if link else None) or STATES[standing.state]


def message(standing: CaseStanding) -> str:
    """How the case stands, in one or two sentences."""
    told = None
    if standing.state in (State.REJECTED, State.QUARANTINED):
        told = _REASONS.get(standing.reason_code or "")
    elif standing.joined:
        told = _JOINED
    elif standing.corrected:
        told = _CORRECTED
    elif (visit := standing.counted_visit) is not None:
        told = visit_wording.message(visit)
    elif standing.state is State.RECEIVED and standing.typed:
        told = _TYPED
    elif standing.counted_link is not None:
        told = _LINKS.get(standing.counted_link.state)
    return told or _MESSAGES[standing.state]


def next_steps(standing: CaseStanding) -> tuple[str, ...]:
    """What happens next and who does it."""
    if standing.joined or standing.corrected:
        return _JOINED_NEXT if standing.joined else _CORRECTED_NEXT
    if (visit := standing.counted_visit) is not None:
        return (visit_wording.next_step(visit),)
    return _next_steps(standing)


def _next_steps(standing: CaseStanding) -> tuple[str, ...]:
    link = standing.counted_link
    state = State.READY if standing.state is State.RECEIVED and standing.typed else standing.state
    if link is None and standing.until_used and state in _NEXT_BEFORE_LINK:
        return _NEXT_BEFORE_LINK[state], _THEN_CLICK, standing.until_used
    if link is None:
        return _NEXT[state]
    if link.state == "waiting":
        return (
            f"Teraz Ty: otwórz nasz e-mail i kliknij odnośnik. Działa do {moment(link.expires_at)}.",
            proving_for(link.purpose).until_used,
            "Nie ma e-maila? Zajrzyj do folderu SPAM albo poproś nas o nowy odnośnik.",
        )
    if link.state == "expired":
        return (
            f"Odnośnik działał do {long_date(local_day(link.expires_at))} Poproś nas o nowy.",
            proving_for(link.purpose).until_used,
        )
    return ()

"""Letters in which invented people ask in their own words for what our forms are for.

A letter is put together of wordings drawn from a seed: where the sender stands, how the day is written, what is asked
and how, what is labelled and what is said in a sentence. What it states is kept beside it, to be compared with what is
read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from random import Random
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from environment.settings import get_settings
from forms import typesetting
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from specimens import typefaces
from specimens.chance import dice
from specimens.people import CustomerRow, values_for
from specimens.strokes import signature, smoothed

_MONTHS: Final = (
    "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
    "listopada", "grudnia",
)  # fmt: skip
_MARGIN: Final = 65.0
_WIDTH: Final = PAGE_WIDTH - 2 * _MARGIN

SUBJECTS: Final[dict[str, tuple[str, ...]]] = {
    "ebok_signup": ("Wniosek o założenie konta w eBOK", "Dotyczy: dostęp do eBOK", ""),
    "einvoice_acceptance": ("Zgoda na faktury elektroniczne", "Dotyczy: e-faktura", ""),
    "einvoice_email_change": ("Zmiana adresu e-mail do faktur", "Dotyczy: zmiana adresu poczty elektronicznej", ""),
    "einvoice_withdrawal": ("Rezygnacja z e-faktury", "Dotyczy: faktury elektroniczne – rezygnacja", ""),
}
"""Lines above the letter by form, an empty one where the sender wrote none."""

WISHES: Final[dict[str, tuple[str, ...]]] = {
    "ebok_signup": (
        "Chcę założyć konto eBOK. Mój adres e-mail to {email}, a telefon komórkowy {phone_shown}.",
        "Zwracam się z prośbą o utworzenie dla mnie konta w elektronicznym Biurze Obsługi Klienta. Jako login proszę "
        "przyjąć adres {email}. Oświadczam, że akceptuję Regulamin eBOK.",
        "Proszę o rejestrację w systemie eBOK na adres poczty elektronicznej {email}. Proszę też o powiadomienia SMS "
        "o terminach płatności na numer {phone_shown}.",
    ),
    "einvoice_acceptance": (
        "Proszę o przesyłanie faktur za wodę i ścieki na adres {email} zamiast listem.",
        "Wyrażam zgodę na wystawianie i przesyłanie mi faktur w formie elektronicznej. Faktury proszę wysyłać na "
        "adres e-mail: {email}.",
        "W związku z tym, że coraz więcej spraw załatwiam przez internet, zwracam się z uprzejmą prośbą o dostarczanie "
        "rachunków za wodę pocztą elektroniczną na adres {email}. Akceptuję Regulamin przesyłania faktur.",
        "Rezygnuję z faktur papierowych i chciałabym otrzymywać e-faktury. Mój e-mail: {email}.",
    ),
    "einvoice_email_change": (
        "Proszę o zmianę adresu e-mail z {email_current} na {email_new}.",
        "Informuję, że zmienił się mój adres poczty elektronicznej, na który przychodzą faktury. Dotychczasowy adres: "
        "{email_current}. Nowy adres: {email_new}.",
        "Uprzejmie proszę o wysyłanie e-faktur na nowy adres {email_new}. Stary adres {email_current} jest już "
        "nieaktualny.",
        "Nie korzystam już ze skrzynki {email_current}, dlatego proszę zmienić adres do przesyłania faktur "
        "elektronicznych na {email_new}.",
    ),
    "einvoice_withdrawal": (
        "Rezygnuję z e-faktury i proszę o przesyłanie faktur w formie papierowej na mój adres.",
        "Cofam zgodę na przesyłanie faktur w formie elektronicznej na adres {email_current}. Proszę o faktury pocztą "
        "tradycyjną.",
        "Nie chcę już otrzymywać faktur e-mailem, ponieważ nie mam dostępu do internetu. Proszę o powrót do faktur "
        "papierowych.",
        "Niniejszym wycofuję akceptację wystawiania i przesyłania faktur drogą elektroniczną.",
    ),
}
"""What is asked, by form."""

_OPENINGS: Final = ("Szanowni Państwo,", "Dzień dobry,", "")
_CLOSINGS: Final = ("Z poważaniem", "Z wyrazami szacunku", "Pozdrawiam")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as PDF, the form that asks the same, and the values that are said in it."""

    pdf: bytes
    code: str
    values: Mapping[str, Value]


@dataclass
class _Draft:
    """Lines of a letter and what has been said so far."""

    person: CustomerRow
    values: dict[str, Value]
    rng: Random
    said: dict[str, Value] = field(default_factory=dict)

    def say(self, *names: str) -> None:
        self.said.update({name: self.values[name] for name in names if self.values.get(name)})

    def shown(self) -> dict[str, str]:
        texts = {name: value for name, value in self.values.items() if isinstance(value, str)}
        phone = str(self.values.get("phone") or "")
        return {**texts, "phone_shown": self.rng.choice((phone, f"{phone[:3]} {phone[3:6]} {phone[6:]}"))}

    def street_line(self) -> str:
        street, flat = self.person["street"], self.person["flat"]
        prefixed = not street or street.split()[0] in {"al.", "Osiedle", "Plac", "Zaułek"}
        number = self.person["house"] + (self.rng.choice(("/", " m. ")) + flat if flat else "")
        self.say("street", "house", "flat")
        return f"{'' if prefixed else 'ul. '}{street or self.person['town']} {number}"

    def town_line(self) -> str:
        self.say("postcode", "town")
        return f"{self.person['postcode']} {self.person['town']}"

    def number_line(self) -> str:
        self.say("customer_no")
        number = self.person["customer_no"]
        label = self.rng.choice(("Numer klienta: ", "Nr klienta ", "nr odbiorcy: ", "NUMER KLIENTA – "))
        return label + self.rng.choice((number, f"{number[:4]} {number[4:]}"))

    def identity_line(self) -> str:
        which = "pesel" if self.person["pesel"] else "nip"
        self.say(which)
        number = self.person["pesel"] or self.person["nip"]
        return f"{which.upper()}: {number}"

    def day(self) -> str:
        self.say("date_signed")
        signed = date.fromisoformat(str(self.values["date_signed"]))
        place = self.rng.choice(("Kostrzyn nad Odrą, ", "Kostrzyn nad Odrą, dnia ", "Kostrzyn n/O, "))
        long, short = f"{signed.day} {_MONTHS[signed.month - 1]} {signed.year} r.", f"{signed:%d.%m.%Y} r."
        return place + self.rng.choice((long, long, short, f"{signed:%d.%m.%Y}"))


def request_letter(code: str, person: CustomerRow, seed: int, today: date, *, pages: int = 1) -> Letter:
    """A typed letter that asks for the effect of a form; with two pages, who the sender is stands on the second."""
    rng = dice(f"letter:{seed}:{code}")
    # A house of two numbers and a house with a flat look alike in a letter.
    person = CustomerRow(**{**person, "house": person["house"].partition("/")[0]})
    form = form_by_code(code)
    values = values_for(form, person, seed, today)
    values |= {name: person[name] for name in ("pesel", "nip") if person[name]}
    draft = _Draft(person, values, rng)
    style = rng.choice(("block", "sentence", "labels"))
    top = [draft.day()]
    head, about = _sender(draft, style)
    known = {name for name, value in draft.shown().items() if value}
    wish = rng.choice([each for each in WISHES[code] if set(re.findall(r"{(\w+)}", each)) <= known])
    draft.say(*(name for name in ("email", "email_current", "email_new") if f"{{{name}}}" in wish))
    if "{phone_shown}" in wish:
        draft.say("phone")
    body = [rng.choice(_OPENINGS), *about, wish.format(**draft.shown())]
    canvas, out = _canvas()
    pen = _Pen(canvas, typefaces.load(rng.choice(typefaces.available()[:1] + typefaces.available()[2:])))
    pen.right(top[0])
    if pages == 1:
        pen.lines(head)
    pen.recipient()
    subject = rng.choice(SUBJECTS[code])
    pen.heading(subject)
    for paragraph in filter(None, body):
        pen.paragraph(paragraph)
    if pages > 1:
        pen.next_page()
        pen.lines([*head, ""])
        pen.paragraph("Numer i adres podaję, aby ułatwić Państwu załatwienie sprawy.")
    pen.right(rng.choice(_CLOSINGS))
    pen.signed(seed)
    pen.right(person["name"])
    draft.say("name")
    canvas.showPage()
    canvas.save()
    return Letter(out.getvalue(), code, draft.said)


def _sender(draft: _Draft, style: str) -> tuple[list[str], list[str]]:
    """Lines above the letter, and paragraphs of it, that say who writes."""
    person = draft.person
    draft.say("name")
    if style == "block":
        lines = [person["name"], draft.street_line(), draft.town_line(), draft.number_line()]
        return (lines if draft.rng.random() < 0.5 else [*lines, draft.identity_line()]), []
    if style == "labels":
        lines = [f"Imię i nazwisko: {person['name']}", f"Adres: {draft.street_line()}, {draft.town_line()}"]
        return [*lines, draft.number_line(), draft.identity_line()], []
    who = "Ja, niżej podpisana" if person["name"].split()[0].endswith("a") else "Ja, niżej podpisany"
    sentence = f"{who} {person['name']}, {draft.identity_line()}, adres: {draft.street_line()}, {draft.town_line()}"
    return [], [f"{sentence}, {draft.number_line()}."]


class _Pen:
    """Writes down a page, from top to bottom."""

    def __init__(self, canvas: Canvas, font: str, size: float = 11.5) -> None:
        self.canvas, self.font, self.size, self.y = canvas, font, size, PAGE_HEIGHT - 75

    def line(self, text: str, x: float = _MARGIN, size: float | None = None) -> None:
        self.canvas.setFont(self.font, size or self.size)
        self.canvas.drawString(x, self.y, text)
        self.y -= 1.45 * (size or self.size)

    def lines(self, texts: list[str]) -> None:
        for text in texts:
            self.line(text)

    def right(self, text: str) -> None:
        self.line(text, PAGE_WIDTH - _MARGIN - typesetting.text_width(text, self.font, self.size))
        self.y -= 10

    def recipient(self) -> None:
        settings = get_settings()
        self.y -= 12
        for text in (settings.company_name, settings.company_address):
            self.line(text, PAGE_WIDTH / 2 - 10)
        self.y -= 20

    def heading(self, text: str) -> None:
        if text:
            self.line(text, size=self.size + 1.5)
            self.y -= 8

    def paragraph(self, text: str) -> None:
        for line in typesetting.wrap(text, self.font, self.size, _WIDTH):
            self.line(line)
        self.y -= 8

    def signed(self, seed: int) -> None:
        self.canvas.setStrokeColorRGB(0.1, 0.16, 0.45)
        self.canvas.setLineWidth(1.1)
        top = PAGE_HEIGHT - self.y
        box = (PAGE_WIDTH - _MARGIN - 150, top, PAGE_WIDTH - _MARGIN, top + 28)
        for stroke in smoothed(signature(box, dice(seed))):
            for (x0, y0), (x1, y1) in pairwise(stroke):
                self.canvas.line(x0, PAGE_HEIGHT - y0, x1, PAGE_HEIGHT - y1)
        self.y -= 44

    def next_page(self) -> None:
        self.canvas.showPage()
        self.y = PAGE_HEIGHT - 75


def _canvas() -> tuple[Canvas, io.BytesIO]:
    typesetting.load_fonts()
    out = io.BytesIO()
    return Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1), out

"""Pages by others that use our words: what a mailroom gets besides forms and letters, and must tell from them."""

from __future__ import annotations

import io
from functools import cache
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from environment.settings import get_settings
from forms import typesetting
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH

_ADVERT: Final = (
    "Przejdź na e-fakturę i oszczędzaj!",
    "Drogi Kliencie! Chcesz otrzymywać faktury na adres e-mail? Załóż konto na naszym portalu i wyraź zgodę na faktury "
    "elektroniczne. Zapraszamy do skorzystania z promocji: kto zrezygnuje z faktur papierowych, dostanie rabat 5 zł.",
    "Energia Przykładowa S.A., bok@energia.example, tel. 600 700 800",
)
_INVOICE: Final = (
    "FAKTURA VAT nr FV/2025/05/1187",
    "Sprzedawca: Hurtownia Przykład Sp. z o.o., ul. Fabryczna 7, 66-400 Gorzów Wielkopolski, NIP 5990001112",
    "Nabywca: Jan Przykładny, ul. Leśna 3, 66-470 Kostrzyn nad Odrą, nr klienta 40028117",
    "Wodomierz DN15 szt. 1, netto 112,00 zł, VAT 23 %, brutto 137,76 zł. Do zapłaty: 137,76 zł do 14.06.2025.",
    "Fakturę elektroniczną wysłano na adres jan.przykladny@example.com. Wyrażam zgodę na przesyłanie faktur e-mailem.",
)
_ANSWER: Final = (
    "W odpowiedzi na Pana pismo z dnia 4 maja 2025 r. informujemy, że zgodę na faktury elektroniczne można złożyć na "
    "formularzu. Prosimy o wypełnienie formularza i przesłanie go na adres podany u góry. Faktury będziemy wysyłać na "
    "Pana adres e-mail jan.przykladny@example.com po jego potwierdzeniu.",
    "Numer klienta: 40028117",
    "Z poważaniem, Biuro Obsługi Klienta",
)
_RULES: Final = (
    "Regulamin wystawiania i przesyłania faktur w formie elektronicznej",
    "§ 1. Odbiorca składa akceptację wystawiania i przesyłania faktur w formie elektronicznej na formularzu.",
    "§ 2. Odbiorca może wycofać akceptację. Wniosek o zmianę adresu e-mail do przesyłania faktur składa się pisemnie.",
    "§ 3. Konto w eBOK zakłada się na wniosek Odbiorcy. Zgłoszenie zawiera numer klienta i adres e-mail.",
)
_COMPLAINT: Final = (
    "Jan Przykładny, ul. Leśna 3, 66-470 Kostrzyn nad Odrą, nr klienta 40028117",
    "Reklamacja. Proszę o sprawdzenie wodomierza i przesłanie korekty faktury za maj na adres e-mail "
    "jan.przykladny@example.com. Ilość wody na fakturze jest błędna.",
    "Z poważaniem, Jan Przykładny",
)
_DUPLICATE: Final = (
    "Maria Przykładna, ul. Cicha 12/4, 66-470 Kostrzyn nad Odrą, nr klienta 40028118",
    "Proszę o przesłanie duplikatu faktury nr 117/2025 na adres maria@example.com, bo zgubiłam oryginał.",
    "Z poważaniem, Maria Przykładna",
)
_MOVE: Final = (
    "Adam Przykładny, nr klienta 40028119, PESEL 44051401359",
    "Uprzejmie proszę o zmianę mojego adresu korespondencyjnego na: ul. Szkolna 8, 69-100 Słubice. Tam proszę "
    "przesyłać wszystkie pisma i faktury.",
    "Z poważaniem, Adam Przykładny",
)
_CLOSE: Final = (
    "Ewa Przykładna, nr klienta 40028120",
    "Proszę o usunięcie mojego konta w eBOK, ponieważ sprzedałam mieszkanie. Mój adres e-mail: ewa@example.com.",
    "Z poważaniem, Ewa Przykładna",
)
_LEASE: Final = (
    "Umowa najmu lokalu mieszkalnego",
    "zawarta w Kostrzynie nad Odrą dnia 3 maja 2025 r. między Janem Przykładnym, PESEL 44051401359, a Ewą Przykładną.",
    "§ 1. Wynajmujący oddaje w najem lokal przy ul. Leśnej 3. § 2. Czynsz płatny jest do 10. dnia miesiąca na "
    "podstawie rachunku przesyłanego pocztą elektroniczną na adres ewa@example.com.",
)
TEXTS: Final = {
    "advert": _ADVERT,
    "invoice": _INVOICE,
    "answer": _ANSWER,
    "rules": _RULES,
    "complaint": _COMPLAINT,
    "duplicate": _DUPLICATE,
    "move": _MOVE,
    "close_account": _CLOSE,
    "lease": _LEASE,
}
"""Paragraphs of foreign papers by what they are."""


@cache
def stranger(name: str) -> bytes:
    """One of ``TEXTS`` as PDF (the company's own answer bears its letterhead), or 'drawing', a plan of few words."""
    typesetting.load_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    if name == "drawing":
        _draw_plan(canvas)
    else:
        _write(canvas, TEXTS[name], letterhead=name == "answer")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


NAMES: Final = (*TEXTS, "drawing")


def _write(canvas: Canvas, paragraphs: tuple[str, ...], *, letterhead: bool) -> None:
    settings = get_settings()
    head = (settings.company_name, settings.company_address, settings.company_email) if letterhead else ()
    text = canvas.beginText(65, PAGE_HEIGHT - 80)
    text.setFont(typesetting.REGULAR, 11.5, leading=17)
    text.textLines([*head, ""])
    for paragraph in paragraphs:
        text.textLines([*typesetting.wrap(paragraph, typesetting.REGULAR, 11.5, PAGE_WIDTH - 130), ""])
    canvas.drawText(text)


def _draw_plan(canvas: Canvas) -> None:
    """The plan of a connection: walls, a pipe, measures."""
    canvas.setFont(typesetting.REGULAR, 9)
    for at in range(6):
        canvas.rect(80 + 60 * at, 200 + 35 * at, 55, 120 + 20 * at)
        canvas.drawString(84 + 60 * at, 205 + 35 * at, f"{2.5 + at:.2f} m")
    canvas.setLineWidth(3)
    canvas.lines([(60, 180, 520, 640), (520, 640, 520, 760)])
    canvas.drawString(300, 120, "Przyłącze wodociągowe DN32, skala 1:100")

"""The customers and sample files of ``ebok demo``: one of everything a mailroom sees in a morning.

All addresses lie in domains reserved for examples, so that no message of a demonstration can reach anybody. The files
need only the typeface that comes with the product.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from environment import clock
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.kinds import Value
from specimens import broken, files, names
from specimens.letters import request_letter
from specimens.paper import PLAIN, PrintStyle, handwrite_form, print_form
from specimens.people import CustomerRow, invented_customers, values_for
from specimens.scanner import Scan, scan

_RUN = replace(PLAIN, spread="run")
_CHECK = replace(PLAIN, tick="check")


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One sample file: the forms in it, in order, with the state each ends in, and what a newcomer should see.

    ``states`` are those of a run in which nobody touches the review desk; a file that cannot be used has no forms and
    one state.
    """

    path: Path
    forms: tuple[str, ...]
    states: tuple[str, ...]
    expectation: str
    by_pen: bool = False
    """Whether its day stands there by pen: on one day of twenty that reading is in doubt and a clerk is asked."""

    def ends_as_told(self, states: tuple[str, ...]) -> bool:
        """Whether its forms ended as promised; by pen also at the desk."""
        asked = tuple("in_review" if state == "confirmed" else state for state in self.states)
        return states == self.states or (self.by_pen and states == asked)


@cache
def demo_customers() -> tuple[CustomerRow, ...]:
    """Twelve customers, each with e-mail and telephone; the fourth and the ninth are companies."""
    drawn = [row for row in invented_customers(200, 20, domains=names.SAFE_DOMAINS) if row["email"] and row["phone"]]
    people = iter([row for row in drawn if row["pesel"]])
    companies = iter([row for row in drawn if row["nip"]])
    return tuple(next(companies if at in (3, 8) else people) for at in range(12))


def customers_on_einvoice() -> tuple[CustomerRow, ...]:
    """Those who get e-invoices at their e-mail already: the ones who change the address or withdraw in the demo."""
    everyone = demo_customers()
    return everyone[2], everyone[3], everyone[7]


def demo_files(directory: Path, today: date | None = None) -> list[DemoFile]:
    """Draw the sample files into the directory, named as scanners and phones name them; takes a few seconds."""
    desk = _Desk(directory, today or clock.today())
    return [
        desk.signup(),
        desk.acceptance_photo(),
        desk.email_change(),
        desk.withdrawal(),
        desk.fillable(),
        desk.batch(),
        desk.unsigned(),
        desk.handwritten(),
        desk.handwritten_photo(),
        desk.strange_number(),
        desk.own_words(),
        desk.visit(),
        desk.encrypted(),
    ]


@dataclass(frozen=True)
class _Desk:
    """Where the sample files are made; every method makes one."""

    directory: Path
    today: date

    def signup(self) -> DemoFile:
        scans = self.scanned("ebok_signup", 0, "gray200", PLAIN)
        return self.file(
            "SKAN_0001.pdf",
            files.image_pdf(scans),
            ("ebok_signup",),
            ("confirmed",),
            "konto założone, odnośnik wysłany",
        )

    def acceptance_photo(self) -> DemoFile:
        scans = self.scanned("einvoice_acceptance", 1, "photo", PLAIN)
        return self.file(
            f"IMG_{self.today:%Y%m%d}_081502.jpg",
            files.jpeg(scans[0]),
            ("einvoice_acceptance",),
            ("confirmed",),
            "zdjęcie z telefonu: zgoda przyjęta, odnośnik do potwierdzenia adresu wysłany",
        )

    def email_change(self) -> DemoFile:
        scans = self.scanned("einvoice_email_change", 2, "bitonal300", PLAIN)
        return self.file(
            "SKAN_0002.tif",
            files.tiff(scans),
            ("einvoice_email_change",),
            ("confirmed",),
            "nowy adres czeka na potwierdzenie, dotychczasowy powiadomiony",
        )

    def withdrawal(self) -> DemoFile:
        scans = self.scanned("einvoice_withdrawal", 3, "gray200", _RUN)
        return self.file(
            "SKAN_0003.pdf",
            files.image_pdf(scans),
            ("einvoice_withdrawal",),
            ("confirmed",),
            "firma wraca do faktur papierowych od jutra",
        )

    def fillable(self) -> DemoFile:
        form = form_by_code("einvoice_acceptance")
        data = draw_fillable(form, self.values(form.code, 4))
        return self.file(
            "Akceptacja e-faktur.pdf",
            data,
            (form.code,),
            ("confirmed",),
            "formularz wypełniony na komputerze: zgoda przyjęta",
        )

    def batch(self) -> DemoFile:
        back, envelope = scan(files.blank_page(), "gray200", 1), scan(files.envelope(), "gray200", 2)
        scans = [
            *self.scanned("ebok_signup", 5, "gray200", _CHECK),
            *back,
            *map(files.upside_down, self.scanned("einvoice_acceptance", 6, "gray200", PLAIN)),
            *envelope,
            *self.scanned("einvoice_withdrawal", 7, "gray200", PLAIN),
        ]
        return self.file(
            f"Skan {self.today:%d.%m.%Y} (2).pdf",
            files.image_pdf(scans, quality=60),
            ("ebok_signup", "einvoice_acceptance", "einvoice_withdrawal"),
            ("confirmed", "confirmed", "confirmed"),
            "trzy sprawy z jednego skanu; pusta strona i koperta pominięte, strona do góry nogami odczytana",
        )

    def unsigned(self) -> DemoFile:
        scans = self.scanned("einvoice_acceptance", 8, "gray200", PLAIN, signed=False)
        return self.file(
            "SKAN_0004.pdf",
            files.image_pdf(scans),
            ("einvoice_acceptance",),
            ("rejected",),
            "brak podpisu: firma dostaje prośbę o uzupełnienie",
        )

    def handwritten(self) -> DemoFile:
        return self.file(
            "SKAN_0005.pdf",
            files.image_pdf(self.written("ebok_signup", 9, "gray200")),
            ("ebok_signup",),
            ("confirmed",),
            "wypełniony długopisem, odczytany bez pomocy człowieka (niepewny odczyt czeka na biurku): konto założone",
            by_pen=True,
        )

    def handwritten_photo(self) -> DemoFile:
        scans = self.written("einvoice_acceptance", 11, "photo")
        return self.file(
            f"IMG_{self.today:%Y%m%d}_093147.jpg",
            files.jpeg(scans[0]),
            ("einvoice_acceptance",),
            ("confirmed",),
            "zdjęcie formularza wypełnionego długopisem (niepewny odczyt czeka na biurku): zgoda przyjęta",
            by_pen=True,
        )

    def strange_number(self) -> DemoFile:
        scans = self.written("einvoice_acceptance", 10, "gray200", customer_no=demo_customers()[0]["customer_no"])
        return self.file(
            "SKAN_0006.pdf",
            files.image_pdf(scans),
            ("einvoice_acceptance",),
            ("in_review",),
            "wypełniony długopisem, ale z numerem klienta kogoś innego: czeka na biurku przeglądu",
        )

    def own_words(self) -> DemoFile:
        letter = request_letter("einvoice_withdrawal", demo_customers()[7], 3, self.today)
        return self.file(
            "SKAN_0007.pdf",
            files.image_pdf(scan(letter.pdf, "gray200", 7)),
            (letter.code,),
            ("in_review",),
            "pismo własnymi słowami zamiast formularza: wartości podpowiedziane, decyduje człowiek",
        )

    def visit(self) -> DemoFile:
        return self.file(
            "SKAN_0008.pdf",
            files.image_pdf(self.scanned("tank_collection", 4, "gray200", PLAIN)),
            ("tank_collection",),
            ("confirmed",),
            "wniosek o wywóz nieczystości: czeka w biurze na dzień wizyty (/biuro/wnioski)",
        )

    def encrypted(self) -> DemoFile:
        form = form_by_code("einvoice_withdrawal")
        data = broken.encrypted(print_form(form, self.values(form.code, 10)))
        return self.file(
            "wycofanie_zaszyfrowane.pdf", data, (), ("quarantined",), "plik z hasłem: odłożony z podaną przyczyną"
        )

    def values(self, code: str, customer: int) -> dict[str, Value]:
        """What this customer writes on that form."""
        row = demo_customers()[customer]
        return values_for(form_by_code(code), row, customer, self.today, domains=names.SAFE_DOMAINS)

    def scanned(
        self, code: str, customer: int, condition: str, style: PrintStyle, *, signed: bool = True
    ) -> list[Scan]:
        """The customer's form, printed and scanned."""
        values = {**self.values(code, customer), "signature": signed}
        return scan(print_form(form_by_code(code), values, style, customer), condition, customer)

    def written(self, code: str, customer: int, condition: str, **other: Value) -> list[Scan]:
        """The customer's form, filled in by pen and scanned; ``other`` values stand in place of the right ones."""
        form = form_by_code(code)
        return scan(handwrite_form(form, {**self.values(code, customer), **other}, customer), condition, customer)

    def file(
        self,
        name: str,
        data: bytes,
        forms: tuple[str, ...],
        states: tuple[str, ...],
        expectation: str,
        *,
        by_pen: bool = False,
    ) -> DemoFile:
        """Write the file and say what is in it."""
        return DemoFile(files.write(self.directory / name, data), forms, states, expectation, by_pen)

"""Texts: every template in every medium, safe, in good Polish typography."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import confirmations
from confirmations.polish import long_date, without_diacritics
from confirmations.rendering import as_html, as_text, render
from confirmations.tables import Medium
from customers.effects import all_messages
from environment.settings import get_settings

FOLDER = Path(confirmations.__file__).parent / "templates/messages"
TEMPLATES = sorted([*(path.stem for path in FOLDER.glob("*.j2")), *all_messages()])
EVERYTHING = {
    "tracking": "K7M4-PX9R",
    "proven": True,
    "customer_ref": "…678",
    "link": "https://ebok.example.com/potwierdzenie/" + "a" * 48,
    "valid_until": "2026-12-07",
    "effective_from": "2026-11-24",
    "form_title": "Zgłoszenie do eBOK",
    "duplicate_of": None,
    "awaiting_proof": False,
    "fields": ["Imię i nazwisko"],
    "done": "przyjęliśmy zgłoszenie",
    "reason": "W tej samej sprawie mamy już nowszy formularz.",
    "written": "letter",
    "until": "24 listopada 2026 r., 14:05",
    "password_page": "https://ebok.example.com/haslo",
    "provider": "login.gov.pl",
    "code": "1234 5678",
    "stranger": False,
    "correction": "K7M4-PX9A",
    "invoice_no": "FV/000123/11/2026",
    "customer_no": "30294429",
    "corrects": None,
    "amount": "12\N{NO-BREAK SPACE}345,67\N{NO-BREAK SPACE}zł",
    "lowers": False,
    "due_on": "2026-09-23",
    "bank_account": "61 1090 1014 0000 0712 1981 2874",
    "ksef_no": "1234567890-20261101-0123456789AB-CD",
    "page": "https://ebok.example.com/ebok/faktury",
    "giver": True,
    "day": "2026-12-07",
    "hours": "między 7.00 a 11.00",
    "nobody": True,
    "by_customer": False,
    "sentence": "Proponujemy wizytę: 7 grudnia 2026 r., między 7.00 a 11.00. Odpowiedz:",
    "on_paper": False,
    "count": 2,
    "place": "ul. Łąkowa, numery 1–15",
    "time": "24.11.2026, 8:00–14:00",
    "remark": None,
    "number": "3",
    "outcome": "taken",
    "waiting": False,
    "meter": "12345678",
    "named": "",
    "value": "123",
    "why": "",
    "version": "2",
    "in_force_from": "2027-01-01",
    "changes": ["Konto możesz zamknąć od razu na jego stronie (§ 8)."],
    "text_page": "https://ebok.example.com/regulaminy/ebok/2",
    "withdrawal_page": "https://ebok.example.com/formularze/einvoice_withdrawal",
    "questions_page": "https://ebok.example.com/ebok/pytania",
}


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("medium", Medium)
def test_every_template_says_something_in_every_medium(home: Path, template: str, medium: Medium) -> None:
    content = render(template, EVERYTHING, medium)
    assert content.subject.endswith("(sprawa K7M4-PX9R)") and len(content.subject) <= 70
    for text in (as_text(content), as_html(content), content.plain):
        assert "None" not in text and "{{" not in text
        by_sms = template in ("phone_code", "sms_reading") or (medium is Medium.SMS and template.startswith("notice_"))
        short = by_sms and text == content.plain  # that is one SMS, and leads to the account
        assert short or "96 51" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert 'lang="pl"' in as_html(content)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_link_is_never_broken_and_lines_are_short(home: Path, template: str) -> None:
    lines = as_text(render(template, EVERYTHING, Medium.EMAIL)).splitlines()
    assert all(len(line) <= 72 or line == EVERYTHING["link"] for line in lines)


def test_what_a_template_lacks_is_an_error_and_no_gap(home: Path) -> None:
    with pytest.raises(UndefinedError):
        render("account_link", {"tracking": "K7M4-PX9R"}, Medium.EMAIL)


def test_what_comes_from_outside_cannot_bring_markup(home: Path) -> None:
    said = {**EVERYTHING, "reason": '<script>alert("x")</script>'}
    assert "<script>" not in as_html(render("needs_office", said, Medium.EMAIL))


def test_company_data_come_from_the_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_COMPANY_NAME", "Wodociągi Przykładowo")
    monkeypatch.setenv("EBOK_COMPANY_PHONES", '["12 345 67 89"]')
    get_settings.cache_clear()
    html = as_html(render("account_active", EVERYTHING, Medium.EMAIL))
    assert "Wodociągi Przykładowo" in html and "12\N{NO-BREAK SPACE}345" in html and "Miejskie" not in html


def test_dates_are_written_in_the_genitive() -> None:
    assert long_date(date(2026, 11, 23)).replace("\N{NO-BREAK SPACE}", " ") == "23 listopada 2026 r."
    assert long_date("2027-09-01").replace("\N{NO-BREAK SPACE}", " ") == "1 września 2027 r."


def test_an_sms_has_no_diacritics() -> None:
    assert without_diacritics("Zażółć gęślą jaźń – „ŁÓDŹ”") == 'Zazolc gesla jazn - "LODZ"'

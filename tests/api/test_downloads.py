"""What customers may take along: forms, both Regulamin texts by version, the leaflet."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pdfplumber
import pikepdf
import pypdfium2
import pytest
import zxingcpp
from fastapi.testclient import TestClient

from environment import clock
from environment.settings import get_settings
from forms.catalogue import current_forms
from forms.terms import KEYS, in_force, versions
from tests.own_terms import own_terms


def read(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as opened:
        text = " ".join(page.extract_text() or "" for page in opened.pages)
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_everything_that_the_page_offers_is_there(lone_client: TestClient) -> None:
    offered = set(re.findall(r'href="(/(?:do-pobrania|regulaminy)/[^"]+)"', lone_client.get("/do-pobrania").text))

    wanted = {f"/do-pobrania/{form.code}{kind}.pdf" for form in current_forms() for kind in ("", "-do-wypelnienia")}
    wanted |= {f"/regulaminy/{key}" for key in KEYS}
    others = [one for key in KEYS for one in versions(key) if one != in_force(key, clock.today())]
    wanted |= {f"/regulaminy/{other.key}/{other.version}" for other in others}
    assert offered == wanted | {"/do-pobrania/ulotka.pdf"}
    for address in offered:
        answer = lone_client.get(address)
        assert answer.status_code == 200, address
        if address.endswith(".pdf"):
            assert answer.headers["content-type"] == "application/pdf"
            assert answer.content.startswith(b"%PDF")
            assert f'filename="{address.rpartition("/")[2]}"' in answer.headers["content-disposition"]


def test_a_form_comes_to_print_and_to_fill_in(lone_client: TestClient) -> None:
    blank, fillable = (
        lone_client.get(f"/do-pobrania/einvoice_withdrawal{kind}.pdf").content for kind in ("", "-do-wypelnienia")
    )

    for pdf, has_fields in ((blank, False), (fillable, True)):
        assert "Wycofanie akceptacji faktur elektronicznych" in read(pdf)
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert ("/AcroForm" in opened.Root) is has_fields


@pytest.mark.parametrize(
    "address", ["/do-pobrania/nic.pdf", "/do-pobrania/..%2Fsecret.pdf", "/regulaminy/parking", "/regulaminy/ebok/99",
                "/regulaminy/ebok/99.pdf", "/regulaminy/parking/1"],
)  # fmt: skip
def test_what_is_not_there_is_told(lone_client: TestClient, address: str) -> None:
    assert lone_client.get(address, headers={"Accept": "text/html"}).status_code == 404


def test_each_version_of_a_regulamin_has_its_page_and_the_one_of_today_is_shown_first(
    home: Path, lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = (clock.today() + timedelta(days=5)).isoformat()
    days = (("1", "2024-01-01"), ("2", "2025-01-01"), ("3", later))
    own_terms(home / "terms", monkeypatch, *[(key, *row) for key in KEYS for row in days])

    assert "<h2>§ 1. Wersja 2</h2>" in lone_client.get("/regulaminy/ebok").text.replace("\N{NO-BREAK SPACE}", " ")
    for version, told in (("1", "Obowiązywała"), ("3", "Będzie obowiązywać")):
        shown = lone_client.get(f"/regulaminy/ebok/{version}").text.replace("\N{NO-BREAK SPACE}", " ")
        assert f"Wersja {version}" in shown
        assert told in shown
        assert 'href="/regulaminy/ebok"' in shown
    pdf = read(lone_client.get("/regulaminy/ebok/1.pdf").content)
    assert "Wersja 1, obowiązuje od 01.01.2024 r." in pdf
    assert get_settings().company_name in pdf


def test_the_leaflet_is_one_page_with_telephones_and_a_code_that_leads_to_the_site(
    home: Path, lone_client: TestClient
) -> None:
    pdf = lone_client.get("/do-pobrania/ulotka.pdf").content
    text, settings = read(pdf), get_settings()

    assert [known for known in (*settings.company_phones, settings.company_email) if known not in text] == []
    assert [form.title for form in current_forms() if form.title not in text] == []
    opened = pypdfium2.PdfDocument(pdf)
    assert len(opened) == 1
    found = zxingcpp.read_barcodes(opened[0].render(scale=2).to_pil())
    assert [code.text for code in found] == [settings.public_url]


def test_privacy_and_accessibility_are_told_from_each_page(lone_client: TestClient) -> None:
    start = lone_client.get("/").text
    for address, title in (
        ("/prywatnosc", "Prywatność i pliki cookie"),
        ("/deklaracja-dostepnosci", "Deklaracja dostępności"),
    ):
        assert f'<a href="{address}">{title}</a>' in start
        shown = lone_client.get(address)
        assert shown.status_code == 200
        assert re.search(rf"<h1[^>]*>{title}</h1>", shown.text.replace("\u00a0", " "))

"""A second municipality is a file of settings: with all of the company's set anew, nothing names the first one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping

import pytest

OTHER = {
    "EBOK_COMPANY_NAME": "Zakład Wodociągów w Wymyślonej Sp. z o.o.",
    "EBOK_COMPANY_SHORT": "ZWiK",
    "EBOK_COMPANY_ADDRESS": "ul. Wodna 1, 99-999 Wymyślona",
    "EBOK_COMPANY_TOWN": "Wymyślona",
    "EBOK_COMPANY_PHONES": '["11 222 33 44"]',
    "EBOK_COMPANY_EMAIL": "biuro@wodociagi.example",
    "EBOK_COMPANY_WWW": "www.wodociagi.example",
    "EBOK_COMPANY_PAYEE": "ZWiK Wymyslona",
    "EBOK_COMPANY_COLOUR": "#4b2e83",
    "EBOK_MAIL_FROM": "ebok@wodociagi.example",
    "EBOK_PUBLIC_URL": "http://ebok.example",
}
"""Some of it is looked at as the program begins, so it is asked in a process of its own."""
SAID = r"""
import io, json, re
from datetime import UTC, datetime
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from pdfplumber import open as open_pdf
from sqlalchemy import update
from api.app import create_app
from api.desk.access import COOKIE as DESK
from api.portal.access import COOKIE
from benchmarks import office
from confirmations.channels.interface import Envelope
from confirmations.channels.letter import draw_letter
from confirmations.receipt import draw_receipt
from confirmations.rendering import as_html, as_text, render
from confirmations.tables import Medium
from customers.tables import Customer
from database.engine import transaction
from forms.catalogue import current_forms
from forms.terms import KEYS, versions
from review.crew_calendar import as_calendar
from tests.confirmations.test_on_paper import RECEIPT
from tests.confirmations.test_rendering import EVERYTHING, TEMPLATES

def of_pdf(content):
    with open_pdf(io.BytesIO(content)) as pdf:
        fills = {str(one["non_stroking_color"]) for page in pdf.pages for one in page.rects}
        return "".join(page.extract_text() for page in pdf.pages) + str(pdf.metadata) + str(sorted(fills))

app = create_app()
client = TestClient(app, base_url="http://ebok.example", follow_redirects=False)
routes = [one for one in iter_route_contexts(app.routes) if "GET" in (getattr(one, "methods", None) or ())]
paths = {getattr(one, "path", "") for one in routes}
paths = {path for path in paths if path and "{" not in path and path not in ("/metrics", "/readyz", "/healthz")}
paths |= {f"/formularze/{form.code}" for form in current_forms()} | {"/sprawa/K7M4-PX9A", "/nie-ma-tego"}
said = {}
for path in sorted(paths):
    answer = client.get(path, headers={"accept": "text/html"})
    said[path] = str(answer.status_code) + answer.text
    for link in re.findall(r'href="(/[^"]+\.pdf)"', answer.text):
        said[link] = of_pdf(client.get(link).content)
said["wrong post code"] = client.post("/sprawa", data={"tracking": "K7M4-PX9A", "secret": ""}).text

written = datetime(2026, 11, 24, 12, tzinfo=UTC)
for template in TEMPLATES:
    for medium in Medium:
        content = render(template, EVERYTHING, medium)
        said[f"{template} {medium}"] = as_html(content) + as_text(content)
    address = "Jan Przykładny\nul. Leśna 3\n99-999 Wymyślona"
    said[f"{template} drawn"] = of_pdf(draw_letter(Envelope("k", "K7M4-PX9A", template, address, content, written)))
said["receipt"] = of_pdf(draw_receipt(RECEIPT))
said["calendar"] = as_calendar(()).decode()

((number, _),) = office.billed_accounts(1, months=1, pdfs=True)
with transaction() as session:  # people of the sample live where the first company is
    session.execute(update(Customer).values(town="Wymyślona", postcode="99-999"))
client.cookies.set(COOKIE, office.account_session(number), domain="ebok.example", path="/")
for path in sorted(path for path in paths if path.startswith(("/ebok/", "/api/v1/account/"))):
    answer = client.get(path, headers={"accept": "text/html"})
    said[f"signed in {path}"] = str(answer.status_code) + answer.text
    for link in re.findall(r'href="(/ebok/faktura[^"]+)"', answer.text):
        got = client.get(link.replace("&amp;", "&"))
        said[f"signed in {link}"] = of_pdf(got.content) if got.content.startswith(b"%PDF") else got.text
for login in ("ewa", "maria", "jan"):  # a clerk, a manager, a supervisor
    client.cookies.set(DESK, office.session_of(login), domain="ebok.example", path="/")
    for path in sorted(path for path in paths if path.startswith("/biuro/")):
        answer = client.get(path, headers={"accept": "text/html"})
        said[f"{login} {path}"] = str(answer.status_code) + answer.text
for terms in [one for key in KEYS for one in versions(key)]:
    said[f"{terms.key} {terms.version}"] = client.get(f"/regulaminy/{terms.key}/{terms.version}").text
print(json.dumps(said))
"""
FIRST = re.compile(r"MZK|Kostrzyn|66-470|mzk\.|727.96|Miejskie.Zakłady|#00587f|#0b5394", re.IGNORECASE)
"""Words, numbers and colours of the first company."""


@pytest.mark.usefixtures("sqlite_database")
def test_no_page_and_no_paper_names_the_first_company(said: Mapping[str, str]) -> None:
    assert len(said) > 30
    assert "ZWiK" in said["/"] and "99-999" in said["/sprawa"] and "biuro@wodociagi.example" in said["/"]
    assert any(path.endswith(".pdf") for path in said)
    assert OTHER["EBOK_COMPANY_COLOUR"] in said["account_active email"]
    assert said["ewa /biuro/"].startswith("200") and said["jan /biuro/przerwy"].startswith("200")
    assert said["maria /biuro/raport"].startswith("200") and "Co zmienia ta wersja" in said["ebok 2"]
    assert "Zakład Wodociągów" in said["account_active drawn"] and "ZWiK" in said["signed in /ebok/"]
    found = {path: sorted(set(FIRST.findall(text))) for path, text in said.items() if FIRST.search(text)}
    assert found == {}


@pytest.fixture
def said(sqlite_database: str) -> Mapping[str, str]:
    """What each address without a number says, and each paper that a page leads to."""
    told = subprocess.run(
        [sys.executable, "-c", SAID], env=os.environ | OTHER, capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(told.stdout.splitlines()[-1])
    return found

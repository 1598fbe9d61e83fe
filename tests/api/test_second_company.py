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
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from pdfplumber import open as open_pdf
from api.app import create_app
from forms.catalogue import current_forms

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
        with open_pdf(io.BytesIO(client.get(link).content)) as pdf:
            said[link] = "".join(page.extract_text() for page in pdf.pages) + str(pdf.metadata)
said["wrong post code"] = client.post("/sprawa", data={"tracking": "K7M4-PX9A", "secret": ""}).text
print(json.dumps(said))
"""
FIRST = re.compile(r"MZK|Kostrzyn|66-470|mzk\.|727 96|Miejskie Zakłady", re.IGNORECASE)


@pytest.mark.usefixtures("sqlite_database")
def test_no_page_and_no_paper_names_the_first_company(said: Mapping[str, str]) -> None:
    assert len(said) > 30
    assert "ZWiK" in said["/"] and "99-999" in said["/sprawa"] and "biuro@wodociagi.example" in said["/"]
    assert any(path.endswith(".pdf") for path in said)
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

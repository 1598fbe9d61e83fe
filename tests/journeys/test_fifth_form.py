"""A fifth form is one file: blank, reading, command line, API, register and confirmation follow from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.app import create_app
from customers.tables import Request
from database.engine import transaction
from forms.form import Form
from forms.kinds import Value
from specimens import files, names
from specimens.paper import print_form
from specimens.people import invented_customers, values_for
from specimens.scanner import scan
from tests.fifth_form import FURTHER_FORMS, fifth_form
from tests.journeys.conftest import Office
from tests.journeys.one_database import database  # noqa: F401  takes the place of both kinds

__all__ = ["fifth_form"]

EBOK = Path(sys.executable).parent / "ebok"


def ebok(home: Path, *arguments: str) -> str:
    environment = {**os.environ, "EBOK_HOME": str(home), "EBOK_FORMS_DIR": str(FURTHER_FORMS)}
    ended = subprocess.run([EBOK, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def filled(form: Form) -> dict[str, Value]:
    person = next(row for row in invented_customers(9, 3, domains=names.SAFE_DOMAINS) if row["phone"])
    return {**values_for(form, person, 3, date(2026, 3, 2)), "meter_no": "40718293", "exchange": True}


def test_a_scan_of_a_fifth_form_changes_the_register_and_is_confirmed(office: Office, fifth_form: Form) -> None:
    values = office.values(fifth_form.code, meter_no="40718293", exchange=True, sealing=False, remarks=None)
    office.drop("wodomierz.tif", files.tiff(scan(print_form(fifth_form, values), "gray200", 6)))
    office.work()
    (document,) = office.documents()
    assert (document["form"], document["state"]) == ("meter_request", "confirmed"), document
    with transaction() as session:
        request = session.scalars(select(Request)).one()
        assert (request.customer_no, request.values["meter_no"]) == (values["customer_no"], "40718293")
    assert len(office.mailbox.mails) + len(office.letters()) == 1


def test_the_api_takes_a_fifth_form(office: Office, fifth_form: Form) -> None:
    with TestClient(create_app(), base_url="http://ebok.example") as api:
        assert "meter_request" in [form["code"] for form in api.get("/api/v1/forms").json()]
        office.api = api
        office.send(fifth_form.code, office.values(fifth_form.code, meter_no="40718293", exchange=True))
    office.work()
    assert [story["state"] for story in office.documents()] == ["confirmed"]


@pytest.mark.usefixtures("fifth_form")
def test_the_command_line_knows_a_fifth_form(home: Path, fifth_form: Form, tmp_path: Path) -> None:
    described = {form["code"]: form for form in json.loads(ebok(home, "forms", "--json"))}
    assert "meter_no" in [field["name"] for field in described["meter_request"]["pages"][0]["fields"]]
    ebok(home, "blanks", str(tmp_path / "blanks"))
    assert {path.name for path in (tmp_path / "blanks").iterdir()} >= {
        "meter_request.pdf",
        "meter_request-fillable.pdf",
    }
    values = filled(fifth_form)
    scanned = tmp_path / "skan.pdf"
    scanned.write_bytes(files.image_pdf(scan(print_form(fifth_form, values), "gray200", 8)))
    (document,) = json.loads(ebok(home, "read", str(scanned), "--json"))["documents"]
    assert document["form"] == "meter_request"
    assert document["fields"]["meter_no"]["value"] == "40718293"
    assert document["fields"]["exchange"]["value"] is True

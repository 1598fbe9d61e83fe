"""A field of a new kind is one file: paper by print and by pen, PDF, page, API, desk and register follow from it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import jsonschema
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from access.staff import Role
from api.app import create_app
from api.examples import example_values
from customers.tables import Request
from database.engine import transaction
from documents.states import State
from environment import clock
from forms.catalogue import form_by_code
from forms.describe import describe_form
from forms.fillable import draw_fillable
from forms.form import Form
from forms.schema import json_schema
from ocr.reading import read_file
from specimens import files
from specimens.paper import handwrite_form, print_form
from specimens.people import values_for
from specimens.scanner import scan
from tests.api.desk.staff import Desk, browser, enter, hire
from tests.further import further, read_again
from tests.journeys.conftest import Office
from tests.journeys.one_database import database  # noqa: F401  takes the place of both kinds

__all__ = ["further"]

SOURCES = Path(__file__).parents[1] / "further_kind"
CODE, READ = "meter_state", "04071,829"


@pytest.fixture
def form(further: Path) -> Form:
    """A form that asks for a meter reading; the kind is one file and the form the other."""
    for name in ("meter_state.py", "kinds/meter_reading.py"):
        shutil.copy(SOURCES / name, further / name)
    read_again()
    return form_by_code(CODE)


def test_it_is_described_checked_and_asked_for_as_its_class_says(form: Form) -> None:
    described = {field["name"]: field for page in describe_form(form)["pages"] for field in page["fields"]}
    assert (described["state"]["kind"], len(described["state"]["boxes"])) == ("meter_reading", 8)
    jsonschema.validate({"customer_no": "10000001", "state": READ}, {**json_schema(form), "required": []})
    page = TestClient(create_app(), base_url="http://ebok.example", headers={"Accept": "text/html"})
    asked = page.get(f"/formularze/{CODE}").text
    assert 'inputmode="decimal"' in asked and "00123,456" in asked
    assert f"/api/v1/forms/{CODE}/submissions" in page.get("/openapi.json").json()["paths"]
    judged = [
        page.post(f"/formularze/{CODE}/pole", json={"name": "state", "value": typed}).json()["message"]
        for typed in ("4071.829", "4071,8")
    ]
    assert judged == [None, "Wpisz stan wodomierza w postaci 00123,456."]


def test_it_is_read_by_pen_by_print_and_from_the_pdf(form: Form, office: Office, tmp_path: Path) -> None:
    values = office.values(CODE, 0, state=READ)
    papers = {
        "pen.jpg": files.jpeg(scan(handwrite_form(form, values, 3), "gray200", 3)[0]),
        "print.jpg": files.jpeg(scan(print_form(form, values), "gray200", 6)[0]),
        "screen.pdf": draw_fillable(form, {name: value for name, value in values.items() if name != "signature"}),
    }
    for name, data in papers.items():
        (document,) = read_file(files.write(tmp_path / name, data)).documents
        assert document.submission is not None, name
        assert document.submission.value("state") == READ, name
        assert document.submission.fields["state"].trusted or name == "pen.jpg", name


def test_specimens_and_examples_have_a_right_value_of_it(form: Form, office: Office) -> None:
    assert values_for(form, office.people[0], 1, clock.today())["state"] == "00123,456"
    assert example_values(form)["state"] == "00123,456"


def test_a_paper_with_it_is_recorded_and_one_in_doubt_is_read_at_the_desk(form: Form, office: Office) -> None:
    office.drop("stan.tif", files.tiff(scan(print_form(form, office.values(CODE, 0, state=READ)), "gray200", 6)))
    office.work()
    (document,) = office.documents()
    assert (document["form"], document["state"]) == (CODE, "confirmed"), document
    with transaction() as session:
        assert session.scalars(select(Request)).one().values["state"] == READ
    office.api = TestClient(create_app(), base_url="http://ebok.example")
    stranger = office.send(CODE, office.values(CODE, 1, state="1.500", name="Ktoś Zupełnie Inny"))
    office.work()
    assert office.state(stranger) is State.IN_REVIEW
    hire("ola", Role.CLERK)
    desk = Desk(browser())
    enter(desk.browser, "ola")
    page = desk.post(f"/biuro/sprawy/{stranger}/zajmij").text
    shown = re.search(r'<input [^>]*name="pole.state"[^>]*>', page)
    assert shown is not None and 'value="00001,500"' in shown[0] and 'inputmode="decimal"' in shown[0]

from datetime import date

import pikepdf
import pytest

from benchmarks.straight_through import directory_of, records_of
from customers.knowledge import ListKnowledge
from customers.matching import corroborate, judge
from forms.catalogue import current_forms
from ocr.installation import Installation
from ocr.reading import read_file
from specimens.demo import customers_on_einvoice, demo_customers, demo_files
from specimens.names import SAFE_DOMAINS

TODAY = date(2025, 6, 30)
OTHER_VISITS = ("meter_service", "treatment_plant_emptying")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return demo_files(tmp_path_factory.mktemp("demo"), TODAY)


def test_the_demo_shows_each_form_alone_of_visits_one_and_three_in_one_batch(sample):
    alone = {item.forms[0] for item in sample if len(item.forms) == 1}
    assert alone == {form.code for form in current_forms() if form.code not in OTHER_VISITS}
    batch = next(item for item in sample if len(item.forms) > 1)
    with pikepdf.open(batch.path) as document:
        assert len(document.pages) == 5


def test_every_document_of_the_demo_has_an_expected_state(sample):
    for item in sample:
        assert len(item.states) == max(1, len(item.forms))
        assert item.expectation
    assert {state for item in sample for state in item.states} == {"confirmed", "in_review", "rejected", "quarantined"}


def test_every_document_of_the_demo_is_read_and_judged_as_promised(sample):
    directory, knowledge = directory_of(demo_customers()), Installation(ListKnowledge(records_of(demo_customers())))
    decisions = {"confirmed": "ready", "rejected": "reject", "in_review": "review"}
    for item in sample:
        found = read_file(item.path, knowledge=knowledge).documents if item.forms else ()
        for document, form, state in zip(found, item.forms, item.states, strict=False):
            verdict = judge(corroborate(document.submission, directory), directory, TODAY)
            assert (document.form_code, verdict.decision) == (form, decisions[state]), (item.path.name, verdict)
        assert len(found) == len(item.forms)


def test_a_day_by_pen_that_is_in_doubt_is_for_the_desk_and_no_broken_promise(sample):
    by_pen = [item for item in sample if item.by_pen]
    assert {item.states for item in by_pen} == {("confirmed",)}
    assert all(item.ends_as_told(("in_review",)) and not item.ends_as_told(("rejected",)) for item in by_pen)
    printed = [item for item in sample if item.states == ("confirmed",) and not item.by_pen]
    assert printed
    assert not any(item.ends_as_told(("in_review",)) for item in printed)


def test_the_files_of_the_demo_are_small(sample):
    assert all(0 < item.path.stat().st_size < 2_000_000 for item in sample)


def test_no_demo_customer_has_an_address_that_exists():
    assert len(demo_customers()) == 12
    assert all(row["email"].partition("@")[2] in SAFE_DOMAINS and row["phone"] for row in demo_customers())
    assert all(row in demo_customers() for row in customers_on_einvoice())

"""Pages that anybody may open, looked at by axe on a phone and on a wide screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading
from documents.states import State
from tests.browser.conftest import Axe, OpenPage, SignedIn


@pytest.mark.parametrize("script", [True, False])
def test_the_check_finds_a_field_without_a_label_and_a_page_that_is_too_wide(
    open_page: OpenPage, axe: Axe, script: bool
) -> None:
    page = open_page(script=script)
    page.goto("/docs")
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    with pytest.raises(AssertionError, match="Form elements must have labels"):
        axe(page)
    page.evaluate("document.querySelector('main input').remove(); document.querySelector('h1').style.width = '900px'")
    with pytest.raises(AssertionError, match="px wider than the screen"):
        axe(page)


def test_the_state_of_a_case_is_accessible_without_script(page_without_script: Page, axe: Axe) -> None:
    tracking = office.online("einvoice_acceptance")
    assert office.worked_off(tracking) == "confirmed"
    page_without_script.goto(f"/sprawa/{tracking}")
    expect(page_without_script.get_by_role("heading", level=1)).to_be_visible()
    axe(page_without_script)


def test_a_paper_with_doubts_waits_at_the_desk(signed_in: SignedIn) -> None:
    tracking = office.waiting(Paper(doubtful=("name", "email")))
    page = signed_in("ewa")
    page.goto("/biuro/")
    assert page.context.cookies()
    with transaction() as session:
        assert loading.load(session, tracking).at is State.IN_REVIEW

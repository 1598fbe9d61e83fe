"""An edition that is not installed is a case for a human, not a fault of the program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from database.engine import transaction
from documents import loading, summaries
from documents.intake import receive_file
from documents.states import IntakeChannel
from environment import clock
from flows import steps
from flows.overview import overview
from forms.blank import draw_blank
from forms.catalogue import form_by_code
from specimens import files
from specimens.editions import edition
from specimens.people import invented_customers, values_for

FORM = form_by_code("einvoice_withdrawal")


@pytest.mark.parametrize("known", [True, False])
def test_a_version_or_form_that_is_not_installed_goes_to_review(
    sqlite_database: str, tmp_path: Path, known: bool
) -> None:
    values = values_for(FORM, invented_customers(1, 11)[0], 1, clock.today())
    unknown = draw_blank(replace(FORM, code="swimming_pool", version="0"))
    path = files.write(tmp_path / "druk.pdf", edition(FORM, values, version="0") if known else unknown)
    with transaction() as session:
        tracking = receive_file(session, path, channel=IntakeChannel.CLI).tracking
        document = loading.load(session, tracking)
    steps._carry_out(document)
    with transaction() as session:
        story = summaries.story(session, tracking)
    assert (story["state"], story["reason_code"], story["version"]) == ("in_review", "unknown_version", "0")
    proposed = {one["field"]: one["value"] for one in story["readings"] if one["value"]}
    assert proposed.get("customer_no") == (values["customer_no"] if known else None)
    assert bool(overview(tracking).rows) is known

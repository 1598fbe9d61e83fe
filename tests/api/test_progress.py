"""The state of a document, told to whoever holds its number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from database.engine import transaction
from documents.intake import receive_file
from documents.register import Part, load, move, split
from documents.states import Channel, State
from documents.tracking import new_tracking
from forms.catalogue import form_by_code
from tests.api.pictures import picture

WITHDRAWAL = "/api/v1/forms/einvoice_withdrawal/submissions"


def test_the_state_is_told_with_the_form_and_the_moments_but_no_values(
    client: TestClient, values: dict[str, Any]
) -> None:
    tracking = client.post(WITHDRAWAL, json=values).json()["tracking"]

    answer = client.get(f"/api/v1/submissions/{tracking}")

    told = answer.json()
    assert answer.status_code == 200
    assert (told["tracking"], told["state"]) == (tracking, "received")
    assert (told["form"], told["title"]) == ("einvoice_withdrawal", form_by_code("einvoice_withdrawal").title)
    assert [step["state"] for step in told["steps"]] == ["received"]
    for value in values.values():
        assert str(value) not in answer.text


def test_the_number_is_understood_as_people_type_it(lone_client: TestClient, values: dict[str, Any]) -> None:
    tracking = lone_client.post(WITHDRAWAL, json=values).json()["tracking"]

    typed = tracking.lower().replace("-", " ")

    assert lone_client.get(f"/api/v1/submissions/{typed}").json()["tracking"] == tracking


@pytest.mark.parametrize("number", [new_tracking(), "AAAA-AAAA", "1", "x" * 3000, "%00", "ż", "../../etc/passwd", "💧"])
def test_an_unknown_number_is_told_the_same_whether_well_formed_or_not(lone_client: TestClient, number: str) -> None:
    answer = lone_client.get(f"/api/v1/submissions/{number.replace('/', '%2F')}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] in ("Nie ma takiej sprawy", "Nie ma takiego adresu")


def test_the_reason_kept_for_the_office_is_not_told(lone_client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "skan.png"
    path.write_bytes(picture())
    with transaction() as session:
        tracking = receive_file(session, path, channel=Channel.FOLDER).tracking
        move(
            session,
            load(session, tracking),
            State.REJECTED,
            actor="machine",
            reason_code="missing_signature",
            reason="Brakuje podpisu Janiny Wymyślonej.",
        )

    answer = lone_client.get(f"/api/v1/submissions/{tracking}")

    assert answer.json()["state"] == "rejected"
    assert "podpis" in answer.json()["message"]
    assert "Wymyślon" not in answer.text
    assert "skan" not in answer.text


@pytest.mark.parametrize(("channel", "told"), [(Channel.UPLOAD, 1), (Channel.FOLDER, 0)])
def test_further_forms_of_a_file_are_told_only_to_who_sent_it(
    lone_client: TestClient, tmp_path: Path, channel: Channel, told: int
) -> None:
    path = tmp_path / "skan.tiff"
    path.write_bytes(picture("TIFF", pages=2))
    with transaction() as session:
        first = load(session, receive_file(session, path, channel=channel).tracking)
        parts = [Part(None, None, (page,), None, "scan") for page in (1, 2)]
        split(session, first, parts)

    further = lone_client.get(f"/api/v1/submissions/{first.tracking}").json()["further_parts"]

    assert len(further) == told
    assert all(lone_client.get(f"/api/v1/submissions/{number}").status_code == 200 for number in further)

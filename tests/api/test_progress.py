"""The state of a document, told to whoever holds its number."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from benchmarks import office, visits
from customers.applying import apply
from customers.importing import import_customers
from customers.outcome import Origin
from customers.proving import prove
from database.engine import transaction
from documents.intake import receive_file
from documents.loading import load
from documents.splitting import FoundForm, split
from documents.states import IntakeChannel, State
from documents.tracking import new_tracking
from documents.transitions import move
from environment import clock
from forms.catalogue import form_by_code
from tests.api.pictures import picture
from tests.customers.samples import JAN, submission

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


@pytest.mark.parametrize("number", ["unused", "AAAA-AAAA", "1", "x" * 3000, "%00", "ż", "../../etc/passwd", "💧"])
def test_an_unknown_number_is_told_the_same_whether_well_formed_or_not(lone_client: TestClient, number: str) -> None:
    number = new_tracking() if number == "unused" else number
    answer = lone_client.get(f"/api/v1/submissions/{number.replace('/', '%2F')}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] in ("Nie ma takiej sprawy", "Nie ma takiego adresu")


def test_the_reason_kept_for_the_office_is_not_told(lone_client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "skan.png"
    path.write_bytes(picture())
    with transaction() as session:
        tracking = receive_file(session, path, channel=IntakeChannel.FOLDER).tracking
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


@pytest.mark.parametrize(("channel", "told"), [(IntakeChannel.UPLOAD, 1), (IntakeChannel.FOLDER, 0)])
def test_further_forms_of_a_file_are_told_only_to_who_sent_it(
    lone_client: TestClient, tmp_path: Path, channel: IntakeChannel, told: int
) -> None:
    path = tmp_path / "skan.tiff"
    path.write_bytes(picture("TIFF", pages=2))
    with transaction() as session:
        first = load(session, receive_file(session, path, channel=channel).tracking)
        parts = [FoundForm(None, None, (page,), None, "scan") for page in (1, 2)]
        split(session, first, parts)

    further = lone_client.get(f"/api/v1/submissions/{first.tracking}").json()["further_parts"]

    assert len(further) == told
    assert all(lone_client.get(f"/api/v1/submissions/{number}").status_code == 200 for number in further)


def _applied(folder: Path) -> tuple[str, str]:
    """Tracking number and link of a confirmed sign-up whose address is not yet proven."""
    path = folder / "zgłoszenie.png"
    path.write_bytes(picture())
    with transaction() as session:
        import_customers(session, [JAN])
        tracking = receive_file(session, path, channel=IntakeChannel.UPLOAD).tracking
        origin = Origin(tracking, clock.now(), None)
        token = apply(session, submission("ebok_signup", email="zaneta@example.com"), origin, clock.today()).proof_token
        for state in (State.READY, State.APPLIED, State.CONFIRMED):
            move(session, load(session, tracking), state, actor="machine")
    assert token
    return tracking, token


def test_the_link_is_asked_for_until_it_was_used(client: TestClient, tmp_path: Path) -> None:
    tracking, token = _applied(tmp_path)
    place = f"/api/v1/submissions/{tracking}"
    assert "kliknij go, aby dokończyć" in client.get(place).json()["message"]

    with transaction() as session:
        prove(session, token)

    told = client.get(place).json()["message"]
    assert "odnośnik" not in told
    assert "Nie musisz nic robić" in told


def test_a_link_that_ran_out_is_told_with_what_to_do(
    lone_client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking, _ = _applied(tmp_path)
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr("customers.links.now", lambda: later)

    assert "Wyślemy nowy" in lone_client.get(f"/api/v1/submissions/{tracking}").json()["message"]


def test_a_case_without_a_link_speaks_of_none(lone_client: TestClient, values: dict[str, Any]) -> None:
    tracking = lone_client.post(WITHDRAWAL, json=values).json()["tracking"]
    with transaction() as session:
        for state in (State.READY, State.APPLIED, State.CONFIRMED):
            move(session, load(session, tracking), state, actor="machine")

    assert "odnośnik" not in lone_client.get(f"/api/v1/submissions/{tracking}").json()["message"]


def test_a_visit_is_told_as_its_page_tells_it_from_the_wish_to_the_report_and_names_nobody(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.fill_register()
    tracking, day, person = visits.asked("tank_collection"), visits.day_to_come(), office.people()[0]

    def told() -> dict[str, Any]:
        answer = lone_client.get(f"/api/v1/submissions/{tracking}")
        secrets = (person["name"], person["street"], person["customer_no"], person["phone"])
        assert not [secret for secret in secrets if secret and secret in answer.text]
        return dict(answer.json())

    wished = told()
    assert (wished["visit"]["state"], wished["visit"]["day"], wished["visit"]["hours"]) == ("asked", None, None)
    assert date.fromisoformat(wished["visit"]["wished_on"]) > clock.today()
    assert "Sprawdzamy, czy możemy przyjechać" in wished["message"]
    visits.decided(tracking, "propose", day)
    proposed = told()["visit"]
    assert [proposed[name] for name in ("state", "day", "part", "hours")] == [
        *("proposed", day.isoformat(), "morning", "między 7.00 a 11.00")
    ]
    visits.answered(tracking)
    assert (told()["visit"]["state"], told()["message"][:11]) == ("agreed", "Przyjedziem")
    that_day = clock.now() + (day - clock.today())
    monkeypatch.setattr(clock, "now", lambda: that_day)
    visits.decided(tracking, "nobody", note="Pies Burek na podwórku")
    in_vain = told()
    assert (in_vain["visit"]["state"], in_vain["visit"]["report"], in_vain["visit"]["day"]) == ("asked", "nobody", None)
    assert "Burek" not in str(in_vain) and "nikogo nie zastaliśmy" in in_vain["message"]


def test_a_case_that_asks_for_no_visit_tells_of_none(lone_client: TestClient, values: dict[str, Any]) -> None:
    tracking = lone_client.post(WITHDRAWAL, json=values).json()["tracking"]
    assert lone_client.get(f"/api/v1/submissions/{tracking}").json()["visit"] is None

"""prefect.yaml names what exists, and importing it shadows nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from cli.engine_api import EngineApi
from customers.applying import reasons
from documents.scans import FOUND_AFTER_RESTORE
from documents.showing import DocumentStanding
from documents.states import IntakeChannel, State
from flows import names, wording
from flows.deployments import wanted_deployments
from flows.entrypoints import RefusedRunError, entrypoint_of
from ocr.errors import DocumentError
from review.reasons import all_rejections, overrulable

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


@dataclass(frozen=True)
class Told:
    """What the engine's database says of a deployment."""

    entrypoint: str | None
    pull_steps: list[Any] | None


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: str(deployment["name"]))
def test_every_deployment_names_a_flow_by_its_module(deployment: dict[str, str]) -> None:
    assert ":" not in deployment["entrypoint"]
    assert isinstance(load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False), Flow)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: str(deployment["name"]))
def test_what_is_said_of_a_flow_beside_its_entrypoint_is_so(deployment: dict[str, Any]) -> None:
    flow = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    (told,) = [one.told for one in wanted_deployments() if one.told["name"] == deployment["name"]]
    assert deployment["flow_name"] == flow.name
    assert told["parameter_openapi_schema"] == parameter_schema(flow).model_dump(exclude_unset=True)


def test_the_engine_has_them_as_they_stand_however_somebody_changed_them(home: Path, engine: str) -> None:
    start = EngineApi(engine)
    try:
        start.make_pool()
        start.deploy()
        first = _deployments(start)
        assert [one["name"] for one in first] == sorted(one["name"] for one in DEPLOYMENTS)
        for one in first:
            changed = {
                "paused": True,
                "entrypoint": "foreign.py:attack",
                "parameters": {"every_seconds": 1},
                "enforce_parameter_schema": False,
                "concurrency_limit": 1,
                "tags": ["changed"],
                "schedules": [{"schedule": {"interval": 60}, "active": True}],
            }
            start.ask_once(f"deployments/{one['id']}", changed, "PATCH")
        start.deploy()
        again = _deployments(start)
        assert [one.pop("id") for one in again] == [one.pop("id") for one in first]
        assert again == first
        assert {one["name"]: one["entrypoint"] for one in again} == {
            one["name"]: one["entrypoint"] for one in DEPLOYMENTS
        }
        sweep = next(one for one in again if one["name"] == "Skany i otwarte sprawy")
        assert [one["schedule"]["interval"] for one in sweep["schedules"]] == [3600]
        assert sweep["parameters"] == {"every_seconds": 3600}
    finally:
        for one in start.ask_once("deployments/filter", {}, "POST"):
            start.ask_once(f"deployments/{one['id']}", None, "DELETE")


def _deployments(engine: EngineApi) -> list[dict[str, Any]]:
    """What the engine has, but for what it says of its own work with them."""
    own = {"created", "updated", "created_by", "updated_by", "last_polled", "status"}
    found = engine.ask_once("deployments/filter", {"sort": "NAME_ASC"}, "POST")
    for one in found:
        one["schedules"] = [{"active": each["active"], "schedule": each["schedule"]} for each in one["schedules"]]
    return sorted(
        ({name: value for name, value in one.items() if name not in own} for one in found),
        key=lambda one: str(one["name"]),
    )


@pytest.mark.parametrize(
    ("entrypoint", "steps"),
    [
        ("/tmp/foreign.py:attack", None),
        ("foreign.attack", None),
        ("flows/message_sending.py:deliver_messages", None),
        (
            "flows.message_sending.deliver_messages",
            [{"prefect.deployments.steps.run_shell_script": {"script": "true"}}],
        ),
        (None, None),
    ],
    ids=["a file", "a module", "our flow by its file", "steps before our flow", "no flow"],
)
def test_a_deployment_of_a_stranger_is_refused(entrypoint: str | None, steps: list[Any] | None) -> None:
    with pytest.raises(RefusedRunError):
        entrypoint_of(Told(entrypoint, steps))
    assert entrypoint_of(Told("flows.message_sending.deliver_messages", [])) == "flows.message_sending.deliver_messages"


def test_the_sweep_watches_exactly_until_it_is_started_again() -> None:
    sweep = next(one for one in DEPLOYMENTS if one["name"] == "Skany i otwarte sprawy")
    assert sweep["parameters"]["every_seconds"] == sweep["schedules"][0]["interval"]


def test_no_file_of_the_workflow_bears_the_name_of_a_package() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"prefect", "fastapi", "email", "queue"}
    assert packages.isdisjoint(path.stem for path in (ROOT / "flows").glob("*.py"))


def test_deployments_and_flows_are_called_as_managers_read_them() -> None:
    named = {
        (load_flow_from_entrypoint(one["entrypoint"], use_placeholder_flow=False).name, one["name"])
        for one in DEPLOYMENTS
    }
    assert {flow for flow, _ in named} == set(names.FLOWS) - {names.COMMAND}
    assert {names.SWEEPS, names.DOCUMENTS} <= {"/".join(one) for one in named}


def test_every_file_that_cannot_be_used_has_a_few_words_for_the_name_of_its_state() -> None:
    assert {error.code for error in DocumentError.__subclasses__()} <= set(wording._QUARANTINED)


def test_no_reason_is_shown_as_a_code() -> None:
    at = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    codes = {"same_bytes", "joined", "duplicate", "read_failed", "not_ours", FOUND_AFTER_RESTORE}
    codes |= overrulable() | {one.code for one in reasons()} | {one.code for one in all_rejections()} - {"other"}
    for code in codes:
        told = wording.shown(
            DocumentStanding(
                1, "K7M4-PX9A", None, IntakeChannel.FOLDER, State.IN_REVIEW, code, None, False, None, at, at, None
            )
        )
        assert re.match(r"Powód: [A-ZŁŚ][^_]+\. Przyszła ", told.message), told.message
        assert "Inny powód" not in told.message, code

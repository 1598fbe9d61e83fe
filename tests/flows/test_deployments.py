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

from customers.applying import reasons
from documents.scans import FOUND_AFTER_RESTORE
from documents.showing import DocumentStanding
from documents.states import IntakeChannel, State
from flows import names, wording
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

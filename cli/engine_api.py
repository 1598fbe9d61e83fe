"""The workflow engine's API, as the commands that start and watch our processes ask it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import yaml
from tenacity import retry, retry_if_exception, stop_after_delay, wait_fixed

from cli.console import CommandError
from environment.machine import machine_name
from environment.settings import get_settings
from flows.authentication import authorization
from flows.deployments import wanted_deployments
from flows.engine_setup import AUTOMATIONS, BASE_JOB_TEMPLATE, WORK_POOL
from flows.names import NIGHTLY, SWEEPS, WAITS_FOR_US

_PATIENCE: Final = 180.0
_LOOK: Final = "Zajrzyj do dziennika server.log i uruchom `ebok up` ponownie."
_NOT_OVER: Final = ("RUNNING", "PENDING", "CANCELLING")
_CRASHED: Final = {
    "type": "CRASHED",
    "name": "Przerwany",
    "message": "Przebieg przerwano. Następny robi dalej to, co zaczął.",
}


@dataclass(frozen=True, slots=True)
class EngineApi:
    """The API at that address, which ends with ``/api``."""

    address: str

    def begin_sweep(self) -> str:
        """Have a sweep begin on this machine at once, before its time: its run; OSError when asked in vain."""
        found = self.ask_once(f"deployments/name/{quote(SWEEPS)}", None, "GET")
        asked = {"work_queue_name": machine_name()}
        return str(self.ask_once(f"deployments/{found['id']}/create_flow_run", asked, "POST")["id"])

    def is_on_its_way(self, run: str) -> bool:
        """Whether a run has yet to begin, or has begun; OSError when asked in vain."""
        return self._state_of(run) in ("SCHEDULED", *_NOT_OVER)

    def close_run(self, run: str) -> None:
        """Call a run by its name that was broken off; OSError when asked in vain."""
        if self._state_of(run) in _NOT_OVER:
            self.ask_once(f"flow_runs/{run}/set_state", {"state": _CRASHED, "force": True}, "POST")

    def make_pool(self) -> None:
        """The work pool with our template, which an older version or a stranger may have left otherwise."""
        pool = {"name": WORK_POOL, "type": "process", "base_job_template": BASE_JOB_TEMPLATE}
        if self._ask("work_pools/", pool, "POST") is None:
            self._ask(f"work_pools/{WORK_POOL}", {"base_job_template": BASE_JOB_TEMPLATE}, "PATCH")

    def close_runs_but(self, living: Collection[str]) -> None:
        """Call what an earlier stop broke off by its name, but for those runs; the register says what is to do.

        Runs that only show how their documents stand were not broken off.
        """
        going_on = {"type": {"any_": _NOT_OVER}, "name": {"not_any_": WAITS_FOR_US}}
        unfinished = {"flow_runs": {"state": going_on}, "limit": 200}
        for run in self._ask("flow_runs/filter", unfinished, "POST"):
            if run["id"] not in living:
                self._ask(f"flow_runs/{run['id']}/set_state", {"state": _CRASHED, "force": True}, "POST")

    def deploy(self) -> None:
        """Have the deployments of prefect.yaml in it, as they stand there and not as somebody changed them."""
        for wanted in wanted_deployments():
            flow = self._ask("flows/", {"name": wanted.flow}, "POST")["id"]
            self._ask("deployments/", {**wanted.told, "flow_id": flow}, "POST")

    def require(self) -> None:
        """Do nothing where it answers; OSError otherwise."""
        self.ask_once("health", None, "GET")

    def emit(self, events: list[dict[str, Any]]) -> None:
        """Have it know of events; OSError when told in vain."""
        self.ask_once("events", [{"id": str(uuid4()), "related": [], **one} for one in events], "POST")

    def failed_runs(self) -> list[tuple[str, datetime]]:
        """Nightly flows whose last run failed, with when that was; OSError when asked in vain."""
        ended = {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}
        asked = {"flow_runs": ended, "sort": "END_TIME_DESC", "limit": 1}
        lasts = [
            (name, last)
            for name in NIGHTLY
            for last in self.ask_once("flow_runs/filter", {"flows": {"name": {"any_": [name]}}, **asked}, "POST")
        ]
        return [
            (name, datetime.fromisoformat(last["end_time"]))
            for name, last in lasts
            if last["state_type"] != "COMPLETED"
        ]

    def automate(self) -> None:
        """Have the automations of ours in it, and no older edition of them."""
        known = {one["name"]: one["id"] for one in self._ask("automations/filter", {"limit": 200}, "POST")}
        for wanted in yaml.safe_load(AUTOMATIONS.read_text(encoding="utf-8")):
            run = self._ask(f"deployments/name/{quote(wanted['run'])}", None, "GET")["id"]
            trigger = {"type": "event", "posture": "Reactive", "expect": wanted["expect"], "threshold": 1, "within": 0}
            automation = {
                "name": wanted["name"],
                "description": wanted["description"],
                "enabled": bool(get_settings().alarm_addresses),
                "trigger": trigger,
                "actions": [{"type": "run-deployment", "source": "selected", "deployment_id": run}],
            }
            there = known.get(wanted["name"])
            self._ask(f"automations/{there or ''}", automation, "PUT" if there else "POST")

    def forget_flows_but(self, names: Collection[str]) -> None:
        """Remove flows of our pool with other names, as an older version called them: their runs show nothing true."""
        of_ours = {"deployments": {}, "work_pools": {"name": {"any_": [WORK_POOL]}}, "limit": 200}
        for flow in self._ask("flows/filter", of_ours, "POST"):
            if flow["name"] not in names:
                self._ask(f"flows/{flow['id']}", None, "DELETE")

    def ask_once(self, path: str, body: dict[str, Any] | list[Any] | None, method: str, seconds: float = 5) -> Any:
        """Its answer to one request; OSError, of which HTTPError is one, when it gives none that is of use."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **authorization()}
        request = urllib.request.Request(f"{self.address}/{path}", content, headers, method=method)
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # nosec B310  # http or https, by settings
            return json.loads(answer.read() or b"null")

    def _state_of(self, run: str) -> str:
        return str(self.ask_once(f"flow_runs/{run}", None, "GET")["state"]["type"])

    def _ask(self, path: str, body: dict[str, Any] | None, method: str) -> Any:
        """Its answer, however often it has to be asked; None when what is to be made exists already."""
        try:
            return self._ask_patiently(path, body, method)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.CONFLICT:
                return None
            raise CommandError(f"Serwer Prefect odmówił (HTTP {error.code}). {_LOOK}") from error
        except OSError as error:
            raise CommandError(f"Serwer Prefect nie odpowiada. {_LOOK}") from error

    def _ask_patiently(self, path: str, body: dict[str, Any] | None, method: str) -> Any:
        ask = retry(
            retry=retry_if_exception(_passes), wait=wait_fixed(1), stop=stop_after_delay(_PATIENCE), reraise=True
        )
        return ask(self.ask_once)(path, body, method, seconds=30)


def _passes(error: BaseException) -> bool:
    """Whether asking again helps: the server's database was locked (503), or it was too busy to answer."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, OSError)

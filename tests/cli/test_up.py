"""`ebok up`, one for all tests here: it starts after a kill, works, survives, stops; who may ask its engine for what.

The engine obeys our own processes only, and runs nothing but our flows even for them.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from cli.processes import group_alive
from cli.running import answers
from database.engine import engine_for, reading, transaction
from database.holders import living_here
from documents import summaries
from environment.machine import machine_name
from environment.settings import get_settings
from flows.engine_setup import BASE_JOB_TEMPLATE, SWEEP
from retention.table import KINDS
from tests.cli.engine_runs import ENDED, deploy, deployment, end_of_run, filled, flow, run_of, state, told_of
from tests.cli.running_up import Up
from tests.cli.samples import run
from tests.flows.samples import fill_register, fillable
from tests.waiting import pause

pytestmark = pytest.mark.timeout(600)

SOCKETS = (
    "events/in",
    "events/out",
    "logs/out",
    "task_runs/subscriptions/scheduled",
    "work_pools/ebok/workers/connect",
)
LOOSE: Mapping[str, Any] = {
    "job_configuration": {"command": "{{ command }}"},
    "variables": {"properties": {"command": {}}},
}
"""A template of the work pool by which a run says what is started."""
OUTBOX = "flows.message_sending.deliver_messages"


@dataclass(frozen=True)
class Killed:
    """The processes that an `ebok up` left running which was killed."""

    groups: list[int]
    all_went_on: bool


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Up, Killed]]:
    """`ebok up` on a home where one before it was killed; under an umask that takes nothing away."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        home = tmp_path_factory.mktemp("guarded")
        told = {
            "EBOK_HOME": str(home),
            "EBOK_API_PORT": "0",
            "EBOK_PREFECT_PORT": "0",
            "EBOK_INTAKE_STABLE_SECONDS": "0.5",
            "EBOK_SWEEP_INTERVAL_SECONDS": "1",
            "PREFECT_API_KEY": "of a cloud",
        }
        for name, value in told.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        before = _begun(home)
        try:
            before.until("Działa")
            left = before.groups()
            with before.engine() as engine:  # as an older version or a stranger may have left it
                assert engine.patch("work_pools/ebok", json={"base_job_template": LOOSE}).is_success
        finally:
            before.stop(signal.SIGKILL)
        killed = Killed(left, all(group_alive(leader) for leader in left))
        running = _begun(home)
        try:
            running.until("Działa")
            yield running, killed
        finally:
            children = running.groups()
            assert running.stop(signal.SIGTERM) == 0
            engine_for(get_settings().url).dispose()
            get_settings.cache_clear()
        assert not any(group_alive(leader) for leader in children)
        known = {place for kind in KINDS for place in kind.places}
        assert {path.name for path in home.iterdir()} <= known  # the table of what is kept knows each
        assert not (home / "running.json").exists()


def _begun(home: Path) -> Up:
    mask = os.umask(0)
    try:
        return Up(home)
    finally:
        os.umask(mask)


@pytest.fixture
def up(started: tuple[Up, Killed]) -> Up:
    """What runs, for all tests here: each leaves it at work."""
    return started[0]


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that an attack would make."""
    return tmp_path / "was-here"


def test_what_a_killed_one_left_is_ended_and_put_right_by_the_next(started: tuple[Up, Killed]) -> None:
    up, killed = started
    assert len(killed.groups) == 3
    assert killed.all_went_on
    assert not any(group_alive(leader) for leader in killed.groups)
    assert answers(f"{up.noted()['addresses']['Strony dla klientów']}healthz")
    assert run("up").returncode == 1
    assert "RUNNING" not in _states_of_runs_before(up)


def test_the_template_of_runs_is_ours_again(up: Up) -> None:
    with up.engine() as engine:
        assert engine.get("work_pools/ebok").json()["base_job_template"] == BASE_JOB_TEMPLATE


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "127.0.0.1.example.com"])
def test_the_workflow_engine_listens_to_nobody_but_this_machine(home: Path, host: str) -> None:
    refused = run("up", EBOK_PREFECT_HOST=host)
    assert refused.returncode == 1
    assert f"EBOK_PREFECT_HOST={host}" in refused.stderr
    assert "127.0.0.1" in refused.stderr
    assert not (home / "running.json").exists()


def test_the_authentication_file_is_its_owners_alone_and_stands_nowhere_else(up: Up) -> None:
    secret = up.authentication()
    assert stat.S_IMODE((up.home / "prefect.auth").stat().st_mode) == 0o600
    assert len(secret.partition(":")[2]) >= 43
    forms = (secret.partition(":")[2].encode(), base64.b64encode(secret.encode()))
    holding = [path for path in up.home.rglob("*") if path.is_file() and any(one in path.read_bytes() for one in forms)]
    assert holding == [up.home / "prefect.auth"]
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            assert not any(one in line.read_bytes() for one in forms)
    assert secret not in up.said


def test_the_web_api_that_the_internet_reaches_is_not_told_it(up: Up) -> None:
    environments = [Path(f"/proc/{leader}/environ").read_bytes() for leader in up.groups()]
    told = {
        (b"-m\0api\0" in Path(f"/proc/{one}/cmdline").read_bytes()): b"AUTH_STRING" in environment
        for one, environment in zip(up.groups(), environments, strict=True)
    }
    assert told == {True: False, False: True}


def test_whoever_does_not_sign_in_reads_and_changes_nothing(up: Up) -> None:
    with up.engine() as engine:
        schema = engine.get("openapi.json").json()
        assert engine.post("flow_runs/filter", json={}).is_success
    calls = [(method, path) for path, methods in schema["paths"].items() for method in methods]
    assert len(calls) > 150
    with httpx.Client(base_url=up.noted()["engine"], timeout=60) as stranger:
        answers = {
            (method, path): stranger.request(method, filled(path), json={}).status_code for method, path in calls
        }
    open_to_all = {call for call, status in answers.items() if status != 401}
    assert open_to_all <= {("get", "/health"), ("get", "/ready")}


@pytest.mark.parametrize("tried", ["ebok:", "ebok:wrong", "admin:pass", ":"])
def test_a_wrong_authentication_string_is_none(up: Up, tried: str) -> None:
    with up.engine(tried) as engine:
        assert engine.post("flow_runs/filter", json={}).status_code == 401
        assert engine.delete(f"flow_runs/{uuid4()}").status_code == 401
        header = {"Authorization": f"Bearer {up.authentication()}"}
        assert engine.get("version", headers=header, auth=None).status_code == 401


@pytest.mark.parametrize("path", SOCKETS)
def test_no_web_socket_opens_without_the_authentication_string(up: Up, path: str) -> None:
    url = f"{up.noted()['engine'].replace('http', 'ws', 1)}/{path}"
    with pytest.raises(InvalidStatus), connect(url):
        pass
    for token in (None, "", "ebok:wrong"):
        with connect(url, subprotocols=[Subprotocol("prefect")]) as socket:
            socket.send(json.dumps({"type": "auth", "token": token}))
            with pytest.raises(ConnectionClosed):
                socket.recv(30)
    with connect(url, subprotocols=[Subprotocol("prefect")]) as socket:
        socket.send(json.dumps({"type": "auth", "token": up.authentication()}))
        assert json.loads(socket.recv(30)) == {"type": "auth_success"}
    with (
        pytest.raises(InvalidStatus),
        connect(url, subprotocols=[Subprotocol("prefect")], origin=Origin("http://evil.example.com")),
    ):
        pass


@pytest.mark.parametrize("origin", ["http://evil.example.com", "http://localhost:8000", "null", "https://127.0.0.1"])
def test_a_page_of_another_origin_gets_nothing_even_signed_in(up: Up, origin: str) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    with up.engine() as engine:
        for answer in (
            engine.options("flow_runs/filter", headers=asked),
            engine.post("flow_runs/filter", headers={"Origin": origin}, json={}),
            engine.get("health", headers={"Origin": origin}),
        ):
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:4200", "127.0.0.1.example.com", "", "0.0.0.0"])
def test_a_name_that_a_stranger_gave_this_machine_opens_nothing(up: Up, host: str) -> None:
    with up.engine() as engine:
        for headers in ({"Host": host}, {"Host": host, "Origin": f"http://{host}"}):
            assert engine.post("flow_runs/filter", headers=headers, json={}).status_code in (400, 403)
            assert engine.get("health", headers=headers).status_code in (400, 403)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_its_own_pages_work_by_both_names_of_this_machine(up: Up, name: str) -> None:
    ui = httpx.URL(up.noted()["engine"]).copy_with(host=name, path="/")
    with up.engine() as engine:
        origin = str(ui).rstrip("/")
        answer = engine.post(f"{ui}api/flow_runs/filter", headers={"Origin": origin}, json={})
        page = engine.get(str(ui), follow_redirects=True)
    assert answer.is_success
    assert "<html" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "server" not in page.headers


@pytest.mark.parametrize(
    "wanted", [{"command": "touch {marker}"}, {"env": {"PYTHONPATH": "/tmp"}}, {"working_dir": "/"}]
)
def test_no_run_and_no_deployment_says_how_it_is_started(up: Up, marker: Path, wanted: dict[str, Any]) -> None:
    asked = json.loads(json.dumps(wanted).replace("{marker}", str(marker)))
    with up.engine() as engine:
        ours = deployment(engine, entrypoint=OUTBOX)
        refused = engine.post(f"deployments/{ours}/create_flow_run", json={"job_variables": asked})
        assert refused.status_code == 422
        assert deploy(engine, entrypoint=OUTBOX, job_variables=asked).status_code == 422


def test_a_template_that_was_loosened_starts_our_command_all_the_same(up: Up, marker: Path) -> None:
    with up.engine() as engine:
        before = engine.get("work_pools/ebok").json()["base_job_template"]
        properties = {"command": {"type": "string", "default": f"touch {marker}"}}
        loose = {**LOOSE, "variables": {"properties": properties}}
        engine.patch("work_pools/ebok", json={"base_job_template": loose}).raise_for_status()
        up.said = ""
        os.killpg(up.groups()[-1], signal.SIGKILL)  # the next worker begins with what the server tells it
        up.until("Proces worker")
        asked = {"job_variables": {"command": f"touch {marker}"}}
        ours = deployment(engine, entrypoint=OUTBOX, job_variables=asked["job_variables"])
        assert end_of_run(engine, run_of(engine, ours, asked), marker)["type"] == "COMPLETED"
        engine.patch("work_pools/ebok", json={"base_job_template": before}).raise_for_status()
    assert not marker.exists()


STEPS = [{"prefect.deployments.steps.run_shell_script": {"script": "touch {marker}"}}]
FOREIGN: Mapping[str, Mapping[str, Any]] = {
    "a file": {"entrypoint": "{folder}/foreign.py:attack", "path": "{folder}"},
    "steps before our flow": {"entrypoint": OUTBOX, "pull_steps": STEPS},
}
"""The others that ``tests/flows/test_deployments.py`` has are refused by the same line."""


def test_a_deployment_of_a_stranger_is_refused(up: Up, tmp_path: Path, marker: Path) -> None:
    code = (
        f"import pathlib\nfrom prefect import flow\npathlib.Path({str(marker)!r}).touch()\n\n@flow\ndef attack(): ...\n"
    )
    (tmp_path / "foreign.py").write_text(code)
    told = json.dumps(dict(FOREIGN)).replace("{folder}", str(tmp_path)).replace("{marker}", str(marker))
    with up.engine() as engine:
        runs = {kind: run_of(engine, deployment(engine, **one)) for kind, one in json.loads(told).items()}
        ends = {kind: end_of_run(engine, one, marker) for kind, one in runs.items()}
    for kind, end in ends.items():
        assert (end["type"], end["name"]) == ("FAILED", "Refused"), kind
        assert "`ebok up`" in end["message"], kind


def _cancelled(engine: httpx.Client, run: str) -> None:
    state = {"type": "CANCELLING", "name": "Cancelling"}
    engine.post(f"flow_runs/{run}/set_state", json={"state": state, "force": True}).raise_for_status()


def _killed(_engine: httpx.Client, run: str) -> None:
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"PREFECT__FLOW_RUN_ID={run}".encode() in environment.read_bytes():
                os.kill(int(environment.parent.name), signal.SIGKILL)


def test_runs_that_are_broken_off_bring_no_stranger_into_the_worker(up: Up, marker: Path) -> None:
    told = {"entrypoint": "flows.sweep.intake_sweep", "parameters": {"every_seconds": 86_400}}
    with up.engine() as engine:
        name, ours = f"changed-{uuid4()}", flow(engine)
        changed = deployment(engine, name=name, flow_id=ours, **told)
        runs = {broken_off: run_of(engine, changed) for broken_off in (_cancelled, _killed)}
        for one in runs.values():
            while (found := state(engine, one)["type"]) != "RUNNING":
                assert found not in ENDED
                pause()
        steps = json.loads(json.dumps(STEPS).replace("{marker}", str(marker)))
        assert deployment(engine, name=name, flow_id=ours, pull_steps=steps, **told) == changed
        for broken_off, one in runs.items():
            broken_off(engine, one)
        for one in runs.values():
            while not any(words in told_of(engine, one) for words in ("execute on_", "pull step")):
                assert not marker.exists()
                pause()
            while state(engine, one)["type"] not in ENDED:
                pause()
    assert not marker.exists()


def test_it_works_and_survives_that_its_sweep_and_its_engine_are_killed(up: Up, tmp_path: Path) -> None:
    fill_register()
    shutil.move(fillable(tmp_path / "a.pdf", "ebok_signup"), up.home / "inbox" / "skan.pdf")
    _await(up, lambda: _confirmed() == 1)
    assert json.loads(run("status", "--json").stdout)["machines"] == [machine_name()]

    killed, up.said = _sweeps(), ""
    for sweep in killed:
        with suppress(ProcessLookupError):  # one that another test broke off
            os.kill(sweep, signal.SIGKILL)
    up.until("Przebieg został przerwany")
    shutil.move(fillable(tmp_path / "b.pdf", "ebok_signup", 1), up.home / "inbox" / "skan.pdf")
    _await(up, lambda: _confirmed() == 2)
    assert set(_sweeps()).isdisjoint(killed)

    os.killpg(up.groups()[0], signal.SIGKILL)
    up.until("Proces server")
    _await(up, lambda: answers(f"{up.noted()['engine']}/health"))


def _states_of_runs_before(up: Up) -> set[str]:
    """States of the flow runs that began before this start."""
    wanted = {"flow_runs": {"start_time": {"before_": up.started.isoformat()}}}
    with up.engine() as engine:
        return {run["state_type"] for run in engine.post("flow_runs/filter", json=wanted).json()}


def _await(up: Up, reached: Callable[[], bool]) -> None:
    while not reached():
        assert up.process.poll() is None, up.said
        pause()


def _sweeps() -> list[int]:
    """The processes of the sweeps that live."""
    with reading() as session:
        return [one.pid for one in living_here(session) if one.purpose == SWEEP]


def _confirmed() -> int:
    with transaction() as session:
        return int(summaries.counts(session)["by_state"]["confirmed"])

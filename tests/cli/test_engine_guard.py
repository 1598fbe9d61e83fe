"""The engine of a running `ebok up` obeys our own processes only, and runs nothing but our flows even for them."""

from __future__ import annotations

import base64
import json
import os
import signal
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.cli.running_up import Up
from tests.waiting import pause

pytestmark = pytest.mark.timeout(300)

SOCKETS = (
    "events/in",
    "events/out",
    "logs/out",
    "task_runs/subscriptions/scheduled",
    "work_pools/ebok/workers/connect",
)
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
OUTBOX = "flows.message_sending.deliver_messages"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Started once, under an umask that takes nothing away."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        home = tmp_path_factory.mktemp("guarded")
        told = {"EBOK_HOME": str(home), "EBOK_API_PORT": "0", "EBOK_PREFECT_PORT": "0", "PREFECT_API_KEY": "of a cloud"}
        for name, value in told.items():
            patch.setenv(name, value)
        mask = os.umask(0)
        try:
            running = Up(home)
        finally:
            os.umask(mask)
    try:
        running.until("Działa")
        yield running
    finally:
        assert running.stop(signal.SIGTERM) == 0
        assert running.process.stdout is not None
        running.process.stdout.close()


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that an attack would make."""
    return tmp_path / "was-here"


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
            (method, path): stranger.request(method, _filled(path), json={}).status_code for method, path in calls
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
        ours = _deployment(engine, entrypoint=OUTBOX)
        refused = engine.post(f"deployments/{ours}/create_flow_run", json={"job_variables": asked})
        assert refused.status_code == 422
        assert _deploy(engine, entrypoint=OUTBOX, job_variables=asked).status_code == 422


def test_a_template_that_was_loosened_starts_our_command_all_the_same(up: Up, marker: Path) -> None:
    with up.engine() as engine:
        before = engine.get("work_pools/ebok").json()["base_job_template"]
        properties = {"command": {"type": "string", "default": f"touch {marker}"}}
        loose = {"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": properties}}
        engine.patch("work_pools/ebok", json={"base_job_template": loose}).raise_for_status()
        up.said = ""
        os.killpg(up.groups()[-1], signal.SIGKILL)  # the next worker begins with what the server tells it
        up.until("Proces worker")
        asked = {"job_variables": {"command": f"touch {marker}"}}
        ours = _deployment(engine, entrypoint=OUTBOX, job_variables=asked["job_variables"])
        assert _end_of_run(engine, ours, marker, asked)["type"] == "COMPLETED"
        engine.patch("work_pools/ebok", json={"base_job_template": before}).raise_for_status()
    assert not marker.exists()


STEPS = [{"prefect.deployments.steps.run_shell_script": {"script": "touch {marker}"}}]
FOREIGN: Mapping[str, Mapping[str, Any]] = {
    "a file": {"entrypoint": "{folder}/foreign.py:attack", "path": "{folder}"},
    "steps before our flow": {"entrypoint": OUTBOX, "pull_steps": STEPS},
}
"""The others that ``tests/flows/test_deployments.py`` has are refused by the same line."""


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_deployment_of_a_stranger_is_refused(up: Up, tmp_path: Path, marker: Path, kind: str) -> None:
    code = (
        f"import pathlib\nfrom prefect import flow\npathlib.Path({str(marker)!r}).touch()\n\n@flow\ndef attack(): ...\n"
    )
    (tmp_path / "foreign.py").write_text(code)
    told = json.dumps(FOREIGN[kind]).replace("{folder}", str(tmp_path)).replace("{marker}", str(marker))
    with up.engine() as engine:
        end = _end_of_run(engine, _deployment(engine, **json.loads(told)), marker)
    assert (end["type"], end["name"]) == ("FAILED", "Refused")
    assert "`ebok up`" in end["message"]


def _cancelled(engine: httpx.Client, run: str) -> None:
    state = {"type": "CANCELLING", "name": "Cancelling"}
    engine.post(f"flow_runs/{run}/set_state", json={"state": state, "force": True}).raise_for_status()


def _killed(_engine: httpx.Client, run: str) -> None:
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"PREFECT__FLOW_RUN_ID={run}".encode() in environment.read_bytes():
                os.kill(int(environment.parent.name), signal.SIGKILL)


@pytest.mark.parametrize("broken_off", [_cancelled, _killed])
def test_a_run_that_is_broken_off_brings_no_stranger_into_the_worker(
    up: Up, marker: Path, broken_off: Callable[[httpx.Client, str], None]
) -> None:
    told = {"entrypoint": "flows.sweep.intake_sweep", "parameters": {"every_seconds": 300}}
    with up.engine() as engine:
        name, flow = f"changed-{uuid4()}", _flow(engine)
        ours = _deployment(engine, name=name, flow_id=flow, **told)
        run = engine.post(f"deployments/{ours}/create_flow_run", json={}).json()["id"]
        while _state(engine, run)["type"] != "RUNNING":
            assert _state(engine, run)["type"] not in ENDED
            pause()
        steps = json.loads(json.dumps(STEPS).replace("{marker}", str(marker)))
        assert _deployment(engine, name=name, flow_id=flow, pull_steps=steps, **told) == ours
        broken_off(engine, run)
        while not any(words in _told_of(engine, run) for words in ("execute on_", "pull step")):
            assert not marker.exists()
            pause()
        while _state(engine, run)["type"] not in ENDED:
            pause()
    assert not marker.exists()


def _filled(path: str) -> str:
    """A path of the schema with something in its blanks."""
    return "/".join(str(uuid4()) if "{" in part else part for part in path.split("/"))


def _flow(engine: httpx.Client) -> str:
    return str(engine.get("flows/name/Przegląd").json()["id"])


def _deploy(engine: httpx.Client, **told: Any) -> httpx.Response:
    asked = {"name": f"foreign-{uuid4()}", "flow_id": _flow(engine), "work_pool_name": "ebok", **told}
    return engine.post("deployments/", json=asked)


def _deployment(engine: httpx.Client, **told: Any) -> str:
    return str(_deploy(engine, **told).raise_for_status().json()["id"])


def _end_of_run(
    engine: httpx.Client, deployment: str, marker: Path, asked: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """The state in which a run of this deployment ends, without the attack having made its mark."""
    made = engine.post(f"deployments/{deployment}/create_flow_run", json=dict(asked)).raise_for_status().json()
    while (state := _state(engine, made["id"]))["type"] not in ENDED:
        assert not marker.exists()
        pause()
    assert not marker.exists()
    return state


def _told_of(engine: httpx.Client, run: str) -> str:
    """The log of a run, of which the worker writes a part."""
    wanted = {"logs": {"flow_run_id": {"any_": [run]}}}
    return "\n".join(one["message"] for one in engine.post("logs/filter", json=wanted).json())


def _state(engine: httpx.Client, run: str) -> dict[str, Any]:
    return dict(engine.get(f"flow_runs/{run}").json()["state"])

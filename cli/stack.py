"""Everything that runs on one machine: Prefect's server and worker, and the web API, as children of this process."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from tenacity import retry, retry_if_exception, stop_after_delay, wait_fixed

from cli import running
from cli.console import CommandError
from cli.environment import absolute_environment
from cli.processes import GRACE, Child, free_port
from cli.sweep_watch import SweepWatch
from environment.machine import machine_name
from environment.settings import get_settings
from flows.authentication import authentication_file, authorization
from flows.engine import (
    BASE_JOB_TEMPLATE,
    DEPLOYMENTS,
    SWEEP,
    WORK_POOL,
    children_environment,
    is_loopback,
    server_command,
    server_environment,
)

_PATIENCE: Final = 180.0
"""Seconds that a child may take to answer for the first time."""
_DEPLOYED_SWEEP: Final = f"{SWEEP}/scan-folder"
_EVERYWHERE: Final = "0.0.0.0"  # nosec B104  # compared, not bound
_LOOK: Final = "Zajrzyj do dziennika server.log i uruchom `ebok up` ponownie."
_MEMORY: Final = 600.0
"""Seconds for which the death of a child counts: the more of them, the longer the pause before its next start."""
_LONGEST_PAUSE: Final = 60.0
_NOT_OVER: Final = ("RUNNING", "PENDING", "CANCELLING")
_CRASHED: Final = {"type": "CRASHED", "name": "Crashed", "message": "It was broken off; the next sweep goes on."}
_BARE: Final = (
    "EBOK_PREFECT_HOST={host}: Prefect może słuchać tylko na tej maszynie, bo kto się do niego zaloguje, może "
    "zatrzymywać i usuwać przebiegi. Usuń to ustawienie albo wpisz 127.0.0.1. Z innego komputera zaglądaj tunelem: "
    "ssh -L {port}:127.0.0.1:{port} UŻYTKOWNIK@MASZYNA."
)

Stopped = Callable[[float], bool]
"""Waits so many seconds; True when the stack is to stop."""


@dataclass
class Stack:
    """The processes, their addresses and their health; ``tell`` gets each step in Polish as it happens."""

    tell: Callable[[str], None]
    stopped: Stopped
    children: dict[str, Child] = field(default_factory=dict)
    deaths: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = get_settings()
        if not is_loopback(settings.prefect_host):
            raise CommandError(_BARE.format(host=settings.prefect_host, port=settings.prefect_port or 4200))
        self.api_port = free_port(settings.api_host, settings.api_port)
        self.engine_port = free_port(settings.prefect_host, settings.prefect_port)
        self.logs = settings.home / "logs"
        self.scratch = (settings.home / "tmp").absolute()
        self.sweeps = SweepWatch(self, self.tell)

    @property
    def engine_ui(self) -> str:
        """The address of Prefect's user interface."""
        return f"http://{get_settings().prefect_host}:{self.engine_port}"

    @property
    def engine_api(self) -> str:
        """The address of Prefect's API."""
        return f"{self.engine_ui}/api"

    @property
    def api(self) -> str:
        """The address of the web API."""
        return f"http://{_reachable(get_settings().api_host)}:{self.api_port}"

    @property
    def addresses(self) -> dict[str, str]:
        """Where to look, by what it is (Polish)."""
        return {
            "Prefect (przebieg spraw)": self.engine_ui,
            "Hasło do Prefect (plik)": str(authentication_file().absolute()),
            "Biuro (praca nad dokumentami)": f"{self.api}/biuro/",
            "Strony dla klientów": f"{self.api}/",
            "Opis API": f"{self.api}/docs",
            "Folder skanów": str(get_settings().inbox.absolute()),
            "Wiadomości i listy": str(get_settings().outgoing.absolute()),
            "Dzienniki": str(self.logs.absolute()),
        }

    def start(self) -> None:
        """Start everything in order and wait until it answers; CommandError when something does not come up."""
        settings = get_settings()
        shutil.rmtree(self.scratch, ignore_errors=True)  # what a crash left behind
        self.scratch.mkdir(parents=True)
        environment = self._environment()
        engine = children_environment(environment, self.engine_api)
        self.tell("Uruchamiam serwer Prefect")
        command = server_command("create_server", settings.prefect_host, self.engine_port, log_level="warning")
        self._launch("server", command, server_environment(environment, self.engine_api))
        self.tell("Uruchamiam API")
        self._launch("api", ("api", str(self.api_port)), environment)
        self._await("server", f"{self.engine_api}/health")
        self.tell("Zapisuję procesy (prefect.yaml)")
        self._make_pool()
        self._close_abandoned_runs()
        self._deploy(engine)
        self.tell("Uruchamiam pracownika")
        self._launch("worker", ("flows.worker",), engine)
        self.sweeps.look()
        self._await("api", f"{self.api}/healthz")

    def begin_sweep(self) -> str:
        """Have a sweep begin on this machine at once, before its time: its run; OSError when asked in vain."""
        found = _ask_once(f"{self.engine_api}/deployments/name/{_DEPLOYED_SWEEP}", None, "GET")
        asked = {"work_queue_name": machine_name()}
        return str(_ask_once(f"{self.engine_api}/deployments/{found['id']}/create_flow_run", asked, "POST")["id"])

    def is_on_its_way(self, run: str) -> bool:
        """Whether a run has yet to begin, or has begun; OSError when asked in vain."""
        return self._state_of(run) in ("SCHEDULED", *_NOT_OVER)

    def close_run(self, run: str) -> None:
        """Call a run by its name that was broken off; OSError when asked in vain."""
        if self._state_of(run) in _NOT_OVER:
            _ask_once(f"{self.engine_api}/flow_runs/{run}/set_state", {"state": _CRASHED, "force": True}, "POST")

    def _state_of(self, run: str) -> str:
        return str(_ask_once(f"{self.engine_api}/flow_runs/{run}", None, "GET")["state"]["type"])

    def watch(self) -> None:
        """Start again what dies: at once, and after a growing pause when it keeps dying; and see that a sweep lives."""
        for name, child in self.children.items():
            if child.alive:
                continue
            deaths = self.deaths.setdefault(name, [])
            if not deaths or child.died > deaths[-1]:
                deaths[:] = [*(at for at in deaths if child.died - at < _MEMORY), child.died]
                self.tell(
                    f"Proces {name} zakończył się (kod {child.status}), uruchamiam go ponownie; dziennik: {child.log}"
                )
            if time.monotonic() >= child.died + _pause(len(deaths)):
                child.start()
                self._note()
        self.sweeps.look()

    def stop(self) -> None:
        """Stop the worker with its flow runs, the API, then the server; kill what does not end in time."""
        for names in (("worker", "api", "deploy"), ("server",)):
            children = [self.children[name] for name in names if name in self.children]
            for child in children:
                child.terminate()
            deadline = time.monotonic() + GRACE
            for child in children:
                child.await_end(deadline)
            if "worker" in names:
                self.sweeps.end_all(GRACE)
        running.forget()

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, **absolute_environment()}
        environment["EBOK_API_PORT"] = str(self.api_port)
        environment["EBOK_PREFECT_PORT"] = str(self.engine_port)
        environment.setdefault("EBOK_PUBLIC_URL", self.api)
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
        environment["PYTHONUNBUFFERED"] = "1"
        # The worker dies when somebody else left his `runner_storage` in the system's folder; uploads pass here, too.
        environment["TMPDIR"] = str(self.scratch)
        return environment

    def _launch(self, name: str, module: tuple[str, ...], environment: dict[str, str]) -> Child:
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        child = Child(name, (sys.executable, "-m", *module), environment, log)
        child.start()
        self.children[name] = child
        self._note()
        return child

    def _deploy(self, environment: dict[str, str]) -> None:
        command = ("prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(DEPLOYMENTS))
        child = self._launch("deploy", command, environment)
        self._await_that(lambda: not child.alive, child, ended=True)
        del self.children["deploy"]
        if child.status != 0:
            raise CommandError(f"Nie udało się zapisać procesów z prefect.yaml:\n{child.last_words()}")

    def _make_pool(self) -> None:
        """The work pool with our template, which an older version or a stranger may have left otherwise."""
        pool = {"name": WORK_POOL, "type": "process", "base_job_template": BASE_JOB_TEMPLATE}
        if _post(f"{self.engine_api}/work_pools/", pool) is None:
            _ask(f"{self.engine_api}/work_pools/{WORK_POOL}", {"base_job_template": BASE_JOB_TEMPLATE}, "PATCH")

    def _close_abandoned_runs(self) -> None:
        """Call what an earlier stop broke off by its name; only the register says what is still to do."""
        unfinished = {"flow_runs": {"state": {"type": {"any_": _NOT_OVER}}}, "limit": 200}
        for run in _post(f"{self.engine_api}/flow_runs/filter", unfinished):
            _post(f"{self.engine_api}/flow_runs/{run['id']}/set_state", {"state": _CRASHED, "force": True})

    def _await(self, name: str, url: str) -> None:
        self._await_that(lambda: running.answers(url), self.children[name])

    def _await_that(self, ready: Callable[[], bool], child: Child, *, ended: bool = False) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            if self.stopped(0.2):
                raise KeyboardInterrupt
            if not (child.alive or ended):
                raise CommandError(f"Proces {child.name} nie wystartował. Koniec jego dziennika:\n{child.last_words()}")
            if time.monotonic() > deadline:
                raise CommandError(f"Proces {child.name} nie odpowiada. Koniec jego dziennika:\n{child.last_words()}")

    def _note(self) -> None:
        running.note(self.addresses, self.engine_api, self.children.values())


def _pause(deaths: int) -> float:
    return 0.0 if deaths == 1 else min(2.0 ** (deaths - 1), _LONGEST_PAUSE)


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in (_EVERYWHERE, "::") else host


def _post(url: str, body: dict[str, Any]) -> Any:
    """Post JSON to Prefect's API and give its answer; None when what is to be made exists already."""
    return _ask(url, body, "POST")


def _passes(error: BaseException) -> bool:
    """Whether asking again helps: the server's database was locked (503), or it was too busy to answer."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, OSError)


@retry(retry=retry_if_exception(_passes), wait=wait_fixed(1), stop=stop_after_delay(_PATIENCE), reraise=True)
def _ask_patiently(url: str, body: dict[str, Any] | None, method: str) -> Any:
    return _ask_once(url, body, method, seconds=30)


def _ask_once(url: str, body: dict[str, Any] | None, method: str, seconds: float = 5) -> Any:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **authorization()}
    request = urllib.request.Request(url, content, headers, method=method)
    with urllib.request.urlopen(request, timeout=seconds) as answer:  # nosec B310  # our own address
        return json.loads(answer.read() or b"null")


def _ask(url: str, body: dict[str, Any] | None, method: str) -> Any:
    try:
        return _ask_patiently(url, body, method)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.CONFLICT:
            return None
        raise CommandError(f"Serwer Prefect odmówił (HTTP {error.code}). {_LOOK}") from error
    except OSError as error:
        raise CommandError(f"Serwer Prefect nie odpowiada. {_LOOK}") from error

"""Everything that runs on one machine: Prefect's server and worker, and the web API, as children of this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cli import running
from cli.alarm_watch import AlarmWatch
from cli.console import CommandError
from cli.engine_api import EngineApi
from cli.environment import child_environment
from cli.ports import require_port
from cli.processes import GRACE
from cli.supervision import Supervisor
from cli.sweep_watch import SweepWatch, runs_elsewhere
from environment.disk_faults import is_of_machine
from environment.settings import get_settings
from flows.authentication import authentication_file
from flows.engine_setup import children_environment, is_loopback, server_command, server_environment
from flows.names import FLOWS

_PATIENCE: Final = 180.0
"""Seconds that a child may take to answer for the first time."""
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec B104  # compared, not bound
_SECRET: Final = "EBOK_PREFECT_AUTH"  # nosec B105  # the name of the setting
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

    def __post_init__(self) -> None:
        settings = get_settings()
        if not is_loopback(settings.prefect_host):
            raise CommandError(_BARE.format(host=settings.prefect_host, port=settings.prefect_port or 4200))
        self.api_port = require_port(settings.api_host, settings.api_port, "EBOK_API_PORT", 8000)
        self.engine_port = require_port(settings.prefect_host, settings.prefect_port, "EBOK_PREFECT_PORT", 4200)
        self.engine_ui = f"http://{settings.prefect_host}:{self.engine_port}"
        self.engine = EngineApi(f"{self.engine_ui}/api")
        self.children = Supervisor(settings.home / "logs", self.tell, self._note)
        self.sweeps = SweepWatch(self.engine, self.tell)
        self.alarms = AlarmWatch(self.engine)
        self._noted = True

    @property
    def api(self) -> str:
        """The address of the web API."""
        return f"http://{_reachable(get_settings().api_host)}:{self.api_port}"

    @property
    def desk(self) -> str:
        """Where staff open the desk: by the settings where these say it, else here."""
        settings = get_settings()
        named = settings.model_fields_set & {"public_url", "desk_url"}
        return settings.staff_url if named else self.api

    @property
    def addresses(self) -> dict[str, str]:
        """Where to look, by what it is (Polish)."""
        return {
            "Prefect (przebieg spraw)": self.engine_ui,
            "Hasło do Prefect (plik)": str(authentication_file().absolute()),
            "Biuro (praca nad dokumentami)": f"{self.desk}/biuro/",
            "Strony dla klientów": f"{self.api}/",
            "Opis API": f"{self.api}/docs",
            "Folder skanów": str(get_settings().inbox.absolute()),
            "Wiadomości i listy": str(get_settings().outgoing.absolute()),
            "Dzienniki": str(self.children.logs.absolute()),
        }

    def start(self) -> None:
        """Start everything in order and wait until it answers; CommandError when something does not come up."""
        settings = get_settings()
        environment = self._environment()
        self.tell("Uruchamiam serwer Prefect")
        command = server_command("create_server", settings.prefect_host, self.engine_port, log_level="warning")
        self.children.launch("server", command, server_environment(environment, self.engine.address))
        self.tell("Uruchamiam API")
        for_strangers = {name: value for name, value in environment.items() if name != _SECRET}
        self.children.launch("api", ("api", str(self.api_port)), for_strangers)
        self._await("server", f"{self.engine.address}/health")
        self.tell("Zapisuję procesy (prefect.yaml)")
        self.engine.make_pool()
        self.engine.close_runs_but(runs_elsewhere())
        self.engine.deploy()
        self.engine.forget_flows_but(FLOWS)
        self.engine.automate()
        self.tell("Uruchamiam pracownika")
        self.children.launch("worker", ("flows", "worker"), children_environment(environment, self.engine.address))
        self.sweeps.look()
        self._await("api", f"{self.api}/healthz")

    def watch(self) -> None:
        """Start again what dies, see that a sweep lives, and look for alarms."""
        try:
            self.children.keep_alive()
            if not self._noted:
                self._note()
        except OSError as fault:  # a disk without room ends nothing that still runs: tried again at the next look
            if not is_of_machine(fault):
                raise
        self.sweeps.look()
        self.alarms.look()

    def stop(self) -> None:
        """Stop the worker with its flow runs, the API, then the server; kill what does not end in time."""
        self.children.stop("worker", "api")
        self.sweeps.end_all(GRACE)
        self.children.stop("server")
        running.forget()

    def _environment(self) -> dict[str, str]:
        environment = child_environment()
        environment["EBOK_API_PORT"] = str(self.api_port)
        environment["EBOK_PREFECT_PORT"] = str(self.engine_port)
        environment.setdefault("EBOK_PUBLIC_URL", self.api)
        return environment

    def _await(self, name: str, url: str) -> None:
        child = self.children[name]
        deadline = time.monotonic() + _PATIENCE
        while not (running.answers(url) and child.alive):
            if self.stopped(0.2):
                raise KeyboardInterrupt
            if not child.alive:
                raise CommandError(f"Proces {child.name} nie wystartował. Koniec jego dziennika:\n{child.last_words()}")
            if time.monotonic() > deadline:
                raise CommandError(f"Proces {child.name} nie odpowiada. Koniec jego dziennika:\n{child.last_words()}")

    def _note(self) -> None:
        self._noted = False
        running.note(self.addresses, self.engine.address, self.children)
        self._noted = True


def _reachable(host: str) -> str:
    """How an address of this machine is asked that the server is bound to."""
    here = _EVERYWHERE.get(host, host)
    return f"[{here}]" if ":" in here else here

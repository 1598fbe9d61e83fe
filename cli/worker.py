"""`ebok worker`: this machine shares the work of another one, without web pages or a workflow engine of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rich.text import Text

from cli import running
from cli.console import err, out
from cli.environment import child_environment
from cli.joining import engine_joined, require_what_is_shared
from cli.originals import place, warning
from cli.processes import GRACE
from cli.supervision import Supervisor
from cli.sweep_watch import SweepWatch
from cli.up import print_addresses, stop_signal
from customers.effects import all_effects
from database.private_files import close_to_others
from environment.machine import machine_name
from environment.settings import get_settings
from flows.engine_setup import children_environment
from forms.terms import check_terms
from retention.nightly import run_for_logs

_LOGS_EVERY: Final = 3600.0
"""Seconds between looks whether the logs are to be parted: the nightly run knows those of the main machine only."""
_NO_SCANS: Final = "Skanów ta maszyna nie pobiera; gdy ma to robić, ustaw wspólny folder w EBOK_INBOX_DIR."
_NO_FILES: Final = (
    "Listów do druku i wiadomości zapisywanych do plików ta maszyna nie pisze, robi to główna; gdy ma to robić, ustaw "
    "wspólny folder w EBOK_OUTGOING_DIR."
)


def run() -> None:
    """Join, keep everything alive, stop cleanly on Ctrl-C or SIGTERM."""
    stopping = stop_signal()
    with running.claim_home():
        check_terms()
        all_effects()
        close_to_others(get_settings().home)
        require_what_is_shared()
        if lacking := warning():
            err().print(Text(lacking, "yellow"), soft_wrap=True)
        joined = Joined(tell=lambda text: err().print(text, soft_wrap=True))
        try:
            joined.start()
            print_addresses(joined.addresses)
            for told in joined.left_to_others():
                out().print(told, soft_wrap=True)
            out().print("Działa. Ctrl-C zatrzymuje tę maszynę, pozostałe pracują dalej.")
            while not stopping.wait(1.0):
                joined.watch()
        finally:
            err().print("Zatrzymuję")
            joined.stop()
    err().print("Zatrzymane")


class Joined:
    """What runs on a machine that joins another: the engine's worker, and the sweep that it is asked for."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._engine = tell, engine_joined()
        self._children = Supervisor(get_settings().home / "logs", tell, self._note)
        self._sweeps = SweepWatch(self._engine, tell)
        self._next_logs = 0.0

    @property
    def addresses(self) -> dict[str, str]:
        """Where to look, by what it is (Polish)."""
        settings = get_settings()
        shared = {"Folder skanów": settings.inbox_dir, "Wiadomości i listy": settings.outgoing_dir}
        return {
            "Ta maszyna": machine_name(),
            "Prefect na głównej maszynie": str(settings.prefect_url),
            "Oryginały": place(),
            **{name: str(folder.absolute()) for name, folder in shared.items() if folder is not None},
            "Dzienniki": str(self._children.logs.absolute()),
        }

    def left_to_others(self) -> list[str]:
        """What this machine does not do, with the setting by which it would."""
        settings = get_settings()
        told = ((settings.takes_scans, _NO_SCANS), (settings.writes_messages, _NO_FILES))
        return [text for done, text in told if not done]

    def start(self) -> None:
        """Start the worker and have a sweep begin."""
        self._tell("Uruchamiam pracownika")
        self._children.launch(
            "worker", ("flows", "worker"), children_environment(child_environment(), self._engine.address)
        )
        self._sweeps.look()

    def watch(self) -> None:
        """Start again what dies, see that a sweep lives, and part the logs by days."""
        self._children.keep_alive()
        self._sweeps.look()
        if time.monotonic() >= self._next_logs:
            run_for_logs()
            self._next_logs = time.monotonic() + _LOGS_EVERY

    def stop(self) -> None:
        """Stop the worker with its flow runs; what they held is free at once."""
        self._children.stop("worker")
        self._sweeps.end_all(GRACE)
        running.forget()

    def _note(self) -> None:
        running.note(self.addresses, self._engine.address, self._children)

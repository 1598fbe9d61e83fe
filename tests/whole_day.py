"""A day of an installation, as a program: it starts, its pages are looked at, papers come in each way, it stops.

``python tests/whole_day.py EBOK FOLDER`` runs the command EBOK with the settings of the environment; FOLDER holds what
``prepare`` put there. It ends with status 0 when everything went as it should.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

SOMEBODY_ELSE = "203.0.113.9"
"""Whose address a sender claims to have."""
_PATIENCE = 240.0
"""Seconds after which something that should happen will not."""
_BETWEEN_LOOKS = 1.0
_PAGES = (
    "/",
    "/do-pobrania",
    "/wyslij",
    "/static/ebok.css",
    "/formularze/ebok_signup",
    "/sprawa",
    "/readyz?part=database",
    "/docs",
)


def prepare(folder: Path) -> None:
    """Customers, a form as JSON, a paper to be scanned and one to be uploaded."""
    from tests.flows.samples import PEOPLE, scanned, values, write_customers  # noqa: PLC0415  not in the day itself

    write_customers(PEOPLE, folder / "customers.csv")
    scanned(folder / "scan.pdf", "einvoice_acceptance", 0)
    scanned(folder / "upload.pdf", "einvoice_acceptance", 1)
    given = values("ebok_signup", 2)
    given.pop("signature", None)
    (folder / "form.json").write_text(json.dumps(given))


class Day:
    """The installation and what it says."""

    def __init__(self, ebok: str, folder: Path) -> None:
        self.ebok, self.folder = ebok, folder
        self.said = ""

    def command(self, *words: str | Path) -> str:
        """One command to its end; gives what it wrote."""
        return subprocess.run([self.ebok, *words], check=True, stdout=subprocess.PIPE, text=True).stdout

    def story(self, tracking: str) -> dict[str, Any]:
        """What became of a document."""
        return dict(json.loads(self.command("show", tracking, "--json")))

    def until(self, up: subprocess.Popen[str], words: str) -> None:
        """Wait until the installation says so."""
        assert up.stdout is not None
        while words not in self.said:
            line = up.stdout.readline()
            assert line, self.said
            self.said += line

    def address(self, name: str) -> str:
        """Where a part of it is reached."""
        found = re.search(rf"{name}\s+(http://[\d.:]+)", self.said)
        assert found is not None, self.said
        return found[1]

    def look(self, ours: str, engine: str) -> None:
        """The pages of customers, of the desk and of the workflow engine."""
        for page in _PAGES:
            answer = httpx.get(ours + page, headers={"X-Forwarded-For": SOMEBODY_ELSE})
            assert answer.status_code == HTTPStatus.OK, page
            assert "server" not in answer.headers, "which server answers is nobody's business"
        assert httpx.get(f"{ours}/biuro/").status_code == HTTPStatus.UNAUTHORIZED
        assert "<html" in httpx.get(engine, follow_redirects=True).text

    def send(self, ours: str) -> list[str]:
        """A form and a file; gives their tracking numbers."""
        form = json.loads((self.folder / "form.json").read_text())
        with (self.folder / "upload.pdf").open("rb") as paper:
            answers = [
                httpx.post(f"{ours}/api/v1/forms/ebok_signup/submissions", json=form, timeout=60),
                httpx.post(f"{ours}/api/v1/uploads", files={"file": ("pismo.pdf", paper)}, timeout=60),
            ]
        assert all(answer.is_success for answer in answers), [answer.text for answer in answers]
        return [answer.json()["tracking"] for answer in answers]

    def worked_off(self, ours: str, sent: list[str]) -> bool:
        """Whether everything that came in took effect, and its senders were written to, or were tried to be."""
        # The server is sooner asked than a command.
        states = {httpx.get(f"{ours}/api/v1/submissions/{one}", timeout=60).json()["state"] for one in sent}
        if not states <= {"applied", "confirmed"}:
            return False
        done = json.loads(self.command("status", "--json"))["by_state"]
        if done["applied"] + done["confirmed"] <= len(sent):
            return False
        return all(message["sendings"] for one in sent for message in self.story(one)["messages"])

    def run(self) -> None:
        """From the start to the end."""
        self.command("customers", "import", self.folder / "customers.csv")
        self.command("read", self.folder / "scan.pdf", "--json")
        subprocess.run([self.ebok, "doctor"], check=False)  # what this kernel lacks is not the matter here
        with subprocess.Popen([self.ebok, "up"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as up:
            assert up.stdout is not None
            try:
                self.until(up, "Działa")
                ours = self.address("Strony dla klientów")
                self.look(ours, self.address(r"Prefect \(.*\)"))
                shutil.copyfile(self.folder / "scan.pdf", Path(os.environ["EBOK_HOME"]) / "inbox" / "skan.pdf")
                sent = self.send(ours)
                latest = time.monotonic() + _PATIENCE
                while not self.worked_off(ours, sent):
                    assert up.poll() is None, self.said
                    assert time.monotonic() < latest, [self.story(one) for one in sent]
                    time.sleep(_BETWEEN_LOOKS)
            finally:
                up.send_signal(signal.SIGTERM)
                self.said += up.stdout.read()
        assert up.returncode == 0, self.said
        assert "uruchamiam go ponownie" not in self.said, self.said


if __name__ == "__main__":
    Day(sys.argv[1], Path(sys.argv[2])).run()

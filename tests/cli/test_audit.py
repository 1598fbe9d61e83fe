"""`ebok audit`: the trail from the command line, and what commands themselves leave in it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from audit.trail import record
from audit.verification import mark_file
from benchmarks import office
from cli.operator import operator
from database.engine import transaction
from environment.clock import today
from specimens.people import write_customers
from tests.cli.samples import run


def told(*options: str) -> list[dict[str, object]]:
    listed = run("audit", "list", "--json", *options)
    assert listed.returncode == 0, listed.stderr
    return [json.loads(line) for line in listed.stdout.splitlines()]


def removed(home: Path, condition: str) -> None:
    """Entries taken out of the file of the database by who is not kept from it."""
    with sqlite3.connect(home / "ebok.sqlite") as connection:
        connection.execute("DROP TRIGGER audit_entry_is_not_deleted")
        connection.execute(f"DELETE FROM audit WHERE {condition}")
    connection.close()


@pytest.mark.usefixtures("sqlite_database")
def test_a_whole_trail_is_told_with_its_end_and_a_broken_one_by_its_first_entry(home: Path) -> None:
    for number in range(3):
        with transaction() as session:
            record(session, actor="clerk:ola", action=f"act{number}", subject="K7M4-PX9A")
    whole = run("audit", "verify")
    assert (whole.returncode, "nienaruszony" in whole.stdout) == (0, True), whole.stderr
    end = whole.stdout.split("Znak końca: ")[1].strip()
    assert mark_file().read_text().strip() == end
    assert json.loads(run("audit", "verify", "--json", "--mark", end).stdout) == {
        "ok": True,
        "entries": 3,
        "end": end,
        "fault": None,
    }
    assert run("audit", "verify", "--mark", "koniec").returncode == 1
    mark_file().write_text("2:nonsense")
    assert "uszkodzony jest plik" in run("audit", "verify").stdout
    mark_file().unlink()
    removed(home, "position = 2")
    broken = run("audit", "verify")
    assert (broken.returncode, "brakuje wpisu 2" in broken.stdout) == (1, True)
    fault = json.loads(run("audit", "verify", "--json").stdout)["fault"]
    assert fault == {"position": 2, "code": "missing"}


@pytest.mark.usefixtures("sqlite_database")
def test_commands_that_change_or_show_something_are_entries_and_can_be_searched(home: Path, tmp_path: Path) -> None:
    listed = write_customers(office.people(), tmp_path / "customers.csv")
    assert run("customers", "import", str(listed)).returncode == 0
    assert run("staff", "add", "ada", "--name", "Ada Wymyślona").returncode == 0
    tracking = office.online("einvoice_acceptance")
    office.worked_off(tracking)
    assert run("show", tracking).returncode == 0
    assert run("keys", "rotate").returncode == 0

    done = [(one["actor"], one["action"], one["subject"]) for one in told() if one["actor"] == operator()]
    assert done == [
        (operator(), "customers_import_begun", "customers"),
        (operator(), "customers_imported", "customers"),
        (operator(), "staff_added", "staff:ada"),
        (operator(), "viewed", tracking),
        (operator(), "key_added", "keys"),
        (operator(), "encrypted_anew", "keys"),
    ]
    assert told()[-1]["action"] == "audit_listed", "to look at the trail is an entry, too"
    assert told("--document", tracking, "--who", operator().partition(":")[2])[0]["action"] == "viewed"
    customer = office.people()[0]["customer_no"]
    assert "moved" in [one["action"] for one in told("--customer", customer)]
    assert len(told("--most", "2")) == 2
    assert told("--since", today().replace(year=today().year + 1).isoformat()) == []
    assert "customers_imported" in run("audit", "list").stdout
    assert run("audit", "verify").returncode == 0

"""What is kept, and one customer's data, as the administrator commands it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from audit.tables import AuditEntry
from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading, transitions
from documents.erasing import ERASED
from documents.states import State
from retention.table import KINDS
from tests.cli.samples import lines, run

EWA = str(office.people()[0]["customer_no"])


def settled() -> str:
    """A rejected case of a customer."""
    office.fill_register()
    tracking = office.read(office.received(office.scanned(Paper())), Paper())
    with transaction() as session:
        row = loading.load(session, tracking)
        row.customer_no = EWA
        transitions.move(session, row, State.REJECTED, actor="machine", reason_code="missing_signature")
    return tracking


def actions() -> list[tuple[str, str]]:
    with transaction() as session:
        rows = session.query(AuditEntry).filter(AuditEntry.actor.startswith("command line:")).order_by(AuditEntry.id)
        return [(row.action, row.subject) for row in rows]


def test_the_table_is_shown_with_the_periods_in_force(sqlite_database: str) -> None:
    done = run("retention", "list", "--json", EBOK_KEEP_VALUES_DAYS="30", EBOK_KEEP_MESSAGES_DAYS="")
    told = {one["kind"]: one for one in lines(done)}
    assert set(told) == {kind.code for kind in KINDS}
    assert told["values"]["period"].startswith("30 dni") and told["values"]["setting"] == "EBOK_KEEP_VALUES_DAYS"
    assert (told["messages"]["days"], told["messages"]["period"]) == (0, "bezterminowo")
    assert "RODO" in run("retention", "list").stdout
    pasted = run("retention", "list", "--markdown", EBOK_KEEP_VALUES_DAYS="30").stdout
    assert "30 dni od załatwienia sprawy (`EBOK_KEEP_VALUES_DAYS`)" in pasted
    refused = run("retention", "list", EBOK_KEEP_VALUES_DAYS="-1")
    assert refused.returncode == 1 and "EBOK_KEEP_VALUES_DAYS" in refused.stderr


def test_a_run_at_hand_shows_first_what_would_go_and_then_erases_it(sqlite_database: str) -> None:
    tracking = settled()
    with transaction() as session:
        row = loading.load(session, tracking)
        row.updated_at = row.updated_at.replace(year=row.updated_at.year - 4, day=1)
    looked = {one["kind"]: one for one in lines(run("retention", "run", "--dry-run", "--json"))}
    assert (looked["values"]["erased"], looked["originals"]["erased"], looked["values"]["dry_run"]) == (1, 1, True)
    assert json.loads(run("show", tracking, "--json").stdout)["readings"]
    done = run("retention", "run")
    assert done.returncode == 0, done.stderr
    assert "Plików usuniętych z magazynu oryginałów: 1" in done.stdout
    story = json.loads(run("show", tracking, "--json").stdout)
    assert not story["readings"] and story["original"] is None and all(story["erased"].values())
    assert ERASED in run("show", tracking).stdout
    tried = run("retry", tracking)
    assert tried.returncode == 1 and ERASED in tried.stderr
    assert ("retention", "retention") in actions()


def test_a_customer_is_given_his_data_and_then_erased_when_somebody_says_yes(
    sqlite_database: str, tmp_path: Path
) -> None:
    tracking = settled()
    folder = tmp_path / "dane"
    given = run("customers", "export", EWA, "--to", folder)
    assert given.returncode == 0, given.stderr
    assert json.loads((folder / "index.json").read_text())["cases"][0]["tracking"] == tracking
    assert all(stat.S_IMODE(path.stat().st_mode) in (0o600, 0o700) for path in (folder, *folder.rglob("*")))
    again = run("customers", "export", EWA, "--to", folder)
    assert again.returncode == 1 and "coś już jest" in again.stderr

    asked = run("customers", "erase", EWA)  # nobody answers
    assert asked.returncode == 1 and "oryginał" in asked.stdout
    assert json.loads(run("show", tracking, "--json").stdout)["readings"]

    done = run("customers", "erase", EWA, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = {(one["what"], one["fate"]) for one in lines(done)}
    assert ("dane sprawy", "reduced") in told and ("oryginał i obrazy stron", "erased") in told
    (kept,) = [one for one in lines(done) if one["what"] == "wpis w rejestrze klientów"]
    assert kept["fate"] == "kept" and "--departed" in kept["why"]
    assert not json.loads(run("show", tracking, "--json").stdout)["readings"]
    assert [one for one in actions() if one[0].startswith("customer_")] == [
        ("customer_exported", f"customer:{EWA}"),
        ("customer_erased", f"customer:{EWA}"),
    ]


def test_nobody_of_that_number_is_told_as_an_error_and_leaves_nothing(sqlite_database: str, tmp_path: Path) -> None:
    for command in (("export", "99999999", "--to", tmp_path / "x"), ("erase", "99999999", "--yes")):
        done = run("customers", *command)
        assert done.returncode == 1
        assert "99999999" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "x").exists()
    assert actions() == []

"""The command line's contract: shapes, order, exit status, and standard output that holds results only."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from forms.catalogue import current_forms, form_by_code
from forms.fillable import draw_fillable
from specimens.people import write_customers
from tests.cli.samples import EBOK, lines, run
from tests.flows.samples import PEOPLE, fillable, scanned, values


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan, a filled PDF, a file that is none, and the customer list."""
    folder = tmp_path_factory.mktemp("papers")
    scanned(folder / "scan.pdf", "einvoice_acceptance", 0)
    fillable(folder / "filled.pdf", "ebok_signup", 1)
    (folder / "broken.pdf").write_text("no document at all")
    write_customers(PEOPLE, folder / "customers.csv")
    return folder


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in (
        "up",
        "worker",
        "demo",
        "read",
        "ingest",
        "status",
        "show",
        "retry",
        "forms",
        "blanks",
        "customers",
    ):
        assert f"  {command} " in done.stdout


def test_read_gives_one_line_a_file_in_order_and_goes_on_after_a_broken_one(home: Path, papers: Path) -> None:
    files = [papers / "scan.pdf", papers / "broken.pdf", papers / "missing.pdf", papers / "filled.pdf"]
    done = run("read", *files, "--json")
    told = lines(done)
    assert done.returncode == 1
    assert [one["file"] for one in told] == [str(file) for file in files]
    assert [one["error"] and one["error"]["code"] for one in told] == [None, "unknown_format", "missing_file", None]
    document = told[0]["documents"][0]
    assert (document["form"], document["version"], document["pages"]) == ("einvoice_acceptance", "2", [1])
    assert document["source"] == "scan"
    assert set(document["fields"]) == {field.name for field in form_by_code("einvoice_acceptance").fields}
    number = document["fields"]["customer_no"]
    assert {"value", "confidence", "trusted", "source", "page", "box"} <= set(number)
    assert number["value"] == values("einvoice_acceptance")["customer_no"]
    assert told[3]["documents"][0]["source"] == "acroform"
    assert list(home.iterdir()) == []


def test_read_with_a_customer_list_trusts_what_the_list_confirms(home: Path, papers: Path) -> None:
    done = run("read", papers / "scan.pdf", "--json", "--customers", papers / "customers.csv")
    fields = lines(done)[0]["documents"][0]["fields"]
    assert done.returncode == 0
    assert fields["customer_no"]["trusted"]
    assert fields["name"]["trusted"]


def test_read_shows_people_a_table(home: Path, papers: Path) -> None:
    done = run("read", papers / "filled.pdf")
    assert done.returncode == 0
    assert str(values("ebok_signup", 1)["customer_no"]) in done.stdout


def test_square_brackets_in_names_and_values_are_shown_as_they_are(home: Path, tmp_path: Path) -> None:
    paper = tmp_path / "skan [b].pdf"
    paper.write_bytes(draw_fillable(form_by_code("ebok_signup"), values("ebok_signup", 1, name="Jan [/red] Nowak")))
    shown = run("read", paper)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "skan [b].pdf" in shown.stdout
    assert "Jan [/red] Nowak" in shown.stdout


def test_forms_tell_the_geometry_of_every_field(home: Path) -> None:
    told = {one["code"]: one for one in json.loads(run("forms", "--json").stdout)}
    assert set(told) == {form.code for form in current_forms()}
    fields = {one["name"]: one for one in told["ebok_signup"]["pages"][0]["fields"]}
    assert fields["pesel"]["kind"] == "pesel"
    assert len(fields["pesel"]["boxes"]) == 11
    assert len(fields["signature"]["boxes"]) == 1


def test_blanks_are_written_for_every_form(home: Path, tmp_path: Path) -> None:
    assert run("blanks", tmp_path / "druki").returncode == 0
    codes = [form.code for form in current_forms()]
    wanted = {f"{code}{kind}.pdf" for code in codes for kind in ("", "-fillable")}
    assert {path.name for path in (tmp_path / "druki").iterdir()} == wanted


def test_customers_are_added_then_unchanged(home: Path, papers: Path) -> None:
    first = run("customers", "import", papers / "customers.csv")
    second = run("customers", "import", papers / "customers.csv")
    assert (first.returncode, second.returncode) == (0, 0)
    assert f"dodano {len(PEOPLE)}" in first.stdout
    assert f"bez zmian {len(PEOPLE)}" in second.stdout


def test_a_customer_file_with_errors_is_refused_by_line(home: Path, papers: Path, tmp_path: Path) -> None:
    rows = (papers / "customers.csv").read_text().splitlines()
    twice = tmp_path / "twice.csv"
    twice.write_text("\n".join([*rows, rows[1]]))
    done = run("customers", "import", twice)
    assert done.returncode == 1
    assert f"wiersz {len(rows) + 1}" in done.stderr
    assert "Traceback" not in done.stderr
    assert PEOPLE[0]["name"] not in done.stderr


def test_ingest_without_a_server_brings_files_to_their_end(home: Path, papers: Path) -> None:
    run("customers", "import", papers / "customers.csv")
    files = [papers / name for name in ("scan.pdf", "broken.pdf", "missing.pdf", "filled.pdf")]
    done = run("ingest", *files, "--json")
    told = lines(done)
    assert done.returncode == 1
    assert [list(one) for one in told] == [["file", "tracking", "form", "state", "reason", "customer_no"]] * 4
    assert [one["state"] for one in told] == ["confirmed", "quarantined", None, "confirmed"]
    assert told[0]["customer_no"] == PEOPLE[0]["customer_no"]
    assert (papers / "scan.pdf").exists()

    story = json.loads(run("show", told[0]["tracking"].lower(), "--json").stdout)
    assert [step["to"] for step in story["states"]] == ["received", "ready", "applied", "confirmed"]
    assert [change["outcome"] for change in story["changes"]] == ["done"]
    assert [message["state"] for message in story["messages"]] == ["sent"]
    assert str(values("einvoice_acceptance")["pesel"]) not in json.dumps(story)

    status = json.loads(run("status", "--json").stdout)
    assert status["by_state"]["confirmed"] == 2
    assert status["by_channel"]["cli"] == 3
    assert [one["tracking"] for one in status["stuck"]] == [told[1]["tracking"]]

    again = run("retry", told[1]["tracking"])
    assert again.returncode == 0
    assert json.loads(run("show", told[1]["tracking"], "--json").stdout)["state"] == "received"


@pytest.mark.parametrize("command", ["forms --json", "forms", "--help"])
def test_a_reader_that_closes_the_pipe_early_gets_no_traceback(home: Path, command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([EBOK, *command.split()], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_expected_errors_are_one_polish_sentence_without_traceback(home: Path) -> None:
    run("customers", "import", "/nothing/there.csv")
    cases = [
        (run("show", "K7M4-PX9R"), "pomyłka"),
        (run("status", EBOK_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), "Baza danych nie odpowiada"),
        (run("status", EBOK_API_PORT="many"), "EBOK_API_PORT"),
    ]
    for done, told in cases:
        assert done.returncode == 1
        assert told in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def test_the_settings_say_where_each_value_comes_from_and_hide_passwords(home: Path) -> None:
    done = run(
        "up", "--settings", EBOK_API_PORT="8123", COLUMNS="200", EBOK_DATABASE_URL="postgresql://a:geheim@db/ebok"
    )
    assert done.returncode == 0
    row = next(line for line in done.stdout.splitlines() if "EBOK_API_PORT" in line)
    assert "8123" in row
    assert "zmienna środowiska" in row
    assert "geheim" not in done.stdout

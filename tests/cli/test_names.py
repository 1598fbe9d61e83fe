"""Names of any bytes, and what lies in the scan folder, as the command line tells of them."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

from cli import running
from documents.folder import ScanFolder
from environment import clock
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from ocr.files.opening import check_whole
from tests.cli.samples import run


def test_status_names_what_waits_in_the_scan_folder_and_lists_once_what_is_never_taken(home: Path) -> None:
    inbox = home / "inbox"
    (inbox / "#recycle" / "stare").mkdir(parents=True)
    (inbox / "#recycle" / "stare" / "skan.pdf").write_bytes(b"%PDF-1.7 whole %%EOF")
    (inbox / "Thumbs.db").write_bytes(b"litter")
    (inbox / os.fsdecode(b"Pawe\xb3\n1.pdf")).write_bytes(b"%PDF-1.7 cut off")
    unseen = json.loads(run("status", "--json").stdout)["folder"]
    assert (unseen["waiting"], [one["code"] for one in unseen["files"]]) == (1, ["next_sweep"])
    get_settings.cache_clear()
    at = clock.now()
    for seconds in (0, 10):
        ScanFolder(now=lambda after=seconds: at + timedelta(seconds=after)).take(check_whole)
    done = run("status", "--json")
    folder = json.loads(done.stdout)["folder"]
    assert (folder["left_alone"], folder["left_alone_total"]) == (["#recycle", "Thumbs.db"], 2)
    (waiting,) = folder["files"]
    assert (waiting["file"], waiting["code"], waiting["attempts"]) == ("Pawe\\udcb3\n1.pdf", "truncated", 0)
    assert "niepełny" in waiting["reason"]
    assert (folder["waiting"], folder["files_total"], folder["reachable"]) == (1, 1, True)
    shown = run("status").stdout
    assert "Pawe\\udcb3�1.pdf" in shown


def test_a_name_that_is_no_utf8_is_told_by_every_command(home: Path, engine: str, tmp_path: Path) -> None:
    running.note({}, engine, [])
    (tmp_path / "skany").mkdir()
    path = tmp_path / "skany" / os.fsdecode(b"Pawe\xb3.pdf")
    path.write_bytes(draw_fillable(form_by_code("einvoice_withdrawal"), {"customer_no": "93516086"}))
    read = run("read", "--json", str(path))
    assert read.returncode == 0
    told = json.loads(read.stdout)
    assert os.fsencode(told["file"]) == os.fsencode(path)
    assert told["documents"][0]["fields"]["customer_no"]["value"] == "93516086"
    assert run("read", str(path)).returncode == 0
    taken = run("ingest", "--json", str(tmp_path / "skany"))
    (document,) = [json.loads(line) for line in taken.stdout.splitlines()]
    assert (os.fsencode(document["file"]), document["form"]) == (os.fsencode(path), "einvoice_withdrawal")
    story = json.loads(run("show", document["tracking"], "--json").stdout)
    assert story["file"] == "Pawe\\udcb3.pdf"


def test_each_file_is_one_line_of_json_whatever_signs_its_name_holds(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "skany"
    folder.mkdir()
    odd = {f'a{sign}"b' for sign in "\n\r\x0b\x1b\x1c\x85\x9b\u2028\u2029\u202e\ufeff\ue000"}
    names = {os.fsencode(folder / name) for name in odd} | {bytes(folder) + b"/\xed\xa0\x80\xff"}
    for name in names:
        Path(os.fsdecode(name)).write_bytes(b"nic")
    os.mkfifo(folder / "no file.pdf")
    names.add(bytes(folder / "no file.pdf"))
    told = run("ingest", "--json", str(folder)).stdout
    assert told.replace("\n", "").isprintable()
    assert {os.fsencode(json.loads(line)["file"]) for line in told.splitlines()} == names

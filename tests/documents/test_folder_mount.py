"""A share that is not mounted leaves an empty folder, which is not taken for the scan folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from documents import folder_mount
from documents.folder import ScanFolder, ScanFolderError
from documents.folder_mount import is_mounted, note_mount
from documents.folder_overview import look_into
from environment.settings import get_settings
from tests.own_network import refusal

_REAL = """
import subprocess, sys
from pathlib import Path
from documents.folder_mount import is_mounted, note_mount

folder = Path(sys.argv[1])
told = [is_mounted(folder)]
commands = {
    "mount": ["mount", "-t", "tmpfs", "none", folder],
    "umount": ["umount", folder],
    "mount read-only": ["mount", "-t", "tmpfs", "-o", "ro", "none", folder],
}
for step in sys.argv[2:]:
    if step == "note":
        note_mount(folder)
    else:
        subprocess.run(commands[step], check=True)
    told.append(is_mounted(folder))
print(told)
"""


@pytest.mark.skipif(refusal() is not None, reason="the kernel gives no namespaces")
@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (("note", "mount", "note", "umount", "mount", "umount"), [True, True, True, True, False, True, False]),
        (("note", "mount read-only", "note", "umount"), [True] * 5),
    ],
)
def test_a_real_mount_that_goes_is_noticed_and_one_that_comes_back_too_but_no_trouble_that_passes(
    home: Path, tmp_path: Path, steps: tuple[str, ...], told: list[bool]
) -> None:
    folder = tmp_path / "skany ż"
    folder.mkdir()
    spaces = ("unshare", "--user", "--map-root-user", "--mount")
    command = [*spaces, sys.executable, "-c", _REAL, folder, *steps]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(told)


@pytest.fixture
def away(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scan folder whose share was mounted once and is not now."""
    table, folder = tmp_path / "mountinfo", tmp_path / "skany"
    folder.mkdir()
    monkeypatch.setenv("EBOK_INBOX_DIR", str(folder))
    get_settings.cache_clear()
    monkeypatch.setattr(folder_mount, "_TABLE", table)
    root, share = "1 1 0:1 / / rw - ext4 /dev/a rw\n", f"2 1 0:2 / {folder} rw shared:1 - cifs //serwer/skany rw\n"
    table.write_text(root + share)
    ScanFolder().take(lambda _path: None)
    table.write_text(root)
    return folder


def test_neither_a_sweep_nor_a_look_takes_the_empty_folder_for_the_share(away: Path) -> None:
    with pytest.raises(ScanFolderError, match="nie jest podłączony"):
        ScanFolder().take(lambda _path: None)
    assert look_into().reachable is False


def test_who_moves_the_folder_to_a_disk_of_the_machine_says_so_by_removing_the_note(away: Path, home: Path) -> None:
    (home / "inbox.mount").unlink()
    assert ScanFolder().take(lambda _path: None) == []


def test_a_share_that_would_be_mounted_when_asked_for_but_is_not_is_away(away: Path, tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_text(f"1 1 0:1 / / rw - ext4 a rw\n2 1 0:2 / {away} rw - autofs systemd-1 rw\n")
    assert not is_mounted(away)


def test_another_folder_begins_with_a_note_of_its_own(away: Path, tmp_path: Path) -> None:
    assert is_mounted(tmp_path)
    note_mount(tmp_path)
    assert is_mounted(away)

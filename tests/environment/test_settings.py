"""What settings refuse before anything begins, and what counts as not set at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from environment.settings import Settings, get_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTAKE_STABLE_SECONDS", "nan"), ("INTAKE_STABLE_SECONDS", "-1"), ("INTAKE_PATIENCE_SECONDS", "inf"),
        ("LEASE_SECONDS", "0"), ("SWEEP_INTERVAL_SECONDS", "nan"), ("MAX_ATTEMPTS", "0"), ("MAX_PAGES", "-1"),
        ("MAX_FILE_BYTES", "0"), ("MAX_PAGE_PIXELS", "0"), ("SMTP_PORT", "99999"), ("API_PORT", "-1"),
        ("SMTP_TIMEOUT_SECONDS", "0"), ("PUBLIC_URL", "formularze.example.com"), ("DESK_URL", "ftp://x"),
        ("SMS_GATEWAY_URL", "bramka"),
    ],
)  # fmt: skip
def test_a_value_that_would_stop_or_hurry_the_work_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"EBOK_{name}", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [fault["loc"] for fault in refused.value.errors()] == [(name.lower(),)]


def test_a_name_without_a_value_is_as_if_it_were_not_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INBOX_DIR", "SECRET_KEY", "SECRET_KEY_FILE", "DATABASE_URL", "FORMS_DIR", "MAX_PAGES", "DESK_URL"):
        monkeypatch.setenv(f"EBOK_{name}", "")
    monkeypatch.setenv("EBOK_KEEP_LOGS_DAYS", "")
    settings = get_settings()
    assert (settings.inbox_dir, settings.inbox) == (None, home / "inbox")
    assert (settings.secret_key, settings.secret_key_file, settings.database_url) == (None, None, None)
    assert (settings.max_pages, settings.keep_logs_days) == (200, 0)


@pytest.mark.parametrize("place", ["", "..", "originals", "originals/2026", "pictures", "outgoing", "keys"])
def test_a_scan_folder_that_holds_what_is_ours_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(home / place))
    with pytest.raises(ValidationError, match="EBOK_INBOX_DIR"):
        Settings()


@pytest.mark.parametrize("place", [Path("/"), Path(__file__).parents[2]])
def test_a_scan_folder_that_holds_the_program_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(place))
    with pytest.raises(ValidationError, match="EBOK_INBOX_DIR"):
        Settings()


@pytest.mark.parametrize("place", ["inbox", "skany", "../skany", "originals-2"])
def test_any_other_scan_folder_is_taken(home: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("EBOK_INBOX_DIR", str(home / place))
    assert Settings().inbox == home / place


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        ("user", "EBOK_BOUNCES_IMAP_USER"),
        ("password", "EBOK_BOUNCES_IMAP_PASSWORD_FILE"),
        ("nothing", "EBOK_BOUNCES_IMAP_DONE"),
    ],
)
def test_a_mailbox_that_nobody_could_open_or_that_would_be_read_for_ever_is_refused_at_the_start(
    home: Path, left_out: str, told: str
) -> None:
    whole = {"bounces_imap_user": "zwroty", "bounces_imap_password": "x"}
    given = {name: value for name, value in whole.items() if not name.endswith(left_out)}
    Settings(bounces_imap_host="imap.example.com", **whole)  # type: ignore[arg-type]
    Settings(**given)  # type: ignore[arg-type]  # no mailbox, nothing to open
    if left_out == "nothing":
        given["bounces_imap_done"] = "INBOX"
    with pytest.raises(ValueError, match=told):
        Settings(bounces_imap_host="imap.example.com", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address", ["https://other.example:8444", "https://biuro.example", "https://biuro.example:8444/prefect"]
)
def test_the_engine_s_pages_have_the_name_of_the_desk_and_a_port_of_their_own(
    home: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("EBOK_DESK_URL", "https://biuro.example")
    monkeypatch.setenv("EBOK_PREFECT_UI_URL", "https://biuro.example:8444")
    assert Settings().prefect_ui_url is not None
    monkeypatch.setenv("EBOK_PREFECT_UI_URL", address)
    with pytest.raises(ValidationError, match="EBOK_PREFECT_UI_URL"):
        Settings()

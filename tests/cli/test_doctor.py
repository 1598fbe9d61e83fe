"""`ebok doctor`: which connections leave the machine in clear text, and what does not suit among further forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.connections import connections
from cli.doctor import _bounce_mailbox, _index, _store
from cli.indexing import complete_index
from documents.store_mark import claim_store
from environment.settings import Settings, get_settings
from tests.cli.samples import lines, run
from tests.customers.samples import register
from tests.customers.test_register_index import forget_index
from tests.imap import PASSWORD, USER, running_imap


def told(**settings: Any) -> list[tuple[str, bool]]:
    """The connections of these settings and whether each is private."""
    return [(one.code, one.private) for one in connections(Settings(**settings))]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("setting", "value", "code", "private"),
    [
        ("smtp_host", "poczta.example.com", "smtp", True),
        ("sms_gateway_url", "https://bramka.example.com/sms", "sms", True),
        ("sms_gateway_url", "http://bramka.example.com/sms", "sms", False),
        ("sms_gateway_url", "http://192.168.1.5/sms", "sms", False),
        ("sms_gateway_url", "http://127.0.0.1:9000/sms", "sms", True),
        ("sms_gateway_url", "http://[::1]/sms", "sms", True),
        ("sms_gateway_url", "http://localhost.example.com/sms", "sms", False),
        ("database_url", "postgresql://ebok:x@127.0.0.1/ebok", "database", True),
        ("database_url", "postgresql:///ebok", "database", True),
        ("database_url", "postgresql:///ebok?host=/run/postgresql", "database", True),
        ("database_url", "postgresql:///ebok?host=baza.example.com", "database", False),
        ("database_url", "postgresql://ebok:x@baza.example.com/ebok", "database", False),
        ("database_url", "postgresql://ebok:x@baza.example.com/ebok?sslmode=require", "database", False),
        ("database_url", "postgresql://ebok:x@baza.example.com/ebok?sslmode=verify-full", "database", True),
        ("prefect_url", "http://127.0.0.1:4200", "engine", True),
        ("prefect_url", "https://prefect.example.com", "engine", True),
        ("prefect_url", "http://prefect.example.com", "engine", False),
        ("clamav", "/run/clamav/clamd.ctl", "clamav", True),
        ("clamav", "127.0.0.1:3310", "clamav", True),
        ("clamav", "antywirus.example.com:3310", "clamav", False),
    ],
)
def test_a_connection_is_private_when_it_stays_here_or_is_encrypted_to_whom_it_is_meant_for(
    setting: str, value: str, code: str, private: bool
) -> None:
    assert told(**{setting: value}) == [(code, private)]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("host", "encryption", "private"),
    [
        ("imap.example.com", "tls", True),
        ("imap.example.com", "starttls", True),
        ("imap.example.com", "none", False),
        ("127.0.0.1", "none", True),
    ],
)
def test_a_mailbox_is_private_only_encrypted_or_here(host: str, encryption: str, private: bool) -> None:
    opened = {"bounces_imap_user": "zwroty", "bounces_imap_password": "x"}
    assert told(bounces_imap_host=host, bounces_imap_encryption=encryption, **opened) == [("imap", private)]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("endpoint", "private"),
    [("https://s3.example.com", True), ("http://s3.example.com", False), ("http://127.0.0.1:9000", True)],
)
def test_a_store_of_originals_is_reached_privately_or_told(endpoint: str, private: bool) -> None:
    bucket = {"originals_url": "s3://ebok/originals", "originals_endpoint": endpoint}
    assert told(**bucket) == [("originals", private)]
    assert told(originals_url="/mnt/originals", originals_endpoint=endpoint) == []


@pytest.mark.usefixtures("store", "sqlite_database")
def test_the_doctor_tries_the_store_and_says_whose_it_is(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_store()
    kinds = {"folder": ["store", "store_complete"], "bucket": ["store", "store_erases", "store_complete"]}
    assert [(one.code, one.holds, one.remedy) for one in _store()] == [(code, True, None) for code in kinds[store]]
    (tmp_path / "another").mkdir()
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "another"))
    get_settings.cache_clear()
    *_, complete = _store()
    assert not complete.holds and "EBOK_ORIGINALS_URL" in str(complete.remedy)
    status = run("status")
    assert "nie jest magazynem tego rejestru" in " ".join(status.stdout.split())
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "away"))
    get_settings.cache_clear()
    (away,) = _store()
    assert not away.holds and "nie ma go" in str(away.remedy)
    assert json.loads(run("status", "--json").stdout)["store"]["reachable"] is False


@pytest.mark.usefixtures("home")
def test_the_doctor_opens_the_mailbox_and_says_what_lies_there_or_why_it_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _bounce_mailbox() == []
    with running_imap() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        names = {"HOST": "127.0.0.1", "PORT": server.encrypted, "USER": USER, "PASSWORD": PASSWORD}
        for name, value in names.items():
            monkeypatch.setenv(f"EBOK_BOUNCES_IMAP_{name}", str(value))
        get_settings.cache_clear()
        (found,) = _bounce_mailbox()
        assert (found.holds, found.message, found.remedy) == (True, "Skrzynka zwrotów odpowiada", None)
        with server.opened() as client:
            client.append("INBOX", b"Subject: x\r\n\r\nx", flags=[rb"\Flagged"])
        (found,) = _bounce_mailbox()
        assert found.holds and "do obejrzenia: 1" in found.message
    (found,) = _bounce_mailbox()
    assert (found.code, found.holds) == ("bounce_mailbox", False)
    assert "EBOK_BOUNCES_IMAP_HOST" in str(found.remedy)


@pytest.mark.usefixtures("sqlite_database")
def test_an_index_of_customers_that_is_owed_is_told_with_its_remedy_until_it_is_made() -> None:
    register()
    forget_index()
    (owed,) = _index()
    assert (owed.code, owed.holds) == ("register_index", False)
    assert "ebok customers index" in (owed.remedy or "")
    complete_index()
    assert [(one.holds, one.remedy) for one in _index()] == [(True, None)]


@pytest.mark.usefixtures("home")
def test_where_there_is_no_register_yet_nothing_is_told_of_its_index() -> None:
    assert _index() == []


@pytest.mark.usefixtures("home")
def test_mail_is_private_only_encrypted_or_here() -> None:
    assert told(smtp_tls=False, smtp_host="poczta.example.com") == [("smtp", False)]
    assert told(smtp_tls=False, smtp_host="poczta.example.com", smtp_port=465) == [("smtp", True)]
    assert told(smtp_tls=False, smtp_host="localhost") == [("smtp", True)]
    assert told(smtp_tls=False) == []


@pytest.mark.usefixtures("home")
def test_the_doctor_names_what_goes_in_clear_text_with_its_remedy() -> None:
    done = run(
        "doctor", "--json", EBOK_SMS_GATEWAY_URL="http://bramka.example.com/", EBOK_SMTP_HOST="poczta.example.com"
    )
    found = {one["code"]: one for one in lines(done)}
    assert done.returncode == 1
    assert not found["sms_private"]["ok"]
    assert "https" in found["sms_private"]["remedy"]
    assert found["smtp_private"]["ok"]
    assert found["smtp_private"]["remedy"] is None
    assert "database_private" not in found


@pytest.mark.usefixtures("home")
def test_what_does_not_suit_among_further_forms_is_named_by_the_doctor_and_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "further"
    (folder / "effects").mkdir(parents=True)
    told = lines(run("doctor", "--json", EBOK_FORMS_DIR=str(folder)))
    assert [one["ok"] for one in told if one["code"] == "further_forms"] == [True]
    (folder / "effects" / "wish.py").write_text(
        "from customers.effect import Effect\nclass Wish(Effect):\n    name = 'wish'\n"
    )
    (found,) = [
        one for one in lines(run("doctor", "--json", EBOK_FORMS_DIR=str(folder))) if one["code"] == "further_forms"
    ]
    assert found["ok"] is False
    started = run("up", EBOK_FORMS_DIR=str(folder))
    assert started.returncode == 1 and "Traceback" not in started.stderr
    for said in (found["remedy"], " ".join(started.stderr.split())):
        assert "customers.effects.wish" in said and "leaves out fields, in_order" in said

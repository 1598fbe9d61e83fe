"""`ebok doctor`: which connections leave the machine in clear text, and what does not suit among further forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.connections import connections
from cli.customers import complete_index
from cli.doctor import _index
from database.settings import Settings
from tests.cli.samples import lines, run
from tests.customers.samples import register
from tests.customers.test_register_index import forget_index


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
        ("clamav", "/run/clamav/clamd.ctl", "clamav", True),
        ("clamav", "127.0.0.1:3310", "clamav", True),
        ("clamav", "antywirus.example.com:3310", "clamav", False),
    ],
)
def test_a_connection_is_private_when_it_stays_here_or_is_encrypted_to_whom_it_is_meant_for(
    setting: str, value: str, code: str, private: bool
) -> None:
    assert told(**{setting: value}) == [(code, private)]


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

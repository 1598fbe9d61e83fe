"""`ebok staff`: accounts for the desk from the command line."""

from __future__ import annotations

import re

import pytest

from access.passwords import matches
from access.sessions import who
from access.tables import Staff
from audit.tables import AuditEntry
from benchmarks import office
from cli.first_account import how_to_begin
from database.engine import transaction
from tests.cli.samples import run


def kept() -> Staff:
    with transaction() as session:
        return session.query(Staff).one()


@pytest.mark.usefixtures("sqlite_database")
def test_the_first_account_is_made_listed_and_cannot_be_closed() -> None:
    told = how_to_begin()
    assert told is not None
    assert "ebok staff add" in told

    made = run("staff", "add", "ada", "--name", "Ada Wymyślona", "--role", "administrator")
    assert made.returncode == 0, made.stderr
    printed = re.search(r"Hasło początkowe: (\S+)", made.stdout)
    assert printed is not None
    assert matches(kept().password_hash, printed[1])
    assert kept().must_change_password
    assert how_to_begin() is None

    assert "Ada Wymyślona" in run("staff", "list").stdout
    refused = run("staff", "deactivate", "ada")
    assert refused.returncode == 1
    assert "jedyne" in refused.stderr


@pytest.mark.usefixtures("sqlite_database")
def test_who_works_in_the_field_is_put_into_a_crew_and_nobody_else() -> None:
    for login, role in (("bodzio", "crew"), ("ola", "clerk")):
        run("staff", "add", login, "--name", f"{login} Wymyślona", "--role", role)
    assert "ekipa Wodna 1" in run("staff", "crew", "bodzio", " Wodna  1").stdout
    assert "crew, Wodna 1" in " ".join(run("staff", "list").stdout.split())
    refused = run("staff", "crew", "ola", "Wodna 1")
    assert (refused.returncode, "należy do ekipy" in refused.stderr) == (1, True)
    assert "bez ekipy" in run("staff", "crew", "bodzio").stdout


@pytest.mark.usefixtures("sqlite_database")
def test_a_lost_second_factor_is_reset_and_a_locked_account_opened() -> None:
    token = office.session_of("adam")
    assert kept().second_factor is not None
    assert "jest" in run("staff", "list").stdout

    told = run("staff", "reset-second-factor", "adam")
    assert told.returncode == 0, told.stderr
    assert kept().second_factor is None
    with transaction() as session:
        assert who(session, token) is None
        assert [row.action for row in session.query(AuditEntry)] == ["second_factor_reset"]

    reset_at = kept().tries_since
    assert run("staff", "unlock", "adam").returncode == 0
    opened_at = kept().tries_since
    assert reset_at is not None
    assert opened_at is not None
    assert opened_at > reset_at
    for command in ("unlock", "reset-second-factor"):
        refused = run("staff", command, "nikt")
        assert refused.returncode == 1
        assert "Nie ma konta" in refused.stderr


@pytest.mark.usefixtures("sqlite_database")
def test_a_password_that_is_asked_for_must_be_a_good_one() -> None:
    refused = run("staff", "add", "ada", "--name", "Ada", "--ask")
    assert refused.returncode == 1
    assert "co najmniej 12" in refused.stderr
    with transaction() as session:
        assert session.query(Staff).count() == 0


@pytest.mark.usefixtures("sqlite_database")
def test_what_lets_somebody_in_is_set_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    office.add_sample_staff("ewa")
    refused = run("staff", "sign-in", "ewa", "--by", "either", "--subject", "osoba-1")
    assert refused.returncode == 1
    assert "EBOK_OIDC_ISSUER" in refused.stderr
    monkeypatch.setenv("EBOK_OIDC_ISSUER", "https://dostawca.example")
    monkeypatch.setenv("EBOK_OIDC_CLIENT_ID", "ebok")
    told = run("staff", "sign-in", "ewa", "--by", "provider", "--subject", "osoba-1")
    assert told.returncode == 0, told.stderr
    assert "powiązane" in told.stdout
    assert "osoba-1" not in told.stdout
    assert (kept().sign_in_way, kept().identity_digest is None) == ("provider", False)
    assert "tylko dostawca" in " ".join(run("staff", "list").stdout.split())
    assert run("staff", "password", "ewa").returncode == 0
    assert kept().sign_in_way == "either"
    assert run("staff", "sign-in", "ewa", "--by", "password").returncode == 0
    assert kept().identity_digest is None

"""Sign-ups: an account, pending until its link is used."""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers.compensation import undo
from customers.register import changes_of
from database.engine import transaction
from environment.clock import now
from tests.customers.effects_on_jan import LATER, result, row
from tests.customers.samples import FIRM, JAN, SIGNED, applied, proven, register, signed, signup, submission

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


def test_a_sign_up_opens_a_pending_account_that_its_link_activates() -> None:
    outcome = applied(signup(), "T1")
    account = row()["account"]
    assert (outcome.kind, outcome.facts["email"]) == ("done", "login@example.com")
    assert (account["state"], account["notify_sms"], account["notify_email"], account["phone"]) == (
        "pending", True, False, JAN.phone,
    )  # fmt: skip
    assert proven(outcome).purpose == "account"
    assert row()["account"]["state"] == "active"
    assert row()["invoice_delivery"] == "paper"


def test_a_second_sign_up_with_the_same_login_is_already_done() -> None:
    proven(applied(signup(), "T1"))
    assert result(applied(signed(signup(), SIGNED + timedelta(days=1)), "T2")) == ("already_done", "account_active")


def test_a_pending_account_takes_the_newer_data_and_only_the_newer_link() -> None:
    applied(signup("literowka@example.com"), "T1")
    second = applied(signup("login@example.com", notify_email=True), "T2", LATER)
    account = row()["account"]
    assert (account["login"], account["notify_email"], account["tracking"]) == ("login@example.com", True, "T2")
    with transaction() as session:
        assert changes_of(session, "T1")[0]["proof"] == "replaced"
    proven(second)


@pytest.mark.parametrize(
    ("email", "values", "code"),
    [
        ("inny@example.com", {}, "account_active_other_login"),
        ("login@example.com", {"phone": "501502503"}, "account_active_other_preferences"),
    ],
)
def test_a_sign_up_that_would_change_an_active_account_goes_to_a_human(
    email: str, values: dict[str, str], code: str
) -> None:
    proven(applied(signup(), "T1"))
    assert result(applied(signup(email, **values), "T2")) == ("needs_human", code)


def test_the_login_of_another_customer_goes_to_a_human() -> None:
    applied(signup(), "T1")
    other = submission("ebok_signup", FIRM, email="login@example.com")
    assert result(applied(other, "T2")) == ("needs_human", "login_taken")


def test_an_account_is_kept_whole() -> None:
    proven(applied(signup(notify_email=True), "T1"))
    account = row()["account"]
    assert isinstance(account, dict)
    activated = account.pop("activated_at")
    assert activated is not None and activated.startswith(now().isoformat()[:10])
    assert account == {
        "login": "login@example.com",
        "state": "active",
        "phone": JAN.phone,
        "notify_sms": True,
        "notify_email": True,
        "terms_version": "1",
        "tracking": "T1",
        "password_set_at": None,
    }


def test_the_login_of_a_closed_account_is_free_again() -> None:
    proven(applied(signup(), "T1"))
    with transaction() as session:
        assert undo(session, "T1", "T2").done
    assert applied(submission("ebok_signup", FIRM, email="login@example.com"), "T3").kind == "done"

"""Opening an eBOK account: pending until its e-mail address, which is the login, is proven."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from customers.einvoice import record_consent
from customers.outcome import Case, Outcome
from customers.proofs import issue
from customers.tables import Account
from database.clock import now


def settled_opening(case: Case) -> Outcome | None:
    """An active account of the customer, or a login that is somebody else's."""
    login = case.text("email")
    account = _open_account(case)
    if account is not None and account.state == "active":
        return _settled_by(case, account, login)
    taken = select(Account.id).where(
        Account.login == login, Account.state != "closed", Account.customer_no != case.customer.customer_no
    )
    return _login_taken(case) if case.session.scalar(taken) is not None else None


def _settled_by(case: Case, account: Account, login: str) -> Outcome:
    if account.login != login:
        return case.outcome(
            "needs_human", "account_active_other_login", "Klient ma już konto w eBOK z innym adresem e-mail."
        )
    wanted = _preferences(case)
    if any(getattr(account, name) != value for name, value in wanted.items()):
        return case.outcome(
            "needs_human",
            "account_active_other_preferences",
            "Konto jest już czynne, ale zgłoszenie ma inny telefon albo inne powiadomienia.",
        )
    return case.outcome("already_done", "account_active", "Konto z tym adresem e-mail jest już czynne.", email=login)


def open_account(case: Case) -> Outcome:
    """Open a pending account, or put the newer data into one that waits. Facts: email, notify_sms, notify_email."""
    login, account = case.text("email"), _open_account(case)
    if account is None:
        account = Account(customer_no=case.customer.customer_no, state="pending", created_at=now())
    try:
        with case.session.begin_nested():
            account.login, account.tracking = login, case.origin.tracking
            for name, value in _preferences(case).items():
                setattr(account, name, value)
            case.session.add(account)
            consent = record_consent(case, "account", login)
            account.terms_version = consent.terms_version
    except IntegrityError:  # another customer took the login at the same moment
        return _login_taken(case)
    issue(case.session, "account", consent, login, case.origin.tracking)
    return case.outcome(
        "done",
        "account_pending",
        "Konto założone; zacznie działać po potwierdzeniu adresu e-mail.",
        email=login,
        notify_sms=account.notify_sms,
        notify_email=account.notify_email,
    )


def _open_account(case: Case) -> Account | None:
    return case.session.scalar(
        select(Account)
        .where(Account.customer_no == case.customer.customer_no, Account.state != "closed")
        .execution_options(populate_existing=True)
    )


def _preferences(case: Case) -> dict[str, str | bool | None]:
    return {
        "phone": case.submission.text("phone"),
        "notify_sms": case.ticked("notify_sms"),
        "notify_email": case.ticked("notify_email"),
    }


def _login_taken(case: Case) -> Outcome:
    return case.outcome("needs_human", "login_taken", "Ten adres e-mail jest już loginem konta innego klienta.")

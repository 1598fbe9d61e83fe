"""Opening an eBOK account: pending until its e-mail address, which is the login, is proven."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from customers.accounts import activated_by, open_account
from customers.consents import CORRECTED, begun_by, correct_unproven, record_consent
from customers.effect import Consenting, Effect, LinkPage, MessageTemplate, Notice, Proving, Reason
from customers.erasing import end_authorities, erase_accounts
from customers.outcome import Case, Outcome, Undoing, Undone
from customers.proofs import issue, void_proofs
from customers.tables import Account, Change, Consent, Proof
from environment.clock import now, today
from forms.form import Form
from forms.kinds import Value
from forms.submission import Submission

_ACCOUNT = "account"
_TICKED = ("notify_sms", "notify_email")

_OTHER_LOGIN = Reason(
    "account_active_other_login",
    short="Konto już jest, inny login",
    label="Konto w eBOK jest już z innym adresem e-mail",
    answer="Konto w eBOK już istnieje, ale z innym adresem e-mail.",
)
_OTHER_PREFERENCES = Reason(
    "account_active_other_preferences",
    short="Konto już jest, inne ustawienia",
    label="Konto w eBOK działa już z innymi ustawieniami",
    answer="Konto w eBOK już działa, ale z innym telefonem albo powiadomieniami.",
)
_LOGIN_TAKEN = Reason(
    "login_taken",
    short="Login należy do kogoś innego",
    label="Adres e-mail nie może być loginem",
    answer="Podany adres e-mail nie może być loginem. Prosimy podać inny.",
)
_LINK = MessageTemplate(
    "account_link",
    "odnośnik do założenia konta",
    """\
{{ message.title("Potwierdź założenie konta eBOK") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
otrzymaliśmy zgłoszenie do eBOK, czyli elektronicznego Biura Obsługi Klienta. Podano w nim ten adres e-mail.
Jeśli to Twoje zgłoszenie, potwierdź adres i wybierz hasło. Wtedy uruchomimy konto.
{% endcall %}
{{ message.button("Potwierdzam adres i wybieram hasło", link) }}
{% call message.paragraph() %}
Odnośnik działa do {{ valid_until | long_date }} Jeśli nie zdążysz, i tak go otwórz:
na stronie poprosisz o nowy. Możesz też zadzwonić do nas: {{ phones }}.
{% endcall %}
{% call message.paragraph() %}
To nie Twoje zgłoszenie? Zignoruj tę wiadomość. Bez potwierdzenia konto nie zacznie działać.
{% endcall %}
""",
)
_ACTIVE = MessageTemplate(
    "account_active",
    "potwierdzenie, że konto działa",
    """\
{{ message.title("Twoje konto eBOK działa") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
dziękujemy, adres e-mail jest potwierdzony. Twoje konto w eBOK już działa, a ten adres jest Twoim loginem.
{% endcall %}
{{ message.facts(("Numer klienta", customer_ref)) }}
{% if password_page is defined %}
{% call message.paragraph() %}Aby się logować, wybierz jeszcze hasło.{% endcall %}
{{ message.button("Wybieram hasło", password_page) }}
{% else %}
{{ message.button("Przejdź do eBOK", company.account_url) }}
{% endif %}
{% call message.paragraph() %}
W eBOK zobaczysz faktury i opłaty, zadasz pytanie i złożysz wniosek, na przykład o wymianę wodomierza.
{% endcall %}
{% call message.paragraph() %}Masz pytanie? Zadzwoń do nas: {{ phones }}.{% endcall %}
""",
)
_CLOSED = MessageTemplate(
    "account_closed",
    "potwierdzenie, że konto jest zamknięte",
    """\
{{ message.title("Twoje konto eBOK jest zamknięte") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
na życzenie złożone po zalogowaniu zamknęliśmy konto w eBOK, którego loginem był ten adres. Umowa i faktury zostają bez
zmian.
{% endcall %}
{% call message.paragraph() %}
To nie Ty? Zmień hasło do swojej skrzynki e-mail i zadzwoń do nas: {{ phones }}. Nowe konto możesz założyć w każdej
chwili.
{% endcall %}
""",
)


def _activate(session: Session, proof: Proof, password_hash: str | None) -> None:
    account = session.scalars(
        select(Account).where(Account.customer_no == proof.customer_no, Account.state == "pending")
    ).one()
    account.state, account.activated_at = "active", proof.used_at
    if password_hash is not None:
        account.password_hash, account.password_set_at = password_hash, proof.used_at


def _readdress(session: Session, proof: Proof, email: str) -> bool:
    """The login is the address: another one, where it is nobody else's and the account does not work yet."""
    account = open_account(session, proof.customer_no)
    if account is None or account.state != "pending" or _is_taken(session, email, proof.customer_no):
        return False
    try:
        with session.begin_nested():
            account.login = email
            return correct_unproven(session, proof, email)
    except IntegrityError:  # another customer took the login at the same moment
        return False


def _is_taken(session: Session, login: str, customer_no: str) -> bool:
    """Whether that login is another customer's."""
    taken = select(Account.id).where(
        Account.login == login, Account.state != "closed", Account.customer_no != customer_no
    )
    return session.scalar(taken) is not None


def _in_force(session: Session, proof: Proof) -> bool:
    return activated_by(session, proof) is not None


def _forget_pending(session: Session, consent: Consent) -> None:
    of_consent = (Account.customer_no == consent.customer_no, Account.tracking == consent.tracking)
    erase_accounts(session, *of_consent, Account.state == "pending")


class OpenAccount(Effect):
    """An account that works once its address is proven."""

    name = "open_account"
    fields = ("email", "phone", "notify_sms", "notify_email", "accept_terms")
    in_order = True
    agreed_day = None
    consent = Consenting(_ACCOUNT, "zgoda na konto eBOK", lasting=False, forget=_forget_pending)
    proving = Proving(
        purpose=_ACCOUNT,
        matter="konto w eBOK",
        until_used="Dopóki go nie klikniesz, konto w eBOK nie działa.",
        link=_LINK,
        proven=_ACTIVE,
        page=LinkPage(
            question="Potwierdź, że ten adres e-mail należy do Ciebie, i wybierz hasło, a uruchomimy Twoje konto w "
            "eBOK.",
            button="Potwierdzam adres i zapisuję hasło",
            done="Konto w eBOK jest aktywne",
            consequence="Dziękujemy, adres e-mail jest potwierdzony.",
            holds="Twoje konto w eBOK działa.",
            over="To konto w eBOK jest już zamknięte.",
        ),
        password=True,
        address="email",
        readdress=_readdress,
        replaces_all=False,
        activate=_activate,
        in_force=_in_force,
    )
    messages = (_CLOSED,)
    answers_to_given = True
    reasons = (_OTHER_LOGIN, _OTHER_PREFERENCES, _LOGIN_TAKEN)
    amendable = frozenset({"phone", *_TICKED, "date_signed"})

    def subject(self, form: Form) -> str:
        """The account."""
        return _ACCOUNT

    def rests_on(self, submission: Submission) -> frozenset[str]:
        """The login and what was agreed to; the telephone where it gets messages."""
        phone = {"phone"} if submission.value("notify_sms") else set()
        return frozenset({"email", *_TICKED, "accept_terms", *phone})

    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """Whose account it is, and the login."""
        return frozenset({"customer_no", "email", "accept_terms", "signature"})

    def settled(self, case: Case) -> Outcome | None:
        """An active account of the customer, or a login that is somebody else's."""
        login = case.text("email")
        account = open_account(case.session, case.customer.customer_no)
        if account is not None and account.state == "active":
            return _settled_by(case, account, login)
        taken = _is_taken(case.session, login, case.customer.customer_no)
        return _login_taken(case) if taken else None

    def foreseen(self, case: Case) -> Outcome:
        """Facts: email, notify_sms, notify_email."""
        return case.outcome(
            "done",
            "account_pending",
            "Konto założone; zacznie działać po potwierdzeniu adresu e-mail.",
            email=case.text("email"),
            **{name: case.ticked(name) for name in _TICKED},
        )

    def carry_out(self, case: Case) -> Outcome:
        """Open a pending account, or put the newer data into one that waits."""
        outcome = self.foreseen(case)
        login, account = case.text("email"), open_account(case.session, case.customer.customer_no)
        if account is None:
            account = Account(customer_no=case.customer.customer_no, state="pending", created_at=now())
        try:
            with case.session.begin_nested():
                account.login, account.tracking = login, case.origin.tracking
                for name, value in _preferences(case).items():
                    setattr(account, name, value)
                case.session.add(account)
                consent = record_consent(case, _ACCOUNT, login)
                account.terms_version = consent.terms_version
        except IntegrityError:  # another customer took the login at the same moment
            return _login_taken(case)
        issue(case.session, _ACCOUNT, consent, login, case.origin.tracking)
        return outcome

    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """None beside the link."""
        return ()

    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """The telephone and what it is used for."""
        account = _opened_by(session, change)
        if account is None:
            return False
        wanted = {"phone": values.get("phone"), **{name: values.get(name) is True for name in _TICKED}}
        amended = any(getattr(account, name) != value for name, value in wanted.items())
        for name, value in wanted.items():
            setattr(account, name, value)
        return amended

    def undo(self, undoing: Undoing) -> Undone:
        """Close the account and end its consent."""
        session, change = undoing.session, undoing.change
        account, consent = _opened_by(session, change), begun_by(session, change.tracking, _ACCOUNT)
        if account is None or consent is None:
            return Undone(False)
        account.state = "closed"
        end_authorities(session, account)
        consent.effective_to, consent.ended_by_tracking = today(), undoing.by
        void_proofs(session, consent.id, CORRECTED)
        return Undone(True)


def _settled_by(case: Case, account: Account, login: str) -> Outcome:
    if account.login != login:
        return case.outcome("needs_human", _OTHER_LOGIN.code, "Klient ma już konto w eBOK z innym adresem e-mail.")
    if any(getattr(account, name) != value for name, value in _preferences(case).items()):
        return case.outcome(
            "needs_human",
            _OTHER_PREFERENCES.code,
            "Konto jest już czynne, ale zgłoszenie ma inny telefon albo inne powiadomienia.",
        )
    return case.outcome("already_done", "account_active", "Konto z tym adresem e-mail jest już czynne.", email=login)


def _preferences(case: Case) -> dict[str, str | bool | None]:
    return {"phone": case.submission.text("phone"), **{name: case.ticked(name) for name in _TICKED}}


def _login_taken(case: Case) -> Outcome:
    return case.outcome("needs_human", _LOGIN_TAKEN.code, "Ten adres e-mail jest już loginem konta innego klienta.")


def _opened_by(session: Session, change: Change) -> Account | None:
    return session.scalar(select(Account).where(Account.tracking == change.tracking, Account.state != "closed"))


EFFECT = OpenAccount()

"""Changes, consents, links and accounts of the customer register against documents, and against each other."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, not_, or_, true
from sqlalchemy.orm import aliased

from customers.agents import FORM
from customers.compensation import COMPENSATED
from customers.consents import EINVOICE
from customers.effects import all_effects, end_einvoice, open_account
from customers.proofs import void_proofs
from customers.tables import Account, AccountNumber, Authority, Change, Consent, Customer, LetterCode, Proof, Request
from customers.visits import VisitState
from database.engine import Session
from documents.states import State
from documents.tables import Document
from environment import clock
from integrity.differences import Comparison, DifferenceKind, Whose
from integrity.documents import known
from integrity.rows import Rows

_CASES: Final = "Sprawy i ich skutki"
_CHANGES: Final = "Skutki spraw"
_CONSENTS: Final = "Zgody"
_LINKS: Final = "Odnośniki"
_ACCOUNTS: Final = "Konta eBOK"
_DONE: Final = (State.APPLIED.value, State.CONFIRMED.value)
_STANDS: Final = ("done", "already_done", COMPENSATED)
"""Outcomes of documents that were carried out."""
_FROM_BACKUP: Final = "Porównaj sprawę (ebok show) z kopią zapasową bazy i przywróć, co zginęło."
_ASK: Final = (
    "Porównaj sprawy tego klienta w biurze; jeśli z nich nie wynika, czego chce, zapytaj go i przyjmij formularz."
)
_ACCOUNT: Final = open_account.EFFECT.consent.subject


def _change_of(tracking: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Change.tracking == tracking, *more)


def _applied_without_change() -> ColumnElement[bool]:
    change = _change_of(Document.tracking, Change.outcome.in_(_STANDS))
    # Erasing a customer who has left takes the number from his cases, and with it what came of them.
    return and_(Document.state.in_(_DONE), Document.customer_no.is_not(None), not_(change))


def _of_other_customer() -> ColumnElement[bool]:
    document = exists().where(
        Document.tracking == Change.tracking, Document.state.in_(_DONE), Document.customer_no != Change.customer_no
    )
    return and_(Change.outcome.in_(_STANDS), document)


def _change_without_document() -> ColumnElement[bool]:
    return not_(known(Change.tracking))


def _change_not_applied() -> ColumnElement[bool]:
    document = exists().where(Document.tracking == Change.tracking, Document.state.not_in(_DONE))
    return and_(Change.outcome.in_(_STANDS), document)


def _request_without_change() -> ColumnElement[bool]:
    his = (Change.customer_no == Request.customer_no,)
    # A visit that was taken back stays, cancelled.
    taken_back = and_(
        Request.visit_state == VisitState.CANCELLED, _change_of(Request.tracking, *his, Change.outcome == COMPENSATED)
    )
    return not_(or_(_change_of(Request.tracking, *his, Change.outcome == "done"), taken_back))


def _visit_without_day() -> ColumnElement[bool]:
    dated = (VisitState.PROPOSED.value, VisitState.AGREED.value)
    return and_(Request.visit_state.in_(dated), Request.day.is_(None))


def _consent_without_change() -> ColumnElement[bool]:
    made = (Change.customer_no == Consent.customer_no, Change.outcome.in_(("done", COMPENSATED)))
    return and_(Consent.form != FORM, not_(_change_of(Consent.tracking, *made)))


def _consent_twice() -> ColumnElement[bool]:
    other = aliased(Consent)
    return exists().where(other.tracking == Consent.tracking, other.subject == Consent.subject, other.id < Consent.id)


def _end_torn() -> ColumnElement[bool]:
    return and_(
        Consent.effective_to.is_(None), or_(Consent.withdrawn.is_(true()), Consent.ended_by_tracking.is_not(None))
    )


def _ended_by_nothing() -> ColumnElement[bool]:
    ended_by = Consent.ended_by_tracking
    return and_(ended_by.is_not(None), not_(known(ended_by)), not_(_change_of(ended_by)))


def _withdrawn_yet_open() -> ColumnElement[bool]:
    begun, ended = aliased(Change), aliased(Change)
    later = exists().where(
        begun.tracking == Consent.tracking,
        ended.customer_no == Consent.customer_no,
        ended.effect == end_einvoice.EFFECT.name,
        ended.outcome == "done",
        ended.at > begun.at,
        ended.id > begun.id,  # the clock may have been put back between them
    )
    return and_(Consent.subject == EINVOICE, Consent.effective_to.is_(None), later)


def _other_original() -> ColumnElement[bool]:
    document = exists().where(
        Document.tracking == Consent.tracking, Document.original_sha256.is_distinct_from(Consent.original_sha256)
    )
    return and_(Consent.original_sha256.is_not(None), document)


def _in_force() -> ColumnElement[bool]:
    return and_(Consent.effective_to.is_(None), Consent.email_proven_at.is_not(None))


def _original_let_go() -> ColumnElement[bool]:
    lasting = [one.consent.subject for one in all_effects().values() if one.consent and one.consent.lasting]
    released = exists().where(Document.tracking == Consent.tracking, Document.original_released_at.is_not(None))
    return and_(Consent.subject.in_(lasting), _in_force(), released)


def _delivered_otherwise() -> ColumnElement[bool]:
    of_his = and_(Consent.customer_no == Customer.customer_no, Consent.subject == EINVOICE, _in_force())
    by_email = Customer.invoice_delivery == "email"
    there = exists().where(of_his, Consent.email == Customer.invoice_email)
    return or_(and_(by_email, not_(there)), and_(not_(by_email), exists().where(of_his)))


def _open_consent(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    of_account = (Consent.customer_no == Account.customer_no, Consent.subject == _ACCOUNT)
    return exists().where(*of_account, Consent.effective_to.is_(None), *more)


def _account_without_consent() -> ColumnElement[bool]:
    works = Account.state == "active"
    agreed = or_(and_(works, _open_consent(Consent.email_proven_at.is_not(None))), and_(not_(works), _open_consent()))
    return and_(Account.state != "closed", not_(agreed))


def _consent_without_account() -> ColumnElement[bool]:
    account = exists().where(Account.customer_no == Consent.customer_no, Account.state != "closed")
    return and_(Consent.subject == _ACCOUNT, Consent.effective_to.is_(None), not_(account))


def _number_of_two() -> ColumnElement[bool]:
    own = exists().where(Account.customer_no == AccountNumber.customer_no, Account.state != "closed")
    return and_(AccountNumber.state == "active", own)


def _number_of_nobody() -> ColumnElement[bool]:
    customer = exists().where(Customer.customer_no == AccountNumber.customer_no)
    return and_(AccountNumber.state == "active", not_(customer))


def _authority_torn() -> ColumnElement[bool]:
    half_ended = Authority.ended_at.is_(None) != Authority.ended_by.is_(None)
    nobodys = and_(Authority.ended_at.is_(None), Authority.account_id.is_(None) != Authority.accepted_at.is_(None))
    return or_(half_ended, nobodys)


def _vouching_torn() -> ColumnElement[bool]:
    return Account.vouched_at.is_(None) != Account.vouched_by.is_(None)


def _code_of_vouched() -> ColumnElement[bool]:
    return exists().where(Account.id == LetterCode.account_id, Account.vouched_at.is_not(None))


def _forget_code(session: Session, code: LetterCode, _actor: str) -> None:
    session.delete(code)


def _consent_of(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Consent.id == Proof.consent_id, *conditions)


def _used_without_effect() -> ColumnElement[bool]:
    unproven = _consent_of(Consent.email_proven_at.is_(None))
    return and_(Proof.used_at.is_not(None), unproven, _change_of(Proof.tracking, Change.outcome == "done"))


def _link_of_ended() -> ColumnElement[bool]:
    works = and_(Proof.used_at.is_(None), Proof.void.is_(None), Proof.expires_at > clock.now())
    return and_(works, _consent_of(Consent.effective_to.is_not(None)))


def _end_link(session: Session, proof: Proof, _actor: str) -> None:
    void_proofs(session, proof.consent_id, "withdrawn")


_KINDS: Final = {
    _applied_without_change: DifferenceKind(
        "applied_without_change",
        "Sprawa jest załatwiona, a w rejestrze klientów nie zapisano jej skutku.",
        _FROM_BACKUP,
    ),
    _change_without_document: DifferenceKind(
        "change_without_case", "W rejestrze klientów zapisano skutek sprawy, której nie ma.", _FROM_BACKUP
    ),
    _change_not_applied: DifferenceKind(
        "change_not_applied",
        "Skutek sprawy jest już w rejestrze klientów, a sprawa nie jest załatwiona.",
        "Nie zatwierdzaj tej sprawy jeszcze raz, zanim nie porównasz jej historii (ebok show) z kopią zapasową bazy.",
    ),
    _of_other_customer: DifferenceKind(
        "change_of_other_customer", "Sprawa i jej skutek dotyczą różnych klientów.", _FROM_BACKUP
    ),
    _request_without_change: DifferenceKind(
        "request_without_change", "Zgłoszenie do wykonania nie ma skutku, z którego powstało.", _FROM_BACKUP
    ),
    _visit_without_day: DifferenceKind(
        "visit_without_day",
        "Wizyta jest umówiona albo zaproponowana, a nie zapisano jej dnia.",
        "Zaproponuj dzień jeszcze raz: /biuro/wnioski.",
    ),
    _consent_without_change: DifferenceKind(
        "consent_without_change", "Zgoda nie ma skutku sprawy, z którego powstała.", _FROM_BACKUP
    ),
    _consent_twice: DifferenceKind("consent_twice", "Z jednej sprawy powstały dwie zgody na to samo.", _ASK),
    _end_torn: DifferenceKind("consent_end_torn", "Zgodę zakończono, ale nie zapisano jej ostatniego dnia.", _ASK),
    _ended_by_nothing: DifferenceKind(
        "consent_ended_by_nothing", "Zgodę zakończyła sprawa, której nie ma.", _FROM_BACKUP
    ),
    _withdrawn_yet_open: DifferenceKind(
        "consent_withdrawn_yet_open", "Klient wycofał zgodę na e-faktury, a zgoda jest nadal w mocy.", _ASK
    ),
    _other_original: DifferenceKind(
        "consent_of_other_original", "Zgoda podaje skrót innego oryginału, niż ma jej sprawa.", _FROM_BACKUP
    ),
    _original_let_go: DifferenceKind(
        "consent_original_let_go",
        "Zgoda jest w mocy, a sprawa, z której wynika, nie ma już prawa do swojego oryginału.",
        "Oryginał przywróć z kopii zapasowej i przechowuj poza programem tak długo, jak trwa zgoda.",
    ),
    _delivered_otherwise: DifferenceKind(
        "delivery_against_consent",
        "Faktury klienta idą inną drogą albo na inny adres, niż mówi jego zgoda.",
        _ASK,
        Whose.CUSTOMER,
    ),
    _account_without_consent: DifferenceKind(
        "account_without_consent", "Konto eBOK działa albo czeka bez zgody.", _ASK
    ),
    _consent_without_account: DifferenceKind(
        "consent_without_account", "Jest zgoda na konto eBOK, a konta nie ma.", _ASK
    ),
    _number_of_two: DifferenceKind(
        "number_in_two_accounts",
        "Numer klienta jest dalszym numerem w jednym koncie eBOK, a ma też własne.",
        "Ustal z klientem, do którego konta ma należeć, i usuń go z drugiego.",
        Whose.CUSTOMER,
    ),
    _number_of_nobody: DifferenceKind(
        "number_of_nobody",
        "W koncie eBOK jest dalszy numer klienta, którego nie ma w rejestrze.",
        "Sprawdź w rozliczeniach, co się stało z tym numerem; usunięty klient znika z kont sam.",
        Whose.CUSTOMER,
    ),
    _authority_torn: DifferenceKind(
        "authority_torn",
        "Pełnomocnictwo zapisano tylko w części: nie wiadomo, czyje jest albo czy trwa.",
        "Wycofaj je w biurze (Konta klientów) i zapytaj klienta, czy ma działać.",
        Whose.CUSTOMER,
    ),
    _vouching_torn: DifferenceKind(
        "vouching_torn",
        "Zapisano tylko połowę tego, że konto eBOK należy do klienta: brakuje dnia albo sposobu.",
        "Sprawdź w dzienniku (ebok audit), kiedy i czym klient to potwierdził; jeśli go tam nie ma, zapytaj go.",
    ),
    _code_of_vouched: DifferenceKind(
        "letter_code_left",
        "Kod do konta z listu leży, choć wiadomo już, że konto należy do klienta.",
        "Usuń go: ebok check --repair.",
        mending="usuwa ten kod",
    ),
    _used_without_effect: DifferenceKind(
        "link_without_effect", "Klient kliknął odnośnik, a jego adres nie jest zapisany jako potwierdzony.", _ASK
    ),
    _link_of_ended: DifferenceKind(
        "link_of_ended_consent",
        "Odnośnik jeszcze działa, choć zgoda, której dotyczy, jest zakończona.",
        "Unieważnij go: ebok check --repair.",
        mending="unieważnia odnośnik",
    ),
}

COMPARISONS: Final[tuple[Comparison, ...]] = (
    *(Rows(_CASES, _KINDS[one], Document.id, Document.tracking, one) for one in (_applied_without_change,)),
    *(
        Rows(_CHANGES, _KINDS[one], Change.id, Change.tracking, one)
        for one in (_change_without_document, _change_not_applied, _of_other_customer)
    ),
    *(
        Rows(_CHANGES, _KINDS[one], Request.id, Request.tracking, one)
        for one in (_request_without_change, _visit_without_day)
    ),
    *(
        Rows(_CONSENTS, _KINDS[one], Consent.id, Consent.tracking, one)
        for one in (
            _consent_without_change,
            _consent_twice,
            _end_torn,
            _ended_by_nothing,
            _withdrawn_yet_open,
            _other_original,
            _original_let_go,
            _consent_without_account,
        )
    ),
    Rows(_ACCOUNTS, _KINDS[_account_without_consent], Account.id, Account.tracking, _account_without_consent),
    *(
        Rows(_ACCOUNTS, _KINDS[one], AccountNumber.id, AccountNumber.customer_no, one)
        for one in (_number_of_two, _number_of_nobody)
    ),
    Rows(_ACCOUNTS, _KINDS[_authority_torn], Authority.id, Authority.customer_no, _authority_torn),
    Rows(_ACCOUNTS, _KINDS[_vouching_torn], Account.id, Account.tracking, _vouching_torn),
    Rows(_ACCOUNTS, _KINDS[_code_of_vouched], LetterCode.id, LetterCode.id, _code_of_vouched, _forget_code),
    Rows(_LINKS, _KINDS[_used_without_effect], Proof.id, Proof.tracking, _used_without_effect),
    Rows(_LINKS, _KINDS[_link_of_ended], Proof.id, Proof.tracking, _link_of_ended, _end_link),
    Rows("Klienci", _KINDS[_delivered_otherwise], Customer.customer_no, Customer.customer_no, _delivered_otherwise),
)
"""What is compared here."""

"""Tables of the customer register.

Encryption at rest: PESEL, the values of requests and the details of changes are encrypted. Name, address, telephone,
NIP and e-mail stay readable to the database: clerks must be able to search by them, and the billing system reads them.
Tokens of proofs are stored only as digests. A keyed digest of a customer's imported columns tells a changed row
without decrypting it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedJson, EncryptedText
from database.engine import Base, Instant

_Bytewise: Final = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Words in the order of their bytes, on both databases: then those that begin alike stand together."""
_WAITING: Final = text("used_at IS NULL AND void IS NULL")


class Customer(Base):
    """One customer of the company.

    ``invoice_delivery`` ('paper' or 'email') and ``invoice_email`` hold from the local day ``delivery_from`` on; what
    held before that day is told by ``customers.register.delivery_on``. The keys are those of ``customers.keys``; they
    are None in rows that were imported before there were keys. ``unusable`` is that of ``CustomerRecord``, None for
    nothing. ``listed_at`` is when an imported list last had him, None for not since there is this column.
    """

    __tablename__ = "customers"

    customer_no: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    pesel: Mapped[str | None] = mapped_column(EncryptedText)
    nip: Mapped[str | None] = mapped_column(String(10), index=True)
    street: Mapped[str | None] = mapped_column(String(100))
    house: Mapped[str | None] = mapped_column(String(20))
    flat: Mapped[str | None] = mapped_column(String(20))
    postcode: Mapped[str | None] = mapped_column(String(6))
    town: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(16), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    unusable: Mapped[Any] = mapped_column(EncryptedJson, nullable=True)
    content_digest: Mapped[str] = mapped_column(String(64))
    name_key: Mapped[str | None] = mapped_column(String(200), index=True)
    address_key: Mapped[str | None] = mapped_column(String(200), index=True)
    pesel_key: Mapped[str | None] = mapped_column(String(64), index=True)
    invoice_delivery: Mapped[str] = mapped_column(String(5), default="paper")
    invoice_email: Mapped[str | None] = mapped_column(String(254))
    delivery_from: Mapped[date | None] = mapped_column(Date)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    listed_at: Mapped[datetime | None] = mapped_column(Instant)


class NameWord(Base):
    """That a word stands in the name of a customer: how he is found by the beginning of it. As in ``name_key``."""

    __tablename__ = "customer_name_words"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  read once, when the class is made

    word: Mapped[str] = mapped_column(_Bytewise, primary_key=True)
    customer_no: Mapped[str] = mapped_column(String(12), primary_key=True)


class RegisterWord(Base):
    """How many customers have a word, in capitals: of their names ('name'), or all of a 'street' or 'town'.

    'place' is a post code with its town. Reading takes them as what may stand in a field.
    """

    __tablename__ = "register_words"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  read once, when the class is made

    field: Mapped[str] = mapped_column(String(6), primary_key=True)
    word: Mapped[str] = mapped_column(_Bytewise, primary_key=True)
    count: Mapped[int]


class RegisterIndex(Base):
    """One row, which whoever changes customers holds: two writers take turns, so that the counts stay right.

    Customers up to ``reached`` (a customer number) are in the index; None when all are. ``words_state`` is another
    number after each change of ``register_words``.
    """

    __tablename__ = "register_index"

    id: Mapped[int] = mapped_column(primary_key=True)
    reached: Mapped[str | None] = mapped_column(String(12))
    words_state: Mapped[int]


class Consent(Base):
    """One acceptance with its proof: form and version, Regulamin version, dates, image.

    ``subject`` is 'einvoice' or 'account'. Unproven: ``email_proven_at`` is None; in force: proven and
    ``effective_to`` None; over: ``effective_to`` is the last local day on which it held (or could have held) and
    ``ended_by_tracking`` names the form that ended it.
    """

    __tablename__ = "consents"
    __table_args__ = (
        Index(
            "uq_consents_open",
            "customer_no",
            "subject",
            unique=True,
            sqlite_where=text("effective_to IS NULL"),
            postgresql_where=text("effective_to IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customers.customer_no"), index=True)
    subject: Mapped[str] = mapped_column(String(10))
    form: Mapped[str] = mapped_column(String(64))
    form_version: Mapped[str] = mapped_column(String(16))
    terms_version: Mapped[str | None] = mapped_column(String(16))
    signed_on: Mapped[date | None] = mapped_column(Date)
    received_on: Mapped[date] = mapped_column(Date)
    effective_from: Mapped[date | None] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    email: Mapped[str] = mapped_column(String(254))
    email_proven_at: Mapped[datetime | None] = mapped_column(Instant)
    tracking: Mapped[str] = mapped_column(String(16), index=True)
    original_sha256: Mapped[str | None] = mapped_column(String(64))
    ended_by_tracking: Mapped[str | None] = mapped_column(String(16))
    withdrawn: Mapped[bool] = mapped_column(Boolean, default=False)


class Account(Base):
    """An eBOK account; ``state`` is 'pending', 'active' or 'closed'. One open account a customer, one owner a login.

    ``customer_no`` is the number that it was opened for; of an agent's account one that no customer has, which is its
    ``tracking``, too (``customers.agents``).
    ``password_hash`` is None until the owner of the mailbox has chosen a password. ``identity_digest`` tells who may
    come in by a provider of identities. ``vouched_at`` is since when it is known that the owner is the customer, and
    ``vouched_by`` how (``portal.vouching``); until then he sees nothing that only the customer may.
    """

    __tablename__ = "accounts"
    __table_args__ = tuple(
        Index(
            f"uq_accounts_open_{column}",
            column,
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        )
        for column in ("login", "customer_no")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customers.customer_no"), index=True)
    login: Mapped[str] = mapped_column(String(254))
    state: Mapped[str] = mapped_column(String(8))
    phone: Mapped[str | None] = mapped_column(String(16))
    notify_sms: Mapped[bool] = mapped_column(Boolean)
    notify_email: Mapped[bool] = mapped_column(Boolean)
    terms_version: Mapped[str | None] = mapped_column(String(16))
    tracking: Mapped[str] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    activated_at: Mapped[datetime | None] = mapped_column(Instant)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_set_at: Mapped[datetime | None] = mapped_column(Instant)
    identity_digest: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    vouched_at: Mapped[datetime | None] = mapped_column(Instant)
    vouched_by: Mapped[str | None] = mapped_column(String(8))


class PasswordLink(Base):
    """A link by which the owner of an account's mailbox chooses a password; only the newest of an account works.

    With ``new_login`` it goes to that address instead, which is the login once its owner has used the link.
    """

    __tablename__ = "password_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    new_login: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class AccountNumber(Base):
    """A further customer number of an account; ``state`` is 'waiting' (the office decides) or 'active'.

    ``agreed`` names what of that asked with it agrees with the register, between commas. What waits may be a number
    that nobody has: whoever asks is not told.
    """

    __tablename__ = "account_numbers"
    __table_args__ = (
        Index("uq_account_numbers_asked", "account_id", "customer_no", unique=True),
        Index(
            "uq_account_numbers_active",
            "customer_no",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    customer_no: Mapped[str] = mapped_column(String(12), index=True)
    state: Mapped[str] = mapped_column(String(8))
    agreed: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(Instant)


class Authority(Base):
    """What a customer lets somebody else do with his number, up to a day (``until``, the last).

    ``email`` is to whom it was given, ``account_id`` whose account has it since ``accepted_at``. ``scope`` is one of
    ``portal.views.Scope``. ``given_by`` and ``ended_by`` are as the audit names who acts; ``paper`` is the case of the
    paper by which a clerk recorded it. The invitation is a link, of which the digest is kept until it ends.
    """

    __tablename__ = "authorities"
    __table_args__ = ({"sqlite_autoincrement": True},)  # what came by it names it longer than it is kept

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customers.customer_no"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    scope: Mapped[str] = mapped_column(String(10))
    given_by: Mapped[str] = mapped_column(String(80))
    given_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[date] = mapped_column(Date)
    paper: Mapped[str | None] = mapped_column(String(16))
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    link_ends: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(String(80))


class TermsAnswer(Base):
    """What the owner of an account said to a new version of its Regulamin: 'accepted', or 'later'."""

    __tablename__ = "terms_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customers.customer_no"), index=True)
    version: Mapped[str] = mapped_column(String(16))
    answer: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)


class AccountSession(Base):
    """One browser in which the owner of an account is signed in; the token itself is only in its cookie.

    ``viewed_no`` is the customer number that it looks at; None is the account's own first one.
    """

    __tablename__ = "account_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used: Mapped[datetime] = mapped_column(Instant, index=True)
    browser: Mapped[str] = mapped_column(String(60))
    viewed_no: Mapped[str | None] = mapped_column(String(12))


class Passkey(Base):
    """A passkey that lets in the owner of an account (``access.passkeys``), who has given it a name.

    ``owner`` is what names him in it, the same in all passkeys of an account. ``counter`` is what it last said of how
    often it was used, 0 of one that does not count.
    """

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1366), unique=True)
    public_key: Mapped[str] = mapped_column(String(1000))
    owner: Mapped[str] = mapped_column(String(86))
    counter: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used: Mapped[datetime | None] = mapped_column(Instant)


class LetterCode(Base):
    """A code that went by letter to the address of the register; whoever types it is the customer.

    Its digest is kept until the code is used or over; ``wrong`` counts the codes typed that were none.
    """

    __tablename__ = "letter_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    wrong: Mapped[int] = mapped_column(default=0)


class Proof(Base):
    """A link that proves an e-mail address; ``purpose`` is 'account', 'einvoice' or 'einvoice_change'.

    The token is a keyed digest of ``nonce``: it can be made again after a crash, but not from the database alone.
    ``void`` is None, 'replaced' (a newer link exists), 'withdrawn' (what it was for is over), 'corrected' (it was
    sent because of a misreading), 'redirected' (its address was corrected with the customer on the telephone) or
    'erased' (nobody used it, and its address is no longer kept). ``opened_at`` and ``last_opened_at``: when its page
    was opened first and last, by whomever. ``phoned_at`` and ``call_outcome`` (``customers.calls``): when a
    clerk settled with the customer that it ran out unused, and how.
    """

    __tablename__ = "proofs"
    __table_args__ = (Index("ix_proofs_waiting", "expires_at", sqlite_where=_WAITING, postgresql_where=_WAITING),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    nonce: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))
    customer_no: Mapped[str] = mapped_column(ForeignKey("customers.customer_no"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    tracking: Mapped[str] = mapped_column(String(16), index=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    void: Mapped[str | None] = mapped_column(String(10))
    phoned_at: Mapped[datetime | None] = mapped_column(Instant)
    call_outcome: Mapped[str | None] = mapped_column(String(10))
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    last_opened_at: Mapped[datetime | None] = mapped_column(Instant)


class Request(Base):
    """A wish of a customer that the office carries out: all its values, nothing changed by itself.

    One that asks for a visit has a ``visit_state`` (``customers.visits``), all others None there and in what follows.
    ``step`` counts what was done to it, ``since`` is when its state began. ``wished_on`` is the day that the customer
    wishes for, ``day`` and ``part`` (of the day) those of the office; ``report`` and ``note`` are the crew's, ``wish``
    is what the customer said with another wish. ``crew`` is the name of the crew that the office gave it to.
    ``authority`` is the number of that by which somebody else said the customer's last word on the day.
    """

    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_visit_state_day", "visit_state", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customers.customer_no"), index=True)
    form: Mapped[str] = mapped_column(String(64))
    tracking: Mapped[str] = mapped_column(String(16), unique=True)
    values: Mapped[Any] = mapped_column(EncryptedJson)
    at: Mapped[datetime] = mapped_column(Instant)
    visit_state: Mapped[str | None] = mapped_column(String(10))
    step: Mapped[int | None]
    since: Mapped[datetime | None] = mapped_column(Instant)
    wished_on: Mapped[date | None] = mapped_column(Date)
    day: Mapped[date | None] = mapped_column(Date)
    part: Mapped[str | None] = mapped_column(String(10))
    report: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(EncryptedText)
    wish: Mapped[str | None] = mapped_column(EncryptedText)
    crew: Mapped[str | None] = mapped_column(String(40))
    authority: Mapped[int | None]


class Change(Base):
    """What came of one document: the exactly-once key of its effect.

    ``subject`` is what forms can change one after the other: 'einvoice', 'account' or 'request:CODE'.
    ``outcome`` is the kind of ``customers.outcome.Outcome``; only 'needs_human' may be replaced by a later try, and
    'done' becomes 'compensated' where ``customers.compensation`` took it back.
    """

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking: Mapped[str] = mapped_column(String(16), unique=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customers.customer_no"), index=True)
    subject: Mapped[str] = mapped_column(String(80))
    effect: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    request_digest: Mapped[str] = mapped_column(String(64))
    signed_on: Mapped[date | None] = mapped_column(Date)
    received_at: Mapped[datetime] = mapped_column(Instant)
    detail: Mapped[Any] = mapped_column(EncryptedJson)
    at: Mapped[datetime] = mapped_column(Instant)

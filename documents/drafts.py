"""Forms begun online and not sent yet: kept for a while under a secret address, then swept away.

The token of the address is known to its holder alone: the database has its keyed digest. What was typed is encrypted,
and erased as soon as it is sent; the row then only remembers the tracking number, so that nothing is sent twice.

Who goes on in another browser goes on with a copy under an address of his own; the former one keeps what it had. So an
address stays good for as long as it was promised, and yet nobody can hand out the address of a form and read what
somebody else types into it. A copy that is sent ends what it was made of, unless that was changed since.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Integer, Select, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from database.encryption import EncryptedJson, digest
from database.engine import Base, Instant, insert_if_absent
from environment import clock
from environment.settings import get_settings

_BYTES: Final = 24
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")


class Draft(Base):
    """What somebody typed into a form: ``values`` as typed, by field name.

    ``revision`` counts the times it was kept. ``values`` is None once it is sent: ``tracking`` is set then, or, where a
    copy was sent, not. ``origin`` is the digest of the draft that a copy was made of, at ``origin_revision``.
    ``authority`` is the number of that by which it was begun for a customer.
    """

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    values: Mapped[dict[str, str] | None] = mapped_column(EncryptedJson)
    revision: Mapped[int] = mapped_column(default=0)
    tracking: Mapped[str | None] = mapped_column(String(12))
    authority: Mapped[int | None]
    origin: Mapped[str | None] = mapped_column(String(64))
    origin_revision: Mapped[int | None]
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)

    @property
    def request_key(self) -> str:
        """The idempotency key under which it is sent: the same for ever, and nobody else's."""
        return f"draft {self.token_digest}"


def new_token() -> str:
    """The secret part of a new draft's address: 192 random bits."""
    return secrets.token_urlsafe(_BYTES)


def is_token(text: str) -> bool:
    """Whether a text can be a token of ours."""
    return _TOKEN.fullmatch(text) is not None


def keep(
    session: Session,
    form: str,
    token: str,
    values: Mapping[str, str],
    *,
    own: bool,
    lasts: timedelta | None = None,
    authority: int | None = None,
) -> tuple[Draft, str]:
    """Keep what was typed into the form of that code, in place of what was there; the draft and its token.

    ``own`` tells that the browser kept it under this token before. One that did not gets a copy with a new token,
    unless there was no such draft. What is sent is left as it is. Drafts whose time is over are swept away. ``lasts``
    is how long it is kept, where that is not as long as what somebody typed. ``authority`` is that of who begins it for
    a customer; a copy goes on with it.
    """
    sweep_away(session)
    new, draft = _begun(session, form, token)
    if draft.values is None:
        return draft, token
    if not (new or own):
        origin, token = draft, new_token()
        _, draft = _begun(session, form, token)
        draft.origin, draft.origin_revision = origin.token_digest, origin.revision
        authority = authority or origin.authority
    draft.authority = draft.authority or authority
    draft.values, draft.revision, draft.expires_at = dict(values), draft.revision + 1, _end(lasts)
    session.flush()
    return draft, token


def _begun(session: Session, form: str, token: str) -> tuple[bool, Draft]:
    """Whether there was no such draft before, and the draft, locked."""
    fresh = {"token_digest": _digest(form, token), "values": {}, "revision": 0, "expires_at": _end()}
    new = insert_if_absent(session, Draft, fresh)
    return new, session.scalars(_locked(form, token)).one()


def _end(lasts: timedelta | None = None) -> datetime:
    return clock.now() + (timedelta(days=get_settings().draft_days) if lasts is None else lasts)


def find(session: Session, form: str, token: str, *, lock: bool = False) -> Draft | None:
    """The draft of that form and token; None when there is none (any more).

    ``lock`` makes others wait until this transaction ends.
    """
    draft = session.scalar(_locked(form, token) if lock else _of(form, token))
    return draft if draft is not None and draft.expires_at > clock.now() else None


def is_copy(session: Session, form: str, token: str, origin: str) -> bool:
    """Whether the draft under ``token``, not sent yet, was made of the one under ``origin``."""
    draft = find(session, form, token)
    return draft is not None and draft.values is not None and draft.origin == _digest(form, origin)


def mark_sent(session: Session, draft: Draft, tracking: str) -> None:
    """Erase what was typed, also in what it is a copy of; the draft remembers only which case it became."""
    draft.values, draft.tracking = None, tracking
    copy: Draft | None = draft
    while copy is not None and copy.origin is not None:
        wanted = select(Draft).where(Draft.token_digest == copy.origin, Draft.revision == copy.origin_revision)
        copy = session.scalar(wanted.where(Draft.values.is_not(None)).with_for_update())
        if copy is not None:
            copy.values = None  # its holder may be another than the sender: it learns no number
    session.flush()


def forget(session: Session, form: str, token: str) -> None:
    """Erase a draft that its holder does not want any more; one that was sent stays to remember its case."""
    unwanted = delete(Draft).where(Draft.token_digest == _digest(form, token), Draft.tracking.is_(None))
    session.execute(unwanted.execution_options(synchronize_session=False))


def sweep_away(session: Session) -> int:
    """Erase every draft whose time is over, but for those that another transaction holds; gives how many."""
    over = select(Draft.id).where(Draft.expires_at <= clock.now()).with_for_update(skip_locked=True)
    swept = delete(Draft).where(Draft.id.in_(over)).returning(Draft.id)
    return len(session.execute(swept.execution_options(synchronize_session=False)).all())


def begun_with(session: Session, field: str, value: str) -> list[Draft]:
    """Drafts, not sent yet, in which somebody typed that value into that field."""
    kept = session.scalars(select(Draft).where(Draft.values.is_not(None)).order_by(Draft.id))
    return [draft for draft in kept if (draft.values or {}).get(field, "").strip() == value]


def _of(form: str, token: str) -> Select[tuple[Draft]]:
    return select(Draft).where(Draft.token_digest == _digest(form, token))


def _locked(form: str, token: str) -> Select[tuple[Draft]]:
    return _of(form, token).with_for_update().execution_options(populate_existing=True)


def _digest(form: str, token: str) -> str:
    return digest("draft", form, token)

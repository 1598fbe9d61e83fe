"""Photos of meters: what a reader process has drawn anew of what a customer sent, kept in the store of originals.

A photo comes before its reading: its customer may be asked something in between. It is named to the browser with a
keyed digest, so that nobody can name another's; one that no reading names within a day is let go of.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from billing.metering.tables import ReportedReading
from database.encryption import digest
from documents import claims
from documents.originals import StoredFile
from documents.tables import Original

_SHOWN: Final = 32


def keep_photo(session: Session, photo: StoredFile, customer_no: str) -> str:
    """Keep a photo for a reading of that customer that is about to come; gives the name by which his browser knows it.

    OriginalError when it was erased meanwhile, to be stored again.
    """
    claims.keep(session, [photo], claims.READINGS)
    return f"{photo.sha256}.{_proof(photo.sha256, customer_no)}"


def photo_named(name: str, customer_no: str) -> str | None:
    """The digest of the photo that this customer's browser names; None for what we did not give him."""
    sha256, _, proof = name.partition(".")
    right = hmac.compare_digest(proof.encode(), _proof(sha256, customer_no).encode())
    return sha256 if right else None


def release_photos(session: Session, after: str, before: datetime, most: int) -> tuple[int, str | None]:
    """Let go of photos that no reading names, of the next so many stored before; gives how many, and the last one."""
    named = exists().where(ReportedReading.photo_sha256 == Original.sha256)
    kept = (claims.kept_for(claims.READINGS), Original.sha256 > after, Original.stored_at < before)
    found = session.execute(select(Original.sha256, named).where(*kept).order_by(Original.sha256).limit(most)).all()
    unused = [sha256 for sha256, is_named in found if not is_named]
    claims.let_go(session, unused, claims.READINGS)
    return len(unused), found[-1][0] if found else None


def _proof(sha256: str, customer_no: str) -> str:
    return digest("photo of a meter", customer_no, sha256)[:_SHOWN]

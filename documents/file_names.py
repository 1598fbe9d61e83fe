"""The index by which scans are found by the names of their files.

Names are encrypted, for people put names of customers into them; what is asked by is a keyed digest of each word and
number in a name. It is made when a file is taken in and goes with the name.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from pathlib import PurePath
from typing import Final

from sqlalchemy import and_, delete, exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from database.encryption import digester
from database.engine import table_of
from documents.tables import Document, FileWord

_MOST: Final = 20
"""Words of one name that count."""
_OFTEN: Final = 1000
"""A word in so many names, such as the one with which a scanner begins all of them, is as good as any other."""
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_NAMED: Final = insert(table_of(FileWord))
_ENDING: Final = re.compile(r"\.(pdf|tiff?|jpe?g|png|heic)$")


def words_of(name: str) -> list[str]:
    """The words and numbers of a file's name as they are looked for.

    Capitals, diacritics, noughts before a number and the ending that tells the format make no difference.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign))
    plain = _ENDING.sub("", plain.replace("ł", "l").strip())
    found = (word.lstrip("0") or "0" if word.isdigit() else word for word in _WORD.findall(plain))
    return list(islice(dict.fromkeys(found), _MOST))


def index_name(session: Session, document: Document) -> None:
    """Make a scan findable by the name of its file."""
    digested = digester()
    words = words_of(PurePath(document.file_name or "").name)
    rows = [{"word": digested("file word", word), "document_id": document.id} for word in words]
    if rows:
        session.connection().execute(_NAMED, rows)


def forget_name(session: Session, document: Document) -> None:
    """The name is no longer kept: nothing tells what it was."""
    session.execute(delete(FileWord).where(FileWord.document_id == document.id))


def named(session: Session, typed: str, most: int) -> list[int]:
    """Ids of at most so many scans whose names have all words and numbers that were typed, the newest first."""
    digested = digester()
    words = [digested("file word", word) for word in words_of(typed)]
    first, *others = sorted(words, key=lambda word: _frequency(session, word)) if len(words) > 1 else words or [""]
    wanted = select(FileWord.document_id).where(FileWord.word == first)
    for word in others:
        also = aliased(FileWord)
        wanted = wanted.where(exists().where(and_(also.word == word, also.document_id == FileWord.document_id)))
    return list(session.scalars(wanted.order_by(FileWord.document_id.desc()).limit(most)))


def _frequency(session: Session, word: str) -> int:
    """In how many names it stands; of one that stands in very many only that."""
    some = select(FileWord.document_id).where(FileWord.word == word).limit(_OFTEN).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0

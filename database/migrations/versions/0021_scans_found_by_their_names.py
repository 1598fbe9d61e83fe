"""Words in the names of scans, as keyed digests, so that a scan is found by the name of its file.

Those that are there already come in at once.
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from database.encryption import decrypt, digester

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

_ENDING = re.compile(r"\.(pdf|tiff?|jpe?g|png|heic)$")


def upgrade() -> None:
    words = op.create_table(
        "file_words",
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", "document_id", name=op.f("pk_file_words")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_file_words_document_id_documents"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_file_words_document_id", "file_words", ["document_id"])
    scans = op.get_bind().execute(
        sa.text(
            "SELECT id, file_name FROM documents WHERE file_name IS NOT NULL AND parent_tracking IS NULL"
            " AND channel IN ('folder', 'cli')"
        )
    )
    digested = None
    for bundle in scans.partitions(1000):
        digested = digested or digester()
        rows = [
            {"word": digested("file word", word), "document_id": number}
            for number, name in bundle
            for word in _words(decrypt(bytes(name)))
        ]
        if rows:
            op.bulk_insert(words, rows)


def downgrade() -> None:
    op.drop_table("file_words")


def _words(name: str) -> list[str]:
    """As the program of this version takes them (``documents.file_names``)."""
    name = name.rpartition("/")[2]
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign))
    plain = _ENDING.sub("", plain.replace("ł", "l").strip())
    found = (word.lstrip("0") or "0" if word.isdigit() else word for word in re.findall(r"[^\W\d_]+|\d+", plain))
    return list(dict.fromkeys(found))[:20]

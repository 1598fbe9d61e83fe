"""Tables of what billing told, made of the contract, and of its deliveries.

A row bears the delivery ``since`` which it is so, and ``until`` which (None: it still is). What is in force is told by
the last delivery that was applied: so a delivery is written in many short transactions that nobody sees, and one row
makes it true at once (decision 48). The account to pay to is encrypted; the rest stays readable to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    Select,
    String,
    Table,
    and_,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from billing import contract
from billing.column_types import (
    Amount,
    BankAccount,
    Choice,
    ColumnType,
    Day,
    Identifier,
    OfForms,
    Pattern,
    Text,
    WholeNumber,
)
from database.encryption import EncryptedText
from database.engine import Base, Instant

_OVER: Final = text("until IS NOT NULL")
CONTENT: Final = 32
"""Hexadecimal digits that tell a changed row."""


class Scaled(TypeDecorator[Decimal]):
    """A decimal number with fixed places, as a whole number of the last one: exact in both databases."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """In the smallest parts."""
        return None if value is None else int(value.scaleb(self.places))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """With its places."""
        return None if value is None else Decimal(value).scaleb(-self.places)


class BillingDelivery(Base):
    """A delivery by its number; without ``applied_at`` it is being written by ``owner``, and nothing of it is true yet.

    ``digest`` is that of its source, ``counts`` what it changed. ``paid_until`` is the last day of which it told all
    payments, None where it told none.
    """

    __tablename__ = "billing_deliveries"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    owner: Mapped[str] = mapped_column(String(100))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    paid_until: Mapped[date | None] = mapped_column(Date)


_TYPES: Final[Mapping[type[ColumnType], Callable[[Any], TypeEngine[Any]]]] = {
    Text: lambda kind: String(kind.length),
    Identifier: lambda kind: String(kind.length),
    Amount: lambda kind: Scaled(kind.places),
    Day: lambda _: Date(),
    WholeNumber: lambda _: Integer(),
    BankAccount: lambda _: EncryptedText(),
    Choice: lambda _: String(10),
    Pattern: lambda kind: String(kind.length),
    OfForms: lambda _: String(12),
}


def _table(told: contract.BillingTable) -> Table:
    name = f"billing_{told.name}"
    columns = [
        Column(one.name, _TYPES[type(one.kind)](one.kind), primary_key=one.name in told.key, nullable=not one.required)
        for one in told.columns
        if one.kept
    ]
    return Table(
        name,
        Base.metadata,
        *columns,
        Column("since", Integer, primary_key=True),
        Column("until", Integer, nullable=True),
        Column("content", String(CONTENT), nullable=False),
        *(Index(f"ix_{name}_{'_'.join(names)}", *names) for names in told.found_by),
        Index(f"ix_{name}_since", "since"),
        Index(f"ix_{name}_over", "until", sqlite_where=_OVER, postgresql_where=_OVER),
        sqlite_with_rowid=False,
    )


TABLES: Final = {told.name: _table(told) for told in contract.TABLES}
"""By the name in the contract."""
POINTS, METERS, READINGS = (TABLES[told.name] for told in (contract.POINTS, contract.METERS, contract.READINGS))
INVOICES, CHARGES = (TABLES[told.name] for told in (contract.INVOICES, contract.CHARGES))
PAYMENTS, SETTLEMENTS = (TABLES[told.name] for told in (contract.PAYMENTS, contract.SETTLEMENTS))


def last_applied() -> Select[tuple[int]]:
    """The number of the last delivery that is true, 0 for none."""
    return select(func.coalesce(func.max(BillingDelivery.number), 0)).where(BillingDelivery.applied_at.is_not(None))


def in_force(table: Table) -> ColumnElement[bool]:
    """Condition: the row is what billing says now."""
    now = last_applied().scalar_subquery()
    return and_(table.c.since <= now, or_(table.c.until.is_(None), table.c.until > now))

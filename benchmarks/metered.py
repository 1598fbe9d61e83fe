"""Sample meters with a history, as billing would have told it, for a look at the pages of readings and for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import Table, insert

from billing.tables import CONTENT, METERS, POINTS, READINGS
from database.engine import transaction
from environment import clock

MONTH: Final = timedelta(days=30)
EVEN: Final = (10,) * 14
"""Cubic metres of each month: ten and ten again."""
_BEGIN: Final = 100
_BLACK: Final = 5
_LONG: Final = timedelta(days=2000)


def add_meter(
    customer_no: str, meter_no: str, used: Sequence[int] = EVEN, *, last: date | None = None, begin: int = _BEGIN
) -> int:
    """A water meter of that customer, read every thirty days up to ``last`` (ten days ago); what it showed then."""
    until = last or clock.today() - timedelta(days=10)
    days = [until - MONTH * (len(used) - at) for at in range(len(used) + 1)]
    shown = [begin + sum(used[:at]) for at in range(len(used) + 1)]
    since = clock.today() - _LONG
    point = f"P-{meter_no}"
    with transaction() as session:
        session.execute(
            insert(POINTS),
            _row(POINTS, point_no=point, customer_no=customer_no, street="Leśna", house="3", valid_from=since),
        )
        meter = _row(METERS, meter_no=meter_no, point_no=point, service="water", installed_on=since)
        session.execute(insert(METERS), meter)
        read = [
            _row(READINGS, meter_no=meter_no, read_on=day, value=Decimal(value), source="remote")
            for day, value in zip(days, shown, strict=True)
        ]
        session.execute(insert(READINGS), read)
    return shown[-1]


def photo_of_meter(value: int) -> bytes:
    """A picture of a meter that shows so many cubic metres, as a JPEG."""
    picture = Image.new("RGB", (1200, 900), (188, 196, 200))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((200, 50, 1000, 850), fill=(236, 238, 238), outline=(70, 80, 86), width=18)
    font = ImageFont.load_default(90)
    for at, digit in enumerate(f"{value:05d}"[-5:] + "318"):
        left = 284 + at * 80
        pen.rounded_rectangle((left, 380, left + 70, 500), 8, fill=(28, 28, 28) if at < _BLACK else (170, 10, 30))
        pen.text((left + 35, 438), digit, font=font, fill="white", anchor="mm")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _row(table: Table, **values: Any) -> dict[str, Any]:
    return {column.name: None for column in table.columns} | {"since": 0, "content": "0" * CONTENT} | values

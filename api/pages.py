"""HTML pages: one frame for all, and the filters of their templates."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from api.static_files import static_address
from api.theme import mark_address, style_address
from billing.invoice_message import amount_of
from confirmations.polish import long_date
from environment.settings import get_settings
from forms.fields import MOBILE
from forms.line_breaks import unbroken
from forms.wording import counted

_templates: Final = Jinja2Templates(directory=Path(__file__).parent / "templates")
_templates.env.trim_blocks = _templates.env.lstrip_blocks = True
_templates.env.filters["unbroken"] = lambda text: unbroken(str(text))
_templates.env.globals.update(static=static_address, colours=style_address, mark=mark_address)
_templates.env.filters["pretty"] = lambda value: json.dumps(value, ensure_ascii=False, indent=2)


def moment(instant: datetime) -> str:
    """An instant as people say it where the company is: '23 listopada 2026 r., 14:05'."""
    local = instant.astimezone(get_settings().zone)
    return f"{long_date(local.date())}, {local:%H:%M}"


def cubic(amount: Decimal) -> str:
    """Cubic metres, rounded to a tenth: '12,4 m³'."""
    return f"{amount:.1f}\N{NO-BREAK SPACE}m³".replace(".", ",").replace("-", "\N{MINUS SIGN}")


def quantity(amount: Decimal) -> str:
    """An amount of anything, without zeros that say nothing: '12,345'."""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",").replace("-", "\N{MINUS SIGN}")


def short_day(day: date) -> str:
    """A day as tables have it: '30.11.2026'."""
    return f"{day:%d.%m.%Y}"


def dial(number: str) -> str:
    """The address of a telephone number: Polish, or with the code of its country."""
    digits = "".join(number.split())
    return f"tel:{digits}" if digits.startswith("+") else f"tel:+48{digits}"


_templates.env.filters.update(dial=dial, money=amount_of, cubic=cubic, quantity=quantity, short_day=short_day)
_templates.env.filters.update(moment=moment, telephone=MOBILE.kind.display)
_templates.env.filters["counted"] = lambda number, *words: f"{number} {counted(number, *words)}"
_templates.env.filters["day"] = long_date


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page from a template; the company's data are in every one."""
    return _templates.TemplateResponse(request, template, {"company": get_settings(), **context}, status_code=status)


def message_page(
    request: Request,
    status: int,
    heading: str,
    sentences: list[str],
    *,
    mood: str,
    tracking: str | None = None,
    onward: tuple[str, str] | None = None,
) -> Response:
    """A page that only tells something; ``mood`` is 'good' or 'warn', ``onward`` an address and what it leads to.

    Staff get it in the frame of the desk.
    """
    at_desk = request.url.path.startswith("/biuro")
    return page(
        request,
        "desk/message.html" if at_desk else "message.html",
        status=status,
        heading=heading,
        sentences=sentences,
        mood=mood,
        tracking=tracking,
        onward=onward,
    )


def wants_page(request: Request) -> bool:
    """Whether a person with a browser asks, and not a program."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")

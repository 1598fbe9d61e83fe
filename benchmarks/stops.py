"""A stop of the walk past every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True, slots=True)
class Stop:
    """One page to look at: ``route`` is its path in the application, ``address`` what a browser opens.

    ``login`` is who of the staff looks, ``customer`` the number of the customer who does; ``case`` is the number of a
    case that this browser may see. ``act`` is done on the page before it is looked at; ``status`` is what the address
    is answered with. ``reads`` are customer and meter whose form without account this browser may open.
    """

    name: str
    route: str
    address: str
    login: str | None = None
    case: str | None = None
    customer: str | None = None
    act: Callable[[Page], None] | None = None
    status: int = 200
    password_only: bool = False
    reads: tuple[str, str] | None = None


def press(name: str) -> Callable[[Page], None]:
    """Press the first button of that name."""
    return lambda page: page.get_by_role("button", name=name).first.click()

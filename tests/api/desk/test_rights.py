"""Every page and button of the desk, asked for by everybody who works here: who lacks its right is told no."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from access.roles import Right, Role
from api.desk.access import owner, require, signed_in, visitor
from benchmarks import office
from documents.states import IntakeChannel
from tests.api.desk.staff import Desk
from tests.application import application

FOR_ANYBODY = {
    ("GET", "/biuro/logowanie"),
    ("POST", "/biuro/logowanie"),
    ("POST", "/biuro/logowanie/dostawca"),
    ("GET", "/biuro/logowanie/dostawca/powrot"),
    ("GET", "/biuro/kto"),
}
"""What is asked for before anybody has signed in, and by the proxy to find out whether anybody has."""
OWN_ACCOUNT = ("/biuro/haslo", "/biuro/kod", "/biuro/drugi-skladnik", "/biuro/wyloguj", "/biuro/zalogowania")


def routes() -> Iterator[tuple[str, str, Any]]:
    """Method, path and dependencies of all that the desk answers."""
    for one in iter_route_contexts(application().routes):
        path, dependant = getattr(one, "path", None), getattr(one, "dependant", None)
        if path and path.startswith("/biuro") and dependant is not None:
            for method in one.methods or ():
                yield method, path, dependant


def guards(dependant: Any) -> set[Any]:
    """The right that a route takes, or the function that lets in to it."""
    found = set()
    for one in dependant.dependencies:
        if getattr(one.call, "__qualname__", "").startswith(require.__name__):
            found.add(inspect.getclosurevars(one.call).nonlocals["right"])
        elif one.call in (signed_in, owner, visitor):
            found.add(one.call)
    return found


@cache
def guarded() -> dict[tuple[str, str], set[Any]]:
    """What each route takes, by method and path."""
    return {(method, path): guards(dependant) for method, path, dependant in routes()}


def takes() -> dict[tuple[str, str], Any]:
    """The one thing that a route takes, of those that take any."""
    return {route: next(iter(found)) for route, found in sorted(guarded().items()) if found}


def test_every_route_says_who_may_use_it() -> None:
    assert {route for route, found in guarded().items() if not found} == FOR_ANYBODY
    assert all(len(found) == 1 for found in guarded().values() if found)
    open_to_all = {path for (_, path), right in takes().items() if not isinstance(right, Right)}
    assert {path for path in open_to_all if not path.startswith(OWN_ACCOUNT)} == {"/biuro/"}, "leads everybody on"


def test_who_decides_nothing_has_no_way_to_decide() -> None:
    """Said of the table itself: a right that is given to a role by mistake fails here."""
    asks = {path for (method, path), right in takes().items() if right in Role.MANAGER.rights and method == "POST"}
    dial = {"/biuro/tolerancja", "/biuro/tolerancja/poluzuj"}
    assert asks == {"/biuro/szukaj", *dial}, "a name is looked for by POST; how sure reading must be is for managers"
    assert Role.MAILROOM.rights == {Right.SCANS}
    assert Role.CREW.rights == {Right.FIELD_WORK}
    assert not Role.MANAGER.rights & {Right.DECIDE, Right.SUPERVISE, Right.ACCOUNTS}
    assert Role.ADMINISTRATOR.rights == set(Right)
    assert Role.CLERK.rights < Role.SUPERVISOR.rights < Role.ADMINISTRATOR.rights


@pytest.mark.parametrize("role", Role)
def test_everybody_begins_at_work_of_their_own_and_comes_nowhere_without_a_right(
    desk: Callable[..., Desk], role: Role
) -> None:
    person = desk("ola", role)
    begins = person.browser.get("/biuro/", follow_redirects=False).headers.get("location")
    starts = {Role.MAILROOM: "/biuro/kancelaria", Role.CREW: "/biuro/ekipa", Role.MANAGER: "/biuro/przeglad"}
    assert begins == starts.get(role)
    csrf, wrong = person.csrf, []
    for (method, path), right in takes().items():
        if not isinstance(right, Right):
            continue
        address = path.replace(":path}", "}").format(
            tracking="AAAA-AAAA",
            page="1",
            size="strona",
            field="x",
            login="nikt",
            path="",
            number="1",
            question="1",
            attachment="1",
        )
        answer = person.browser.request(method, address, headers={"X-CSRF-Token": csrf}, follow_redirects=False)
        told = "Brak dostępu" in answer.text and answer.status_code == 403
        if told is (right in role.rights):
            wrong.append(f"{role} {method} {path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_a_manager_reads_a_story_and_finds_no_button_and_no_picture_in_it(desk: Callable[..., Desk]) -> None:
    number = office.online("ebok_signup", channel=IntakeChannel.WEB)
    page = desk("mila", Role.MANAGER).browser.get(f"/biuro/sprawy/{number}/historia").text
    assert str(office.people()[0]["email"]) in page
    pesel = office.people()[0]["pesel"]
    assert pesel is not None
    assert pesel not in page
    main = page[page.index("<main") :]
    assert "<form" not in main
    assert "/oryginal" not in main
    assert "strona/" not in main
    assert "Pokaż PESEL" in desk("ola").browser.get(f"/biuro/sprawy/{number}/historia").text

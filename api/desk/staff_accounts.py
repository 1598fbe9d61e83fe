"""Staff accounts, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.crews import crews
from access.passwords import hashed, initial_password
from access.staff import Role, SignInWay, StaffError, StaffMember, list_staff
from api.desk.access import ROLES, Administrator, Posted, SignedIn, desk_page, text_of, token_of
from database.engine import Session, reading, transaction
from environment.settings import get_settings
from review import staff_accounts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_PAGE = "/biuro/konta"
_DONE = {
    "rola": "Rola jest zmieniona.",
    "ekipa": "Ekipa jest zapisana.",
    "zamkniete": "Konto jest zamknięte.",
    "skladnik": "Drugi składnik jest wyłączony, wszystkie sesje tej osoby są zakończone. Jeśli jej rola go wymaga, "
    "ustawi go przy najbliższym logowaniu.",
    "logowanie": "Sposób logowania jest zmieniony, wszystkie sesje tej osoby są zakończone.",
    "odblokowane": "Logowanie jest odblokowane: nieudane próby liczą się od nowa.",
}


@router.get(_PAGE)
def show(request: Request, clerk: Administrator) -> Response:
    """All accounts, and a form for a new one."""
    return _page(request, clerk, done=_DONE.get(request.query_params.get("zrobione", "")))


@router.post(_PAGE)
def add(request: Request, clerk: Administrator, form: Posted) -> Response:
    """A new account. The answer shows its first password, once: this page and no other address has it."""
    typed = {name: text_of(form, name) for name in ("login", "nazwisko", "rola")}
    password = initial_password()
    kept = hashed(password)
    try:
        role = _role(typed["rola"])
        with transaction() as session:
            member = staff_accounts.add(session, typed["login"], typed["nazwisko"], role, kept, actor=clerk.actor)
    except StaffError as error:
        field = {"name": "nazwisko", "role": "rola"}.get(error.field, error.field)
        return _page(request, clerk, status=422, typed=typed, problems={field: error.message})
    return _page(request, clerk, handed_over=(member, password))


@router.post(_PAGE + "/{login}/haslo")
def give_password(request: Request, login: str, clerk: Administrator, form: Posted) -> Response:
    """A new password to hand over; it opens a closed account again."""
    password = initial_password()
    kept = hashed(password)
    try:
        with transaction() as session:
            member = staff_accounts.give_password(session, login, kept, actor=clerk.actor)
    except StaffError as error:
        return _page(request, clerk, status=422, problems={login: error.message})
    return _page(request, clerk, handed_over=(member, password))


@router.post(_PAGE + "/{login}/rola")
def change_role(request: Request, login: str, clerk: Administrator, form: Posted) -> Response:
    """Another role."""

    def change(session: Session) -> None:
        staff_accounts.change_role(session, login, _role(text_of(form, "rola")), actor=clerk.actor)

    return _changed(request, clerk, login, change, "rola")


@router.post(_PAGE + "/{login}/ekipa")
def join_crew(request: Request, login: str, clerk: Administrator, form: Posted) -> Response:
    """Another crew for who works in the field, or none."""

    def change(session: Session) -> None:
        staff_accounts.join_crew(session, login, text_of(form, "ekipa"), actor=clerk.actor)

    return _changed(request, clerk, login, change, "ekipa")


@router.post(_PAGE + "/{login}/drugi-skladnik")
def reset_second_factor(request: Request, login: str, clerk: Administrator, form: Posted) -> Response:
    """Remove the second factor of somebody who has lost it."""

    def change(session: Session) -> None:
        staff_accounts.reset_second_factor(session, login, actor=clerk.actor)

    return _changed(request, clerk, login, change, "skladnik")


@router.post(_PAGE + "/{login}/logowanie")
def set_sign_in_way(request: Request, login: str, clerk: Administrator, form: Posted) -> Response:
    """Whether a password or the provider lets somebody in, and who that is there; the own session goes on."""

    def change(session: Session) -> None:
        subject, keep = text_of(form, "podmiot"), token_of(request)
        way = _way(text_of(form, "sposob"))
        staff_accounts.set_sign_in_way(session, login, way, actor=clerk.actor, subject=subject, keep=keep)

    return _changed(request, clerk, login, change, "logowanie")


@router.post(_PAGE + "/{login}/odblokuj")
def unlock(request: Request, login: str, clerk: Administrator, form: Posted) -> Response:
    """Let wrong tries count anew."""

    def change(session: Session) -> None:
        staff_accounts.unlock(session, login, actor=clerk.actor)

    return _changed(request, clerk, login, change, "odblokowane")


@router.post(_PAGE + "/{login}/zamknij")
def deactivate(request: Request, login: str, clerk: Administrator, form: Posted) -> Response:
    """Close an account."""

    def change(session: Session) -> None:
        staff_accounts.deactivate(session, login, actor=clerk.actor)

    return _changed(request, clerk, login, change, "zamkniete")


def _changed(request: Request, clerk: SignedIn, login: str, change: Callable[[Session], None], done: str) -> Response:
    """Change an account and say so on the page, or say there why it cannot be."""
    try:
        with transaction() as session:
            change(session)
    except StaffError as error:
        return _page(request, clerk, status=422, problems={login: error.message})
    return RedirectResponse(f"{_PAGE}?zrobione={done}", 303)


def _role(typed: str) -> Role:
    try:
        return Role(typed)
    except ValueError as error:
        raise StaffError("Wybierz rolę.", "role") from error


def _way(typed: str) -> SignInWay:
    try:
        return SignInWay(typed)
    except ValueError as error:
        raise StaffError("Wybierz sposób logowania.", "way") from error


def _page(
    request: Request,
    clerk: SignedIn,
    *,
    status: int = 200,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    handed_over: tuple[StaffMember, str] | None = None,
    done: str | None = None,
) -> Response:
    with reading() as session:
        members, known = list_staff(session), crews(session)
    context: dict[str, Any] = {
        "members": members,
        "crews": known,
        "known_roles": ROLES,
        "known_ways": staff_accounts.WAYS,
        "ways": get_settings().oidc_issuer is not None,
        "typed": typed or {"rola": Role.CLERK.value},
        "problems": problems or {},
        "faulty": bool(problems),
        "handed_over": handed_over,
        "done": done,
    }
    return desk_page(request, clerk, "desk/accounts.html", status=status, **context)

"""`ebok staff`: accounts of the desk."""

from __future__ import annotations

from typing import Annotated

import typer

from access.roles import Role, SignInWay

staff = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Konta pracowników w biurze (/biuro/).")

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Login pracownika, na przykład jkowalska.")]
AskPassword = Annotated[bool, typer.Option("--ask", help="Zapytaj o hasło zamiast je wymyślić.")]


@staff.command("add")
def add_staff(
    login: Login,
    name: Annotated[str, typer.Option("--name", help="Imię i nazwisko.")],
    role: Annotated[Role, typer.Option("--role", help=f"{', '.join(Role)}.")] = Role.CLERK,
    ask: AskPassword = False,
) -> None:
    """Zakłada konto i podaje hasło początkowe."""
    from cli import staff as command  # noqa: PLC0415

    command.add(login, name, role, ask=ask)


@staff.command("list")
def list_staff() -> None:
    """Wypisuje konta."""
    from cli import staff as command  # noqa: PLC0415

    command.show()


@staff.command("password")
def give_password(login: Login, ask: AskPassword = False) -> None:
    """Nadaje nowe hasło początkowe; zamknięte konto otwiera na nowo."""
    from cli import staff as command  # noqa: PLC0415

    command.give_password(login, ask=ask)


@staff.command("crew")
def join_crew(
    login: Login, crew: Annotated[str, typer.Argument(metavar="[NAME]", help="Nazwa ekipy; bez niej: z żadnej.")] = ""
) -> None:
    """Zapisuje konto ekipy w terenie do ekipy o tej nazwie; widzi potem tylko jej wizyty i te bez ekipy."""
    from cli import staff as command  # noqa: PLC0415

    command.join_crew(login, crew)


@staff.command("deactivate")
def deactivate_staff(login: Login) -> None:
    """Zamyka konto; ta osoba jest od razu wylogowana."""
    from cli import staff as command  # noqa: PLC0415

    command.deactivate(login)


@staff.command("reset-second-factor")
def reset_second_factor(login: Login) -> None:
    """Wyłącza drugi składnik komuś, kto go stracił; ustawi go od nowa przy logowaniu."""
    from cli import staff as command  # noqa: PLC0415

    command.reset_second_factor(login)


@staff.command("unlock")
def unlock_staff(login: Login) -> None:
    """Odblokowuje logowanie po nieudanych próbach."""
    from cli import staff as command  # noqa: PLC0415

    command.unlock(login)


@staff.command("sign-in")
def set_sign_in_way(
    login: Login,
    way: Annotated[SignInWay, typer.Option("--by", help="password, provider albo either (jedno albo drugie).")],
    subject: Annotated[str, typer.Option("--subject", help="Identyfikator tej osoby u dostawcy (sub).")] = "",
) -> None:
    """Ustala, czy kogoś wpuszcza hasło, dostawca tożsamości (OpenID Connect), czy oba."""
    from cli import staff as command  # noqa: PLC0415

    command.set_sign_in_way(login, way, subject)

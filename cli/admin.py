"""The commands `ebok admin …`, for who installs the program on a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

admin = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Instalacja na tej maszynie.")


@admin.callback()
def group() -> None:
    """Instalacja na tej maszynie."""


@admin.command("install")
def install(
    *,
    user: Annotated[str, typer.Option("--user", metavar="USER", help="Użytkownik usługi; domyślnie ebok.")] = "",
    home: Annotated[str, typer.Option("--home", metavar="FOLDER", help="EBOK_HOME; domyślnie /var/lib/ebok.")] = "",
    inbox: Annotated[str, typer.Option("--inbox", metavar="FOLDER", help="Folder skanów.")] = "",
    public_url: Annotated[str, typer.Option("--public-url", metavar="URL", help="Adres stron dla klientów.")] = "",
    desk_url: Annotated[
        str, typer.Option("--desk-url", metavar="URL", help="Adres biura; domyślnie ten sam z portem 8443.")
    ] = "",
    smtp_host: Annotated[str, typer.Option("--smtp-host", metavar="HOST", help="Serwer poczty.")] = "",
    smtp_user: Annotated[str, typer.Option("--smtp-user", metavar="USER", help="Login do serwera poczty.")] = "",
    mail_from: Annotated[str, typer.Option("--mail-from", metavar="ADDRESS", help="Adres nadawcy.")] = "",
    certificate: Annotated[
        str, typer.Option("--certificate", metavar="FILE", help="Certyfikat z pośrednimi; domyślnie /etc/ssl/ebok.pem.")
    ] = "",
    certificate_key: Annotated[
        str, typer.Option("--certificate-key", metavar="FILE", help="Jego klucz; domyślnie /etc/ssl/private/ebok.key.")
    ] = "",
    root: Annotated[
        Path | None, typer.Option("--root", metavar="FOLDER", help="Zapisz pod tym folderem, jak w obrazie systemu.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tylko pokaż, co by się stało.")] = False,
) -> None:
    """Zapisuje ustawienia, klucze, usługę systemd, polecenie ebok i stronę nginx; można powtarzać."""
    from cli import installing  # noqa: PLC0415

    told = {
        "EBOK_HOME": home,
        "EBOK_INBOX_DIR": inbox,
        "EBOK_PUBLIC_URL": public_url,
        "EBOK_DESK_URL": desk_url,
        "EBOK_SMTP_HOST": smtp_host,
        "EBOK_SMTP_USER": smtp_user,
        "EBOK_MAIL_FROM": mail_from,
    }
    settings = {name: value for name, value in told.items() if value}
    wanted = installing.InstallOptions(settings, user or None, certificate or None, certificate_key or None, root)
    installing.run(wanted, dry=dry_run)

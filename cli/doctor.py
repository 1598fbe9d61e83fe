"""`ebok doctor`: which protections of this installation work; each is tried, not just looked up."""

from __future__ import annotations

import stat
import sys
from typing import Final

from rich.table import Table
from rich.text import Text

from access import identities, openid
from access.openid import ProviderError
from backups.last import last_backup
from cli import machine_check
from cli.backup import told_in_words
from cli.connections import connections
from cli.console import json_line, out
from cli.faults import told_in_polish, unfit
from cli.finding import Finding
from cli.joining import require_what_is_shared
from cli.originals import keeps_what_is_removed, place, trouble_in_use, warning
from confirmations.bounce_mailbox import MailboxError, open_mailbox
from customers.effects import all_effects
from customers.register_index import indexed_share
from database.engine import DatabaseBrokenError, DatabaseUnreachableError, get_engine, reading
from database.holders import MOST_APART, clock_ahead
from database.keys import SecretKeyError, key_file
from database.private_files import open_to_others
from database.upgrading import SchemaError, check, keys_fit
from documents.summaries import counts
from environment import clock
from environment.settings import get_settings
from forms.further import UnfitError
from integrity.readiness import OK, Component, PartsWatch
from ocr.electronic_signatures.trust_roots import trust_roots
from portal import identities as account_identities
from readers import antivirus
from readers.looks import confinement
from readers.pool import ReadersUnavailableError

_MEASURES: Final = {
    "memory": (
        "Odczyt plików ma limit pamięci",
        "Ten system nie ogranicza pamięci procesów: uruchom eBOK na Linuksie.",
    ),
    "processor": ("Odczyt plików ma limit czasu", "Ten system nie ogranicza czasu procesów: uruchom eBOK na Linuksie."),
    "core_dumps": (
        "Po awarii odczytu nie zostaje zrzut pamięci",
        "Ten system zapisuje zrzuty pamięci: wyłącz je (limit „core” 0).",
    ),
    "writing": (
        "Odczyt plików nie może niczego zapisać",
        "Jądro nie ma Landlock (jest od 5.13). Włącz je parametrem jądra lsm=landlock,… albo zaktualizuj system.",
    ),
    "foreign_files": (
        "Odczyt plików nie widzi rejestru, oryginałów ani kluczy",
        "Jądro nie ma Landlock (jest od 5.13). Włącz je parametrem jądra lsm=landlock,… albo zaktualizuj system.",
    ),
    "network": (
        "Odczyt plików nie ma dostępu do sieci",
        "System nie pozwala usłudze tworzyć przestrzeni nazw (user namespaces). Pozwól na to albo ogranicz sieć "
        "usługi w systemd: IPAddressDeny=any, IPAddressAllow=localhost i adres serwera poczty.",
    ),
}
"""What a measure is and what to do without it, in the order in which they are told."""
_BROKEN: Final = "Baza danych jest uszkodzona albo brakuje w niej tabel. Co jej jest, mówi: ebok check"
_ENCRYPTED: Final = {
    "smtp": (
        "Wiadomości idą do serwera poczty zaszyfrowane",
        "Po drodze każdy je przeczyta: usuń EBOK_SMTP_TLS=false i w razie potrzeby zmień EBOK_SMTP_PORT.",
    ),
    "imap": (
        "Zwroty są czytane ze skrzynki przez szyfrowane połączenie",
        "Po drodze każdy przeczyta adresy klientów i hasło skrzynki: usuń EBOK_BOUNCES_IMAP_ENCRYPTION=none.",
    ),
    "sms": (
        "SMS-y idą do bramki zaszyfrowane",
        "Numery i treść idą otwartym tekstem: wpisz w EBOK_SMS_GATEWAY_URL adres https albo bramkę na tej maszynie.",
    ),
    "originals": (
        "Oryginały idą do magazynu przez szyfrowane połączenie",
        "Same pliki są zaszyfrowane, ale każdy po drodze widzi, ile ich jest: wpisz w EBOK_ORIGINALS_ENDPOINT adres "
        "https.",
    ),
    "engine": (
        "Połączenie z Prefect na głównej maszynie jest szyfrowane",
        "Hasło do Prefect idzie otwartym tekstem: wpisz w EBOK_PREFECT_URL adres https albo tunel "
        "(http://127.0.0.1:4200).",
    ),
    "database": (
        "Połączenie z bazą na innej maszynie jest zaszyfrowane i sprawdzone",
        "Dane osobowe idą otwartym tekstem: dopisz do EBOK_DATABASE_URL ?sslmode=verify-full&sslrootcert=PLIK.",
    ),
    "clamav": (
        "Pliki klientów nie opuszczają maszyny w drodze do antywirusa",
        "clamd nie szyfruje połączeń: uruchom go na tej maszynie (EBOK_CLAMAV=/run/clamav/clamd.ctl).",
    ),
}
"""The same of a connection that is set."""


def run(*, as_json: bool, mail_to: str | None = None) -> None:
    """Tell each finding; exit status 1 when one does not hold. A message is sent to ``mail_to``, if there is one."""
    found = [
        *machine_check.findings(),
        *machine_check.mail(mail_to),
        *_further(),
        *_readers(),
        _files(),
        _keys(),
        *_keys_fit(),
        *_antivirus(),
        *_trust(),
        *_provider(),
        *_bounce_mailbox(),
        _room(),
        *_backup(),
        *_store(),
        *_connections(),
        *_clock(),
        *_joining(),
        *_index(),
    ]
    for one in found if as_json else ():
        json_line({"code": one.code, "ok": one.holds, "message": one.message, "remedy": one.remedy})
    if not as_json:
        _print(found)
    if not all(one.holds for one in found):
        sys.exit(1)


def _further() -> list[Finding]:
    """Nothing where the product's own forms are all."""
    if get_settings().forms_dir is None:
        return []
    message, remedy = "Własne formularze, skutki i rodzaje pól pasują do siebie", None
    try:
        all_effects()
    except UnfitError as error:
        remedy = unfit(error)
    return [Finding("further_forms", remedy is None, message, remedy)]


def _readers() -> list[Finding]:
    try:
        held = confinement()
    except ReadersUnavailableError:
        remedy = "Sprawdź wolną pamięć i limit liczby procesów tego użytkownika (ulimit -u)."
        return [Finding("readers", False, "Nie można uruchomić procesu odczytu plików", remedy)]
    return [
        Finding(f"reader_{code}", held[code], message, None if held[code] else remedy)
        for code, (message, remedy) in _MEASURES.items()
    ]


def _files() -> Finding:
    home = get_settings().home
    others = sum(1 for _ in open_to_others(home))
    remedy = f"Uruchom ponownie usługę albo wydaj polecenie: chmod -R go-rwx {home.absolute()}" if others else None
    told = f" ({others} plików i folderów może czytać ktoś jeszcze)" if others else ""
    return Finding("home_private", not others, f"Folder danych widzi tylko użytkownik usługi{told}", remedy)


def _keys() -> Finding:
    path = key_file()
    given = get_settings().secret_key is not None
    private = given or (path.exists() and not stat.S_IMODE(path.stat().st_mode) & 0o077)
    remedy = None if private else f"Wydaj polecenie: chmod 600 {path}"
    if not (given or path.exists()):
        remedy = (
            f"Nie ma pliku {path}. W nowej instalacji zrobi go pierwszy start (ebok up); w dawnej połóż go z kopii."
        )
    return Finding("keys_private", private, "Plik kluczy widzi tylko użytkownik usługi", remedy)


def _keys_fit() -> list[Finding]:
    """Nothing where there is no database yet."""
    told = "Klucze są te, którymi zaszyfrowano dane"
    try:
        fit = keys_fit()
    except (DatabaseUnreachableError, DatabaseBrokenError) as fault:
        return [Finding("keys_fit", False, told, f"Nie wiadomo. {told_in_polish(fault) or _BROKEN}")]
    remedy = (
        f"Brakuje klucza, którym zaszyfrowano dane; program nie ruszy i niczego nie zapisze. Połóż plik kluczy tej "
        f"instalacji, z ostatniej kopii po wymianie kluczy, w {key_file()} albo popraw EBOK_SECRET_KEY."
    )
    return [] if fit is None else [Finding("keys_fit", fit, told, None if fit else remedy)]


def _antivirus() -> list[Finding]:
    """Nothing where none is wanted."""
    answering = antivirus.answers()
    if answering is None:
        return []
    remedy = (
        "Uruchom clamd i sprawdź EBOK_CLAMAV. Do tego czasu pliki czekają: żaden nie jest przyjmowany niesprawdzony."
    )
    return [Finding("antivirus", answering, "Program antywirusowy odpowiada", None if answering else remedy)]


def _trust() -> list[Finding]:
    """Nothing where no electronic signature is to be believed."""
    folder = get_settings().trust_dir
    if folder is None:
        return []
    found = trust_roots()
    usable = len(found.certificates) - found.expired(clock.now())
    told = f"Zaufani wystawcy podpisów elektronicznych: ważnych {usable} z {len(found.certificates)}"
    if found.unusable:
        told += f", nieczytelne pliki: {', '.join(found.unusable)}"
    remedy = (
        f"Połóż w {folder.absolute()} aktualne certyfikaty wystawców (PEM albo DER), usuń przeterminowane i to, co nie "
        "jest certyfikatem ani listą unieważnionych."
    )
    holds = usable == len(found.certificates) > 0 and not found.unusable
    return [Finding("trust_roots", holds, told, None if holds else remedy)]


def _provider() -> list[Finding]:
    """Nothing where nobody signs in at a provider."""
    settings = get_settings()
    asked = (
        ("provider", "Dostawca logowania odpowiada", settings.oidc_issuer, identities.provider, "EBOK_OIDC"),
        (
            "provider_of_customers",
            "Dostawca logowania klientów odpowiada",
            settings.account_oidc_issuer,
            account_identities.provider,
            "EBOK_ACCOUNT_OIDC",
        ),
    )
    found = []
    for code, told, issuer, client_of, prefix in asked:
        if issuer is None:
            continue
        try:
            client = client_of()
        except ProviderError:
            client = None
        answering = client is not None and openid.answers(client)
        remedy = (
            f"Sprawdź {prefix}_ISSUER, plik {prefix}_CLIENT_SECRET_FILE i sieć. Do tego czasu wpuszczają tylko hasła."
        )
        found.append(Finding(code, answering, told, None if answering else remedy))
    return found


def _bounce_mailbox() -> list[Finding]:
    """Nothing where what came back is not read by IMAP; a message that nobody understands is for the administrator."""
    if get_settings().bounces_imap_host is None:
        return []
    told = "Skrzynka zwrotów odpowiada"
    try:
        with open_mailbox() as mailbox:
            left_alone = mailbox.left_alone()
    except MailboxError as trouble:
        return [Finding("bounce_mailbox", False, told, trouble.message)]
    if left_alone:
        told += f"; z gwiazdką, do obejrzenia: {left_alone} (to nie są zawiadomienia o naszych wiadomościach)"
    return [Finding("bounce_mailbox", True, told, None)]


def _room() -> Finding:
    told = PartsWatch().parts([Component.DISK])[Component.DISK]
    return Finding("disk_room", told == OK, "Na dysku jest dość miejsca na nowe pliki", None if told == OK else told)


def _backup() -> list[Finding]:
    """Nothing where there is nothing to lose yet, or another machine has it."""
    if get_settings().joins_another:
        return []
    try:
        check()
        with reading() as session:
            begun = bool(counts(session)["total"])
    except (SchemaError, SecretKeyError, DatabaseUnreachableError, DatabaseBrokenError):
        return []
    last = last_backup()
    if last is None and not begun:
        return []
    holds = last is not None and not last.overdue and not last.missing
    remedy = "Rób kopię co noc: ebok backup FOLDER na innym dysku; jak, mówi docs/administrator.md, „Kopia zapasowa”."
    if last is not None and last.missing and not last.overdue:
        remedy = f"W kopii brakuje oryginałów ({last.missing}). Których i co zrobić, mówi: ebok check"
    told = f"Kopia zapasowa jest z ostatnich dwóch dni i jest cała (ostatnia: {told_in_words(last)})"
    return [Finding("backup", holds, told, None if holds else remedy)]


def _store() -> list[Finding]:
    """Whether the store works, is the one of the register, and erases what is erased."""
    trouble = trouble_in_use()
    found = [Finding("store", trouble is None, f"Magazyn oryginałów działa ({place()})", trouble)]
    if trouble is not None:
        return found
    if get_settings().originals_bucket is not None:
        keeps = keeps_what_is_removed()
        remedy = (
            "Wyłącz wersjonowanie zasobnika (versioning) albo ustaw w nim regułę, która usuwa dawne wersje: inaczej "
            "zostaje w nich to, co program usunął po okresie przechowywania. Kopię robi ebok backup."
        )
        found.append(
            Finding("store_erases", not keeps, "W magazynie nie zostaje nic usuniętego", remedy if keeps else None)
        )
    try:
        check()
        lacking = warning()
    except (SchemaError, SecretKeyError, DatabaseUnreachableError, DatabaseBrokenError):
        return found  # `keys_fit` tells it
    return [*found, Finding("store_complete", lacking is None, "Magazyn jest tym, który zna rejestr", lacking)]


def _connections() -> list[Finding]:
    found = []
    for one in connections(get_settings()):
        message, remedy = _ENCRYPTED[one.code]
        found.append(Finding(f"{one.code}_private", one.private, message, None if one.private else remedy))
    return found


def _clock() -> list[Finding]:
    """Nothing where the register is on this machine's disk."""
    if get_engine().dialect.name != "postgresql":
        return []
    try:
        with reading() as session:
            apart = abs(clock_ahead(session))
    except (DatabaseUnreachableError, DatabaseBrokenError):
        return []  # `keys_fit` tells it
    remedy = "Włącz NTP na tej maszynie i na maszynie z bazą: inaczej maszyny mają się nawzajem za martwe."
    told = f"Zegar tej maszyny zgadza się z zegarem bazy danych (różnica {apart.total_seconds():.1f} s)"
    return [Finding("clock", apart <= MOST_APART, told, None if apart <= MOST_APART else remedy)]


def _joining() -> list[Finding]:
    """Nothing where this machine joins no other."""
    if not get_settings().joins_another:
        return []
    remedy = None
    try:
        require_what_is_shared()
    except Exception as error:
        remedy = told_in_polish(error)
        if remedy is None:
            raise
    return [Finding("joining", remedy is None, "Ta maszyna może pracować razem z główną", remedy)]


def _index() -> list[Finding]:
    """Nothing where there is no register yet, or its tables are of another version: `ebok status` tells that."""
    try:
        check()
        share = indexed_share()
    except (SchemaError, SecretKeyError, DatabaseUnreachableError, DatabaseBrokenError):
        return []
    told = "" if share == 1 else f" (jest w nim {share:.0%})"
    remedy = (
        None if share == 1 else "Wydaj polecenie: ebok customers index. Do tego czasu szukanie po nazwie trwa długo."
    )
    return [Finding("register_index", share == 1, f"Indeks klientów jest pełny{told}", remedy)]


def _print(found: list[Finding]) -> None:
    table = Table("", "co sprawdzono", "co zrobić")
    for one in found:
        table.add_row(Text("tak", "green") if one.holds else Text("nie", "red"), one.message, one.remedy or "")
    out().print(table)

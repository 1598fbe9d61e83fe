"""The mailbox to which e-mails come back, read by IMAP. Nothing in it is ever deleted.

A message that is dealt with is moved to a folder of its own. One that is no report of ours stays where it is and gets
the flag that mail programs show as a star or a little flag; without the flag it is read again.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Final

from imapclient import DELETED, FLAGGED, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from environment.settings import Settings, get_settings

_TIMEOUT: Final = SocketTimeout(connect=10, read=30)
_LONGEST: Final = 60.0
"""Seconds after which the connection is cut: a server that trickles would keep within the time for each read."""
_MOST_BYTES: Final = 1024**2
"""Of a message that are fetched: what a report says stands before the message that came back."""


class MailboxError(Exception):
    """The mailbox cannot be read now; ``message`` is Polish: cause and remedy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class BounceMailbox:
    """An open mailbox. Messages are named by numbers that hold while it is open."""

    def __init__(self, client: IMAPClient, done: str) -> None:
        self._client = client
        self._done = done
        self._has_done = False

    def waiting(self) -> list[int]:
        """Messages that nobody has looked at, the oldest first."""
        with _told():
            return sorted(self._client.search(["UNFLAGGED", "UNDELETED"]))

    def left_alone(self) -> int:
        """How many lie there that are no reports of ours."""
        with _told():
            return len(self._client.search(["FLAGGED", "UNDELETED"]))

    def read(self, number: int) -> bytes | None:
        """A message, as much of it as tells what it reports; None when it is gone."""
        with _told():
            found = self._client.fetch([number], [f"BODY.PEEK[]<0.{_MOST_BYTES}>"]).get(number, {})
        return next((value for name, value in found.items() if name.startswith(b"BODY[]")), None)

    def put_away(self, number: int) -> None:
        """Move a message to the folder of those that are dealt with."""
        with _told("done_refused"):
            if not (self._has_done or self._client.folder_exists(self._done)):
                self._client.create_folder(self._done)
            self._has_done = True
            if self._client.has_capability("MOVE"):
                self._client.move([number], self._done)
                return
            self._client.copy([number], self._done)
            self._client.add_flags([number], [DELETED], silent=True)

    def leave(self, number: int) -> None:
        """Let a message lie there, with a flag, for whoever looks after the mailbox."""
        with _told():
            self._client.add_flags([number], [FLAGGED], silent=True)


@contextmanager
def open_mailbox() -> Iterator[BounceMailbox]:
    """The mailbox of the settings, while the block lasts; MailboxError when it cannot be read."""
    settings = get_settings()
    with _told():
        client = _connected(settings)
    watch = Timer(_LONGEST, _hang_up, [client])
    watch.daemon = True
    watch.start()
    try:
        with client:  # says goodbye at the end, and closes the connection whatever happens
            _enter(client, settings)
            yield BounceMailbox(client, settings.bounces_imap_done)
    finally:
        watch.cancel()


def _enter(client: IMAPClient, settings: Settings) -> None:
    password = _password(settings)
    with _told("login_refused"):
        # LOGIN takes no Polish letters; most servers offer the other way.
        enter = client.plain_login if client.has_capability("AUTH=PLAIN") else client.login
        enter(settings.bounces_imap_user, password)
    with _told("no_folder"):
        client.select_folder(settings.bounces_imap_folder)


_TOLD: Final = {
    "unreachable": "Serwer IMAP ze skrzynką zwrotów nie odpowiada. Sprawdź EBOK_BOUNCES_IMAP_HOST i _PORT oraz sieć.",
    "tls_failed": "Nie udało się szyfrowane połączenie ze skrzynką zwrotów. Sprawdź certyfikat serwera IMAP, "
    "EBOK_BOUNCES_IMAP_PORT i EBOK_BOUNCES_IMAP_ENCRYPTION.",
    "login_unreadable": "Nie można odczytać pliku EBOK_BOUNCES_IMAP_PASSWORD_FILE. Sprawdź, czy jest i czy "
    "użytkownik usługi może go czytać.",
    "login_refused": "Serwer IMAP odrzucił login do skrzynki zwrotów. Sprawdź EBOK_BOUNCES_IMAP_USER i hasło.",
    "no_folder": "W skrzynce zwrotów nie ma folderu EBOK_BOUNCES_IMAP_FOLDER. Załóż go albo popraw nazwę.",
    "done_refused": "Do folderu EBOK_BOUNCES_IMAP_DONE w skrzynce zwrotów nie można niczego przenieść. Popraw nazwę "
    "(na niektórych serwerach INBOX.ebok) albo zwolnij miejsce.",
    "refused": "Serwer IMAP ze skrzynką zwrotów nie wykonał polecenia. Sprawdź prawa do skrzynki i wolne miejsce.",
}


@contextmanager
def _told(refused: str = "refused") -> Iterator[None]:
    """Tell what goes wrong with the server as MailboxError; ``refused`` is the code where it says no."""
    try:
        yield
    except ssl.SSLError as error:
        raise _error("tls_failed") from error
    except OSError as error:
        raise _error("unreachable") from error
    except LoginError as error:
        lost = isinstance(error.__context__, IMAPClient.AbortError)
        raise _error("unreachable" if lost else "login_refused") from error
    except IMAPClient.AbortError as error:
        raise _error("unreachable") from error
    except (IMAPClientError, UnicodeError) as error:
        raise _error(refused) from error


def _hang_up(client: IMAPClient) -> None:
    """Cut the connection: whoever waits for the server is told that it does not answer."""
    with suppress(OSError), socket.socket(fileno=os.dup(client.socket().fileno())) as plain:
        plain.shutdown(socket.SHUT_RDWR)  # beneath the encryption, whose objects belong to the other thread


def _error(code: str) -> MailboxError:
    return MailboxError(code, _TOLD[code])


def _connected(settings: Settings) -> IMAPClient:
    encryption, context = settings.bounces_imap_encryption, ssl.create_default_context()
    client = IMAPClient(
        settings.bounces_imap_host,
        settings.bounces_imap_port,
        ssl=encryption == "tls",
        ssl_context=context if encryption == "tls" else None,
        timeout=_TIMEOUT,
    )
    if encryption == "starttls":
        try:
            client.starttls(context)
        except BaseException:
            with suppress(OSError, IMAPClientError):
                client.shutdown()
            raise
    return client


def _password(settings: Settings) -> str:
    if settings.bounces_imap_password_file is not None:
        try:
            return settings.bounces_imap_password_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise _error("login_unreadable") from error
    assert settings.bounces_imap_password is not None, "the settings are refused without one of both"
    return settings.bounces_imap_password.get_secret_value()

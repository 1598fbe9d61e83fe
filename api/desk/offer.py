"""What the sign-in page says about the identity provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from access.identities import provider
from access.openid import (
    CancelledError,
    ProviderError,
    UnreachableError,
    sign_out_address,
)
from environment.settings import get_settings

_OTHER_WAY: Final = "Jeśli masz hasło do biura, zaloguj się hasłem."


@dataclass(frozen=True, slots=True)
class Offer:
    """The provider as it is shown: its name in the accusative, and where one signs out there (None: unknown)."""

    name: str
    sign_out: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the provider let nobody in (Polish); ``subject`` is what an administrator needs to bind an account."""

    message: str
    subject: str | None = field(default=None, repr=False)


def offered() -> Offer | None:
    """The provider of the settings; None where staff have passwords only. It is not asked for anything."""
    settings = get_settings()
    if settings.oidc_issuer is None:
        return None
    try:
        client = provider()
    except ProviderError:
        client = None
    return Offer(settings.oidc_name, None if client is None else sign_out_address(client))


def told(error: ProviderError) -> Refusal:
    """The reason and the remedy."""
    name = get_settings().oidc_name
    if isinstance(error, CancelledError) and error.code == "access_denied":
        return Refusal(
            f"Logowanie przez {name} zostało przerwane albo to konto nie ma tam prawa do biura. {_OTHER_WAY}"
        )
    if isinstance(error, UnreachableError | CancelledError):
        return Refusal(
            f"Teraz nie można zalogować się przez {name}. Spróbuj za kilka minut. {_OTHER_WAY} Jeśli to trwa, "
            f"powiedz administratorowi: kod {error.code}."
        )
    return Refusal(
        f"To, co przysłał dostawca ({name}), nie jest odpowiedzią na to logowanie, więc nikogo nie wpuściliśmy. "
        f"Zacznij jeszcze raz. Jeśli to się powtarza, powiedz administratorowi: kod {error.code}."
    )


def late() -> Refusal:
    """The browser comes back from nowhere."""
    return Refusal(
        "To logowanie zaczęło się w innym oknie, trwało za długo albo już się skończyło. Zacznij jeszcze raz."
    )


def elsewhere() -> Refusal:
    """The desk was opened under another address than the one the provider leads back to."""
    settings = get_settings()
    return Refusal(
        f"Logowanie przez {settings.oidc_name} działa tylko pod adresem {settings.staff_url}/biuro/. "
        "Otwórz biuro pod tym adresem."
    )


def unknown(subject: str) -> Refusal:
    """No account is open to whom the provider let in."""
    return Refusal(
        "Z tym kontem u dostawcy nie jest powiązane żadne czynne konto biura. Podaj administratorowi ten "
        "identyfikator; on powiąże go z Twoim kontem na stronie „Konta”.",
        subject,
    )


def is_desk(host: str) -> bool:
    """Whether a request under that host came to the address that the provider leads back to."""
    return host.lower() == urlsplit(get_settings().staff_url).netloc.lower()

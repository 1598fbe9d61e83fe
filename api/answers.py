"""Shapes of the answers that are not problems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from customers.visits import Part, Report, VisitState
from documents.states import State
from environment.settings import get_settings
from forms.electronic_signature import SignatureKind, SignatureStanding

_TRACKING = Field(description="Numer sprawy; podaje się go w biurze i na stronie stanu", examples=["K7M4-PX9A"])
_STATE = Field(description="Stan sprawy", examples=["received"])
_STATUS_URL = Field(
    description="Adres, pod którym widać stan sprawy", examples=["https://example.com/api/v1/submissions/K7M4-PX9A"]
)


class SubmissionTaken(BaseModel):
    """A form came in as values and is safe."""

    tracking: str = _TRACKING
    state: State = _STATE
    form: str = Field(examples=["einvoice_withdrawal"])
    version: str = Field(examples=["1"])
    received_at: datetime
    status_url: str = _STATUS_URL


class UploadTaken(BaseModel):
    """A file came in and is safe."""

    tracking: str = _TRACKING
    state: State = _STATE
    duplicate_of: str | None = Field(
        default=None, description="Numer sprawy, w której ten sam plik przysłano wcześniej", examples=[None]
    )
    received_at: datetime
    status_url: str = _STATUS_URL


class Step(BaseModel):
    """One state with the moment in which it began."""

    state: State = _STATE
    at: datetime


class FileSignature(BaseModel):
    """An electronic signature of a file, with nothing that tells whose it is."""

    standing: SignatureStanding = Field(
        description="Wynik sprawdzenia; tylko 'valid' znaczy, że podpis jest prawidłowy"
    )
    kind: SignatureKind | None = Field(description="Rodzaj podpisu według certyfikatu; null, gdy nie da się go ustalić")
    counts: bool = Field(description="Czy podpis może zastąpić własnoręczny")
    reason: str | None = Field(description="Dlaczego się nie liczy, po polsku")
    signed_at: datetime | None = Field(description="Kiedy podpisano")
    time_proven: bool = Field(description="Czy dowodzi tego znacznik czasu")


class VisitProgress(BaseModel):
    """How the visit stands that a case asks for: days and whose turn it is; not where, and nobody's words."""

    state: VisitState = Field(
        description="'asked' biuro ustala dzień, 'proposed' czeka na klienta, 'agreed' umówiona, 'done' wykonane, "
        "'cancelled' odwołane"
    )
    wished_on: date | None = Field(description="Dzień, o który prosi klient")
    day: date | None = Field(description="Dzień zaproponowany ('proposed'), umówiony ('agreed') albo wizyty ('done')")
    part: Part | None = Field(description="Pora tego dnia: 'day', 'morning' albo 'afternoon'")
    hours: str | None = Field(description="Godziny, w których ekipa przyjedzie", examples=["między 7.00 a 11.00"])
    report: Report | None = Field(
        description="Meldunek z ostatniej wizyty: 'done' wykonane, 'nobody' nikogo nie zastano, 'impossible' pracy nie "
        "dało się wykonać"
    )


class Progress(BaseModel):
    """Where a document is: no values, no names, nothing that tells whose it is."""

    tracking: str = _TRACKING
    state: State = _STATE
    message: str = Field(description="Co to znaczy i co zrobić, po polsku")
    form: str | None = Field(description="Kod formularza; null, zanim dokument zostanie rozpoznany")
    title: str | None = Field(description="Nazwa formularza")
    duplicate_of: str | None = Field(default=None, description="Numer sprawy, w której to samo przysłano wcześniej")
    further_parts: list[str] = Field(
        default_factory=list, description="Numery spraw pozostałych formularzy z tego samego przysłanego pliku"
    )
    received_at: datetime
    steps: list[Step]
    signatures: list[FileSignature] = Field(default_factory=list, description="Podpisy elektroniczne pliku")
    visit: VisitProgress | None = Field(
        default=None,
        description="Wizyta, o którą prosi sprawa; null, gdy o żadną albo sprawy jeszcze nie przyjęto",
    )


class FormDescription(BaseModel):
    """A form: its fields and where they are on the page, and what the API takes in."""

    model_config = ConfigDict(extra="allow")

    code: str
    version: str
    title: str
    pages: list[dict[str, Any]] = Field(description="Strony z polami; ramki w punktach PDF od lewego górnego rogu")
    json_schema: dict[str, Any] = Field(description="JSON Schema wartości dla submissions_url")
    submissions_url: str


class Health(BaseModel):
    """The process is alive."""

    status: str = Field(examples=["ok"])


class Readiness(BaseModel):
    """Every part that the API needs, and whether it works."""

    status: str = Field(examples=["ready"])
    parts: dict[str, str] = Field(
        description="'ok' albo powód, po polsku", examples=[{"database": "ok", "originals": "ok"}]
    )


class ProofTaken(BaseModel):
    """An e-mail address is proven."""

    purpose: str = Field(examples=["einvoice"])
    tracking: str = _TRACKING
    message: str


def status_url(tracking: str) -> str:
    """Where the state of a document is told."""
    return f"{get_settings().public_url.rstrip('/')}/api/v1/submissions/{tracking}"

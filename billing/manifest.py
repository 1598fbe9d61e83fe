"""The manifest of a delivery: which period it is of, and which files with which content."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from billing.column_types import FILE, SHA256
from billing.contract import BY_NAME, FORMAT, VERSION
from billing.refusal import BillingRefusedError, DeliveryProblem

NAME: Final = "manifest.json"
_MOST_BYTES: Final = 1 << 20


class Period(BaseModel):
    """The days of which the delivery tells all there is."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    first: date = Field(alias="from", description="First day")
    last: date = Field(alias="to", description="Last day")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("okres kończy się, zanim się zaczął")
        return self


class ListedFile(BaseModel):
    """One table of the delivery as a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(description="Name of the table", json_schema_extra={"enum": list(BY_NAME)})
    name: str = Field(description="File in the folder: .csv or .xlsx", pattern=rf"^{FILE.pattern}$")
    sha256: str = Field(description="SHA-256 of the file", pattern=f"^{SHA256.pattern}$")
    rows: int = Field(ge=0, description="Rows below the heading, empty ones not counted")

    @field_validator("table")
    @classmethod
    def _known(cls, table: str) -> str:
        if table not in BY_NAME:
            raise ValueError(f"nie ma tabeli {table}")
        return table


class Manifest(BaseModel):
    """The file ``manifest.json`` of a delivery."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["ebok-billing"] = Field(description="What this is")
    version: Literal[1] = Field(description="Version of the format")
    period: Period
    source: str = Field("", max_length=200, description="Program that made it, for people")
    files: tuple[ListedFile, ...] = Field(min_length=1, description="A table may be left out, or come in several files")


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a folder and its digest; BillingRefusedError says what is wrong with it."""
    path = folder / NAME
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _refused("Plik jest za duży jak na manifest.")
        content = path.read_bytes()
        told = json.loads(content.decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise _refused("W folderze nie ma manifestu. Dostawa jest niepełna albo to nie ten folder.") from error
    except OSError as error:
        raise _refused("Nie można otworzyć manifestu. Sprawdź uprawnienia folderu.") from error
    except (ValueError, RecursionError) as error:
        raise _refused("To nie jest JSON w UTF-8. Utwórz dostawę jeszcze raz.") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise _refused(f'Manifest nie jest manifestem rozliczeń: brakuje "format": "{FORMAT}".')
    if told.get("version") != VERSION:
        text = f"Format w innej wersji niż {VERSION}, którą zna ten program. Uaktualnij eBOK albo eksport rozliczeń."
        raise _refused(text)
    try:
        manifest = Manifest.model_validate(told)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc']))}: {_polish(one)}" for one in error.errors(include_url=False))
        raise BillingRefusedError([DeliveryProblem(NAME, 0, text) for text in problems]) from error
    names = [one.name for one in manifest.files]
    if twice := {name for name in names if names.count(name) > 1}:
        raise _refused(f"Plik jest wymieniony dwa razy: {', '.join(sorted(twice))}.")
    return manifest, hashlib.sha256(content).hexdigest()


def _polish(fault: Any) -> str:
    told = {"missing": "brakuje", "extra_forbidden": "nie ma takiego pola", "value_error": str(fault["msg"])}
    return told.get(fault["type"], "zła wartość").replace("Value error, ", "") + "."


def _refused(text: str) -> BillingRefusedError:
    return BillingRefusedError([DeliveryProblem(NAME, 0, text)])

"""The company as its papers and messages name it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field

from environment.colours import WHITE, contrast, is_colour

_READABLE: Final = 4.5
_LOGO_TYPES: Final = (".svg", ".png")
_POSTCODE: Final = re.compile(r"\b[0-9]{2}-[0-9]{3}\b")
_ANY_POSTCODE: Final = "00-950"


def _readable(colour: str) -> str:
    """A colour on which white is read, and which is read on white."""
    if not is_colour(colour):
        raise ValueError("a colour is six hexadecimal digits after a hash, such as #00587f")
    if contrast(colour, WHITE) < _READABLE:
        raise ValueError(f"white is not read on {colour}: choose a darker colour (contrast of {_READABLE} or more)")
    return colour.lower()


def _shown(logo: Path | None) -> Path | None:
    """A picture that browsers show."""
    if logo is not None and (logo.suffix.lower() not in _LOGO_TYPES or not logo.is_file()):
        raise ValueError(f"the logo must be a file that is there, {' or '.join(_LOGO_TYPES)}: {logo}")
    return logo


class Company(BaseModel):
    """The company as its papers and messages name it."""

    company_name: str = "Miejskie Zakłady Komunalne Sp. z o.o."
    company_short: str = "MZK"
    company_address: str = "66-470 Kostrzyn nad Odrą"
    company_town: str = "Kostrzyn nad Odrą"
    company_phones: tuple[str, ...] = ("95 727 96 51", "95 727 96 42")
    company_email: str = "mzk@kostrzyn.pl"
    company_www: str = "www.mzk.kostrzyn.pl"
    company_colour: Annotated[str, AfterValidator(_readable)] = Field(
        "#00587f",
        description="Colour of the customers' pages, e-mails and leaflet, as #rrggbb; white must be readable on it",
    )
    company_logo: Annotated[Path | None, AfterValidator(_shown)] = Field(
        None,
        description="Mark in the head of the customers' pages, seen on a dark ground: SVG or PNG",
    )
    company_payee: str = Field(
        "MZK Kostrzyn", min_length=1, max_length=20, description="Recipient of transfers, as their QR code names it"
    )
    company_nip: str = Field(
        "", pattern=r"^([0-9]{10})?$", description="NIP of the company in the QR code of transfers; default: none"
    )
    customer_no_length: int = Field(8, ge=4, le=12, description="Digits of a customer number")

    @property
    def example_postcode(self) -> str:
        """The company's own post code, with which forms show how one is written; another where its address has none."""
        found = _POSTCODE.search(self.company_address)
        return found[0] if found else _ANY_POSTCODE

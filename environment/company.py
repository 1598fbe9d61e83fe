"""The company as its papers and messages name it."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Company(BaseModel):
    """The company as its papers and messages name it."""

    company_name: str = "Miejskie Zakłady Komunalne Sp. z o.o."
    company_short: str = "MZK"
    company_address: str = "66-470 Kostrzyn nad Odrą"
    company_town: str = "Kostrzyn nad Odrą"
    company_phones: tuple[str, ...] = ("95 727 96 51", "95 727 96 42")
    company_email: str = "mzk@kostrzyn.pl"
    company_www: str = "www.mzk.kostrzyn.pl"
    portal_url: str = "https://ebok.mzk.kostrzyn.pl/ebok/"
    customer_no_length: int = Field(8, ge=4, le=12, description="Digits of a customer number")

"""How invoices reach customers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field


class Invoices(BaseModel):
    """How invoices reach customers."""

    invoice_delivery_from: date | None = Field(
        None, description="First day of issue of invoices that eBOK delivers (YYYY-MM-DD); default: billing does it"
    )
    invoice_by_email: Literal["pdf", "link"] = Field(
        "pdf", description="An e-invoice is attached (pdf), or waits in the eBOK behind the sign-in (link)"
    )
    invoice_pdf_addressed: bool = Field(
        False, description="The PDFs of billing have the address for a window envelope: print no sheet with it before"
    )
    ksef_from: date | None = Field(
        None, description="First day on which the company issues invoices to who has a NIP in KSeF; default: not yet"
    )
    invoice_print_duplex: bool = Field(
        False, description="Invoices are printed on both sides: each begins on a new sheet"
    )

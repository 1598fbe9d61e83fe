"""What stands at the end of a link in a message: in the body of a request, since addresses are written into logs."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LinkToken(BaseModel):
    """The secret of a link."""

    token: str = Field(description="Ostatnia część odnośnika z wiadomości", max_length=200, repr=False)

"""Who sent what an account shows, told to programs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

SentBy = Annotated[
    str | None,
    Field(
        description="Od kogo to jest, gdy nie od tego, kto pyta: od pełnomocnika albo od samego odbiorcy",
        examples=["jan@example.com, pełnomocnik"],
        repr=False,
    ),
]
"""None where it is from whoever asks."""

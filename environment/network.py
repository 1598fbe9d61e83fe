"""Ports and addresses as settings give them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Port = Annotated[int, Field(ge=0, le=65_535)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s/]+(?:/\S*)?$")]

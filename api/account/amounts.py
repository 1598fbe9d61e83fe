"""How money and quantities stand in JSON: as text, since a number of JSON is no decimal one."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import Field, PlainSerializer

Money: TypeAlias = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str),
    Field(description="Kwota w złotych", json_schema_extra={"pattern": r"^-?\d+\.\d{2}$", "examples": ["123.45"]}),
]
Quantity: TypeAlias = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    Field(json_schema_extra={"pattern": r"^-?\d+(\.\d+)?$", "examples": ["12.5"]}),
]

"""Visits that customers ask for: how soon, within which hours, and how long the office waits for an answer."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator


class Visits(BaseModel):
    """Visits that customers ask for: how soon, within which hours, and how long the office waits for an answer."""

    visit_notice_days: int = Field(
        3, ge=0, le=60, description="Working days that lie at least between a request and the day wished for a visit"
    )
    visit_horizon_days: int = Field(90, ge=14, le=365, description="Days within which the day wished for must lie")
    visit_answer_days: int = Field(
        5, ge=1, description="Days after which a request that nobody answered, customer or office, is shown as late"
    )
    visit_from_hour: int = Field(7, ge=0, le=22, description="Hour at which crews begin")
    visit_noon_hour: int = Field(11, ge=1, le=23, description="Hour that parts the morning of a crew from the rest")
    visit_until_hour: int = Field(15, ge=2, le=24, description="Hour at which crews end")

    @model_validator(mode="after")
    def _hours_in_order(self) -> Self:
        """A part of the day that ends before it begins is told at the start."""
        if not self.visit_from_hour < self.visit_noon_hour < self.visit_until_hour:
            raise ValueError("EBOK_VISIT_FROM_HOUR, EBOK_VISIT_NOON_HOUR and EBOK_VISIT_UNTIL_HOUR must rise")
        return self

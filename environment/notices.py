"""What customers are told by themselves: from when on, how early, and at which hours."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, Field, model_validator


class Notices(BaseModel):
    """What customers are told by themselves: from when on, how early, and at which hours."""

    notices_from: date | None = Field(
        None, description="First day of issue of invoices that notices are about (YYYY-MM-DD); default: no such notices"
    )
    notices_not_before: int = Field(8, ge=0, le=23, description="Hour from which notices leave, by the local clock")
    notices_not_after: int = Field(21, ge=1, le=24, description="Hour from which no notice leaves any more that day")
    notices_days_before: str = Field(
        "3,7",
        pattern=r"^[1-9][0-9]?(,[1-9][0-9]?){0,5}$",
        description="Days before a payment date of which customers choose one, with commas; the first is the default",
    )
    notices_passed_after_days: int = Field(
        3, ge=1, le=30, description="Days after a payment date before it is told that it passed: transfers take a while"
    )
    notices_passed_again_days: int = Field(
        0, ge=0, le=60, description="Days after that before it is told once more; 0: never"
    )

    @property
    def notice_days(self) -> tuple[int, ...]:
        """The days before a payment date that can be chosen, the default first."""
        return tuple(dict.fromkeys(int(days) for days in self.notices_days_before.split(",")))

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        """Hours in which nothing could ever leave are told at the start."""
        if self.notices_not_before >= self.notices_not_after:
            raise ValueError("EBOK_NOTICES_NOT_BEFORE must be before EBOK_NOTICES_NOT_AFTER")
        return self

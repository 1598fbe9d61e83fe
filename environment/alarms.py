"""Who is told of troubles of the installation, and from when on waiting is one."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Alarms(BaseModel):
    """Who is told of troubles of the installation, and from when on waiting is one."""

    alarm_address: str | None = Field(
        None,
        pattern=r"^[^@\s,]+@[^@\s,]+(?:\s*,\s*[^@\s,]+@[^@\s,]+)*$",
        description="E-mail addresses, with commas, that are told of each trouble and of its end; default: nobody",
    )
    alarm_queue_hours: float = Field(
        24.0, gt=0, description="Hours after which a document that waits for a clerk is told as an alarm"
    )

    alarm_question_hours: float = Field(
        96.0, gt=0, description="Hours after which a question that waits for an answer is told as an alarm"
    )

    @property
    def alarm_addresses(self) -> list[str]:
        """Those addresses."""
        return [one.strip() for one in (self.alarm_address or "").split(",") if one.strip()]

"""What one look at a file may cost, depending on its purpose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from environment.settings import get_settings

_NICE: Final = 5


class Purpose(StrEnum):
    """What a file is looked at for; each has readers of its own, so that none waits for another."""

    DOOR = "door"
    READING = "reading"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of address space of a reader, and seconds (of the clock, and of the processor) of one look.

    ``nice`` is how far it stands back for whoever answers people, as the system counts that.
    """

    memory: int
    seconds: float
    nice: int = 0


def limits_of(purpose: Purpose) -> Limits:
    """The limits of the settings in force."""
    settings = get_settings()
    match purpose:
        case Purpose.DOOR:
            return Limits(settings.door_memory_bytes, settings.door_seconds, _NICE)
        case Purpose.READING:
            return Limits(settings.read_memory_bytes, settings.read_seconds, _NICE)
        case Purpose.DESK:
            return Limits(settings.door_memory_bytes, settings.picture_seconds)

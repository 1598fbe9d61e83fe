"""From a template and its context to the content of a message, the same for e-mail, SMS and letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says."""

    subject: str


def render(template: str, context: Mapping[str, Any]) -> Content:
    """The content of a message."""
    raise NotImplementedError(template)

"""E-mail without a mail server: complete .eml files in the folder of outgoing messages."""

from __future__ import annotations

from typing import Final

from confirmations.channels.files import write_whole
from confirmations.channels.interface import Accepted, Envelope
from confirmations.channels.mail import email_of
from environment.settings import get_settings


class EmlFiles:
    """Writes one file a message, named by its key."""

    name: Final = "eml"
    repeatable: Final = True

    def send(self, envelope: Envelope) -> Accepted:
        """Write the file; its name is the reference."""
        file = f"{envelope.name}.eml"
        write_whole(get_settings().outgoing / file, email_of(envelope).as_bytes())
        return Accepted(file)

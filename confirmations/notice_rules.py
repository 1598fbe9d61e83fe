"""What is asked of a message of no case when it is about to leave; the answer comes from the rooms that write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from confirmations.recipients import Recipient
from confirmations.tables import Message

Judge = Callable[[Session, Message], Recipient | str | None]
"""Where a message goes now, or, in Polish, why it is no longer needed; in the transaction that claims it.

None: nothing is against it, and it goes where it was to go. A notice always has a recipient or a reason.
"""

TERMS_TEMPLATES: Final[Mapping[str, str]] = {"ebok": "terms_ebok", "einvoice": "terms_einvoice"}
"""The message that tells of a new version, by Regulamin. It is owed: none is dropped lest it come twice."""

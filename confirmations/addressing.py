"""Which recipient a message goes to, decided when it is sent, so that corrections made since it was written count."""

from __future__ import annotations

from sqlalchemy.orm import Session

from confirmations.recipients import Recipient, reach, reference
from confirmations.tables import Medium, Message, RecipientRole
from customers.links import waiting_address
from customers.records import RegisterLookup


def address_now(session: Session, message: Message) -> bool:
    """Put the recipient of this moment on a message that is about to leave; False when its link waits for nobody.

    A customer who is no longer in the register is written to where he was reached.
    """
    match RecipientRole(message.role):
        case RecipientRole.LINK:
            return waiting_address(session, token_of(message)) is not None
        case RecipientRole.CUSTOMER:
            customer = RegisterLookup(session).find(message.customer_no or "")
            if customer is not None and message.channel == Medium.SMS.value:
                if customer.phone:
                    readdress(message, Recipient(Medium.SMS, customer.phone, proven=False))
            elif customer is not None:
                readdress(message, reach(session, customer))
    return True


def readdress(message: Message, recipient: Recipient) -> None:
    """Another recipient: what the message may say of the customer follows from whether his address is proven."""
    if (message.channel, message.recipient) != (recipient.medium.value, recipient.address):
        message.readdressed += 1
    message.channel, message.recipient = recipient.medium.value, recipient.address
    named = message.customer_no if message.context.get("named") else None
    message.context = {
        **message.context,
        "proven": recipient.proven,
        "customer_ref": reference(recipient, named),
    }


def token_of(message: Message) -> str:
    """The token of the link that a message bears, '' when it has none."""
    return str(message.context.get("link", "")).rpartition("/")[2]

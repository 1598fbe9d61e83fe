"""The trial message of `ebok doctor --mail-to`: through a real mail server, and what is told when it does not leave."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.finding import Finding
from cli.machine_check import mail
from environment.settings import get_settings
from tests.confirmations.conftest import Mailbox

ADMINISTRATOR = "administrator@example.com"


def tried() -> Finding:
    (found,) = mail(ADMINISTRATOR)
    assert found.code == "mail"
    return found


def test_the_message_leaves_in_the_name_of_those_to_customers(mailbox: Mailbox) -> None:
    assert tried().holds
    (sent,) = mailbox.mails
    sender = get_settings().mail_from
    assert (sent["To"], sent["From"], mailbox.senders) == (ADMINISTRATOR, sender, [sender])
    assert "wiadomość próbna" in sent["Subject"]
    assert sender in sent.get_content()


@pytest.mark.parametrize(
    ("answers", "told"),
    [({"at_recipient": "550 no such user"}, "550"), ({"at_sender": "553 not yours"}, "EBOK_MAIL_FROM")],
)
def test_what_the_server_refuses_is_told_with_what_to_look_at(
    mailbox: Mailbox, answers: dict[str, str], told: str
) -> None:
    for name, answer in answers.items():
        setattr(mailbox, name, answer)
    found = tried()
    assert not found.holds and told in str(found.remedy)
    assert mailbox.mails == []


def test_a_server_that_is_away_and_none_at_all_are_told(set_settings: Callable[..., None]) -> None:
    found = tried()
    assert not found.holds and "EBOK_SMTP_HOST" in str(found.remedy)
    set_settings(smtp_host="127.0.0.1", smtp_port=1)
    found = tried()
    assert not found.holds and "nie odpowiada" in str(found.remedy)
    assert list(mail(None)) == []

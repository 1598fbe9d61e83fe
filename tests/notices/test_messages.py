"""What notices say: Polish, short as SMS, nothing personal, and how to switch them off."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.policy import default

import pytest

from confirmations.channels.interface import Envelope
from confirmations.channels.mail import email_of
from confirmations.outbox import deliver
from confirmations.rendering import as_html, render
from confirmations.sms_text import as_sms, size_of
from confirmations.tables import Medium
from environment import clock
from notices.due import tell_due
from notices.judging import judge
from notices.kinds import LABELS, NoticeKind
from notices.unsubscribing import address_for, read, token_for
from tests.clocks import SetClock
from tests.confirmations.conftest import Mailbox, mailbox  # noqa: F401  a fixture
from tests.notices.conftest import Told

SAID = {
    "tracking": "",
    "due_on": "2026-11-14",
    "count": 1,
    "page": "https://ebok.example/ebok/faktury",
    "place": "ul. Świętojańska, numery nieparzyste 1–115",
    "time": "14.11.2026, 8:00–14:00",
    "remark": None,
}
KINDS = sorted({kind.template for kind in NoticeKind})


@pytest.mark.parametrize("template", KINDS)
@pytest.mark.parametrize("count", [1, 3])
def test_each_is_one_sms_and_says_how_to_switch_it_off(home: object, template: str, count: int) -> None:
    text = as_sms(render(template, {**SAID, "count": count}, Medium.SMS).plain)
    assert size_of(text).parts == 1, len(text)
    assert text.startswith("MZK: ") and "  " not in text
    assert "w eBOK, w Powiadomieniach" in text or template == "notice_restored"
    assert "http" not in text, "who teaches people to follow links in SMS helps thieves"


@pytest.mark.parametrize("template", KINDS)
def test_the_email_is_whole_and_says_the_same(home: object, template: str) -> None:
    content = render(template, {**SAID, "unsubscribe": "https://ebok.example/x"}, Medium.EMAIL)
    assert content.title and "https://ebok.example/x" in as_html(content)


def test_a_mail_program_can_switch_it_off_by_one_click(
    people_here: list[Told],
    mailbox: Mailbox,  # noqa: F811
) -> None:
    tell_due()
    deliver(judge=judge)
    mail = next(one for one in mailbox.mails if one["To"] == people_here[0].login)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(mail["List-Unsubscribe"])
    assert address.startswith("<https://ebok.example/powiadomienia/wylacz/") and address.endswith(">")
    found = read(address[1:-1].rpartition("/")[2])
    assert found is not None and found.kind is NoticeKind.NEW_INVOICE
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert address[1:-1] in text
    assert not [word for word in (people_here[0].number, people_here[0].invoice, "zł") if word in text]


def test_the_header_stands_on_one_line_whatever_its_length(home: object, set_settings: Callable[..., None]) -> None:
    set_settings(public_url="https://elektroniczne-biuro-obslugi-klienta.miejskie-zaklady-komunalne.example")
    address = address_for(1234567, NoticeKind.DATE_PASSED)
    content = render("notice_date_passed", {**SAID, "unsubscribe": address}, Medium.EMAIL)
    envelope = Envelope("one", "", "notice_date_passed", "jan@example.com", content, clock.now())
    data = email_of(envelope).as_bytes()
    assert f"List-Unsubscribe: <{address}>\r\n".encode() in data
    assert message_from_bytes(data, policy=default)["List-Unsubscribe"] == f"<{address}>"


def test_no_other_message_has_the_header(home: object) -> None:
    content = render("password_set", {"tracking": "K7M4-PX9R", "password_page": "https://x.example"}, Medium.EMAIL)
    envelope = Envelope("one", "", "password_set", "jan@example.com", content, clock.now())
    assert b"List-Unsubscribe" not in email_of(envelope).as_bytes()


def test_the_token_cannot_be_made_up(home: object) -> None:
    for kind in (None, *LABELS):
        token = token_for(7, kind)
        found = read(token)
        assert found is not None and (found.account_id, found.kind) == (7, kind)
        assert read(token.replace("7.", "8.", 1)) is None
        assert read(token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    other = token_for(7, NoticeKind.LEAK).replace("leak", "outage")
    for wrong in (other, "", "7", "7.leak", "x.leak.0", "7.restored.0", "9" * 30 + ".leak.0", "ą.leak.ą"):
        assert read(wrong) is None


def test_every_kind_has_a_word_in_the_evening_too(people_here: list[Told], at: SetClock) -> None:
    assert {kind.switched_as for kind in NoticeKind} == set(LABELS)

"""Each step of a visit is told once, and by SMS too where that is switched on; nothing says where or who."""

from __future__ import annotations

from datetime import timedelta

import pytest

from confirmations.rendering import render
from confirmations.tables import Medium
from confirmations.visits import tell_step
from customers.visits import Part, Steps
from database.engine import transaction
from environment.clock import today
from environment.settings import get_settings
from tests.confirmations.composed import messages, personal, text_of, told
from tests.confirmations.samples import process
from tests.customers.samples import JAN, submission

TRACKING = "AAAA-BBB1"


def proposed(*, times: int = 1) -> None:
    process(submission("tank_collection", tank_size="8", wished_on=(today() + timedelta(days=9)).isoformat()), TRACKING)
    with transaction() as session:
        step = Steps(session, TRACKING, 0, "clerk:ewa")
        step.propose(today() + timedelta(days=7), Part.MORNING)
        for _ in range(times):
            tell_step(session, step.visit)


def test_a_step_is_told_once_and_names_nobody(customers: None) -> None:
    proposed(times=2)
    assert [one[:2] for one in told(TRACKING)] == [("visit_opened", "email"), ("visit_proposed", "email")]
    assert not [found for one in messages(TRACKING) for found in personal(text_of(one))]


def test_with_notices_by_sms_the_telephone_of_the_form_gets_one(
    customers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SMS_NOTICES", "true")
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.mzk.kostrzyn.pl")
    get_settings.cache_clear()
    proposed()
    sms = messages(TRACKING)[-1]
    assert (sms.template, sms.channel, sms.recipient) == ("visit_sms", "sms", JAN.phone)
    text = render(sms.template, sms.context, Medium.SMS).plain
    assert len(text) <= 160, text
    assert f"/sprawa/{TRACKING}" in text

"""Reports of delivery: known by the token of a sending alone, answered as SMSAPI wants it."""

from __future__ import annotations

import logging

from api.security import hide_secret_paths
from confirmations.outbox import deliver
from confirmations.tables import Medium
from tests.api.portal.conftest import stranger
from tests.confirmations.recorder import Recorder
from tests.confirmations.samples import put, sendings, stored


def test_a_report_is_taken_and_one_of_nobody_is_not(sqlite_database: str) -> None:
    put(Medium.SMS)
    deliver(channels=Recorder())
    token = sendings()[0].return_token
    told = "MsgId=7F0012&status=402&idx=x&donedate=1796000000&from=MZK&to=48600700800"
    for _ in range(2):
        answer = stranger().get(f"/sms/raport/{token}?{told}")
        assert (answer.status_code, answer.text) == (200, "OK")
    assert (stored().state, sendings()[0].bounce) == ("bounced", "sms_expired")
    assert stranger().get("/sms/raport/nikt?status=404").status_code == 404
    assert stranger().get(f"/sms/raport/{token}").text == "OK", "a report that says nothing"


def test_neither_token_nor_number_comes_into_the_log(sqlite_database: str) -> None:
    hide_secret_paths()
    (hides,) = logging.getLogger("uvicorn.access").filters
    for path in ("/sms/raport/0123abcdef?status=404&to=48600700800", "/powiadomienia/wylacz/7.leak.0123456789abcdef"):
        record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, "%s", (path,), None)
        hides.filter(record)  # type: ignore[union-attr]
        logged = record.getMessage()
        assert not [part for part in ("0123", "600700800", "leak") if part in logged], logged

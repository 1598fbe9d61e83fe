"""SMS through a real HTTP gateway, and as files."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from confirmations.outbox import deliver
from confirmations.tables import Medium, MessageState
from tests.confirmations.conftest import Gateway
from tests.confirmations.samples import put, stored


def test_the_gateway_gets_number_text_and_key(database: str, gateway: Gateway) -> None:
    put(Medium.SMS)
    assert [done.state for done in deliver()] == [MessageState.SENT]
    (post,) = gateway.posts
    assert post["to"] == "+48600700800"
    assert post["headers"]["Authorization"] == "Bearer secret-token"
    assert post["headers"]["Idempotency-Key"] == post["reference"]
    assert len(post["text"]) <= 160 and post["text"].isascii() and "K7M4-PX9R" in post["text"]
    assert stored().reference == "sms-1"


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [
        (503, MessageState.PENDING, "gateway_busy"),
        (429, MessageState.PENDING, "gateway_busy"),
        (401, MessageState.PENDING, "login_refused"),
        (422, MessageState.FAILED, "recipient_refused"),
    ],
)
def test_the_gateways_status_decides(
    sqlite_database: str, gateway: Gateway, status: int, state: MessageState, error: str
) -> None:
    put(Medium.SMS)
    gateway.status = status
    assert [(done.state, done.error) for done in deliver()] == [(state, error)]


def test_an_answer_that_never_comes_leaves_open_whether_the_sms_went(
    sqlite_database: str, set_settings: Callable[..., None]
) -> None:
    put(Medium.SMS)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        set_settings(sms_gateway_url=f"http://127.0.0.1:{silent.getsockname()[1]}/sms")

        def hang_up() -> None:
            silent.accept()[0].close()

        hanging_up = threading.Thread(target=hang_up)
        hanging_up.start()
        assert [(done.state, done.error) for done in deliver()] == [(MessageState.UNCERTAIN, "connection_lost")]
        hanging_up.join()
    assert "SMS" in str(stored().last_error)


def test_a_gateway_that_is_down_is_tried_again(sqlite_database: str, set_settings: Callable[..., None]) -> None:
    set_settings(sms_gateway_url="http://127.0.0.1:1/sms")
    put(Medium.SMS)
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "gateway_unreachable")]


def test_without_a_gateway_an_sms_becomes_a_file(sqlite_database: str, home: Path) -> None:
    put(Medium.SMS)
    deliver()
    (file,) = (home / "outgoing" / "sms").iterdir()
    assert stored().reference == f"sms/{file.name}"
    assert json.loads(file.read_text())["to"] == "+48600700800"

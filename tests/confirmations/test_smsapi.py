"""SMS through SMSAPI, against a server on loopback that answers as it does, and its reports of delivery."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from confirmations.outbox import deliver
from confirmations.settling import send_again
from confirmations.sms_reports import note
from confirmations.stopped_addresses import stopped_among
from confirmations.tables import Medium, Message, MessageState
from database.engine import transaction
from tests.confirmations.samples import RECIPIENT, let_time_pass, put, sendings, stored

TAKEN = {"count": 1, "list": [{"id": "7F0012", "points": 0.16, "number": "48600700800", "status": "QUEUE"}]}
SetSettings = Callable[..., None]


@dataclass
class Api:
    """What SMSAPI got, by field, and with what it answers; 'hang up' answers nothing after it took the message."""

    status: int = 200
    answer: object = field(default_factory=lambda: TAKEN)
    posts: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def smsapi(set_settings: SetSettings) -> Iterator[Api]:
    found = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
            found.posts.append({**{name: value[0] for name, value in body.items()}, **dict(self.headers)})
            if found.answer == "hang up":
                self.close_connection = True
                return
            answer = found.answer.encode() if isinstance(found.answer, str) else json.dumps(found.answer).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of http.server
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/sms.do"
    set_settings(smsapi_url=address, smsapi_token="secret-token", public_url="https://ebok.example")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_gets_number_text_token_and_a_key_against_doubles(
    database: str, smsapi: Api, set_settings: SetSettings
) -> None:
    set_settings(smsapi_from="MZK")
    put(Medium.SMS)
    assert [one.state for one in deliver()] == [MessageState.SENT]
    (post,) = smsapi.posts
    assert post["Authorization"] == "Bearer secret-token"
    told = {name: post[name] for name in ("to", "from", "format", "encoding", "check_idx", "nounicode")}
    assert told == {
        "to": "48600700800",
        "from": "MZK",
        "format": "json",
        "encoding": "utf-8",
        "check_idx": "1",
        "nounicode": "1",
    }
    assert post["message"].isascii() and len(post["idx"]) == 40
    assert post["notify_url"] == f"https://ebok.example/sms/raport/{sendings()[0].return_token}"
    assert (stored().reference, sendings()[0].reply) == ("7F0012", "SMSAPI: części 1")


def test_without_https_it_is_asked_for_no_reports_and_polish_letters_go_along(
    sqlite_database: str, smsapi: Api, set_settings: SetSettings
) -> None:
    set_settings(public_url="http://127.0.0.1:8000", sms_letters="polish")
    put(Medium.SMS)
    deliver()
    assert not {"notify_url", "nounicode", "from"} & set(smsapi.posts[0])
    assert "piszemy w liście" in smsapi.posts[0]["message"]


@pytest.mark.parametrize(
    ("status", "answer", "state", "error"),
    [
        (200, {"error": 13, "message": "No correct phonenumbers"}, MessageState.FAILED, "number_refused"),
        (200, {"error": 59}, MessageState.FAILED, "number_refused"),
        (200, {"error": 103, "message": "Insufficient credits"}, MessageState.PENDING, "account_refused"),
        (200, {"error": 14}, MessageState.PENDING, "account_refused"),
        (401, {"error": 101, "message": "Authorization failed"}, MessageState.PENDING, "login_refused"),
        (401, "", MessageState.PENDING, "login_refused"),
        (200, {"error": 201}, MessageState.PENDING, "gateway_busy"),
        (200, {"error": 52}, MessageState.PENDING, "gateway_deferred"),
        (200, {"error": 11}, MessageState.FAILED, "content_refused"),
        (200, {"error": 8}, MessageState.FAILED, "recipient_refused"),
        (503, "<html>", MessageState.PENDING, "gateway_busy"),
        (400, "<html>", MessageState.FAILED, "recipient_refused"),
        (200, "<html>", MessageState.UNCERTAIN, "answer_unreadable"),
        (200, {"count": 1, "list": []}, MessageState.UNCERTAIN, "answer_unreadable"),
        (200, "hang up", MessageState.UNCERTAIN, "connection_lost"),
    ],
)
def test_its_answer_decides(
    sqlite_database: str, smsapi: Api, status: int, answer: object, state: MessageState, error: str
) -> None:
    smsapi.status, smsapi.answer = status, answer
    put(Medium.SMS)
    assert [(one.state, one.error) for one in deliver()] == [(state, error)]
    assert RECIPIENT[Medium.SMS] not in str(stored().last_error)
    with transaction() as session:
        stopped = stopped_among(session, [RECIPIENT[Medium.SMS]])
    assert bool(stopped) is (error == "number_refused")


def test_what_was_taken_before_the_line_broke_is_not_sent_a_second_time(sqlite_database: str, smsapi: Api) -> None:
    smsapi.answer = "hang up"
    put(Medium.SMS)
    deliver()
    let_time_pass()
    assert deliver() == [], "nobody sends it by itself"
    with transaction() as session:
        send_again(session, "one")
    smsapi.answer = {"error": 53, "message": "Not unique idx"}
    assert [one.state for one in deliver()] == [MessageState.SENT]
    assert len({post["idx"] for post in smsapi.posts}) == 1
    assert "wcześniej" in str(sendings()[-1].reply)


def reported(status: str, *, token: str | None = None) -> bool:
    with transaction() as session:
        return note(session, token or str(sendings()[-1].return_token), status)


@pytest.mark.parametrize(
    ("status", "state", "stopped"),
    [("404", "sent", False), ("402", "bounced", False), ("407", "bounced", True), ("409", "sent", False)],
)
def test_a_report_sets_the_state_and_comes_twice_without_harm(
    database: str, smsapi: Api, status: str, state: str, stopped: bool
) -> None:
    put(Medium.SMS)
    deliver()
    for _ in range(2):
        assert reported(status) is True
        assert stored().state == state
        assert bool(sendings()[0].bounce) is (state == "bounced")
    assert ("doręczony" in str(sendings()[0].reply)) is (status == "404")
    with transaction() as session:
        assert bool(stopped_among(session, [RECIPIENT[Medium.SMS]])) is stopped
    assert reported("404", token="nobody") is False


def test_a_report_tells_that_an_uncertain_one_arrived(sqlite_database: str, smsapi: Api) -> None:
    smsapi.answer = "hang up"
    put(Medium.SMS)
    deliver()
    assert reported("404") and stored().state == "sent"


def test_a_late_report_of_an_earlier_try_does_not_undo_a_later_one(sqlite_database: str, smsapi: Api) -> None:
    smsapi.answer = "hang up"
    put(Medium.SMS)
    deliver()
    first = str(sendings()[0].return_token)
    with transaction() as session:
        send_again(session, "one")
    smsapi.answer = TAKEN
    deliver()
    assert reported("405", token=first) is True
    assert stored().state == "sent" and sendings()[0].bounce == "sms_undelivered"


def test_no_number_and_no_text_stand_in_what_is_told_of_a_message(sqlite_database: str, smsapi: Api) -> None:
    put(Medium.SMS)
    deliver()
    with transaction() as session:
        row = session.scalars(select(Message)).one()
        assert "600700800" not in f"{row.key}{row.reference}{row.last_error}"

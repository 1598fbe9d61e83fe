"""SMS that the gateway hands over: only from who proves to be it, in the words of any gateway."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from benchmarks import office
from benchmarks.metered import add_meter
from billing.metering.tables import ReportedReading
from customers.tables import Customer
from database.engine import reading, transaction
from environment.settings import Settings, get_settings

ADDRESS = "/api/v1/inbound-sms"
SECRET = "długi sekret bramki"
PHONE = "601202303"


@pytest.fixture
def gateway(lone_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Who calls; the telephone is that of a customer with one meter."""
    monkeypatch.setenv("EBOK_SMS_INBOUND_TOKEN", SECRET)
    get_settings.cache_clear()
    office.fill_register()
    number = str(office.people()[0]["customer_no"])
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == number).values(phone=PHONE))
    add_meter(number, "W1")
    return lone_client


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"bramka:{password}".encode()).decode()


def kept() -> int:
    with reading() as session:
        return len(session.scalars(select(ReportedReading.id)).all())


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.post(
            ADDRESS, json={"from": PHONE, "text": "243", "id": "7"}, headers={"Authorization": basic(SECRET)}
        ),
        lambda client: client.post(
            f"{ADDRESS}?token={SECRET}", data={"sms_from": f"48{PHONE}", "sms_text": "243", "MsgId": "7"}
        ),
        lambda client: client.post(
            ADDRESS, data={"sender": f"+48{PHONE}", "message": "Odczyt 243"}, headers={"Authorization": basic(SECRET)}
        ),
    ],
)
def test_gateways_of_any_manner_are_understood_and_the_same_twice_is_once(
    gateway: TestClient, ask: Callable[[TestClient], Any]
) -> None:
    for _ in range(2):
        answer = ask(gateway)
        assert (answer.status_code, answer.text) == (200, "OK")
    assert kept() == 1


def test_nobody_else_is_heard(gateway: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"from": PHONE, "text": "243"}
    for headers in ({}, {"Authorization": basic("zgaduję")}, {"Authorization": "Basic ###"}):
        assert gateway.post(ADDRESS, json=sent, headers=headers).status_code == 401
    monkeypatch.setenv("EBOK_SMS_INBOUND_FROM", "192.0.2.0/24")
    get_settings.cache_clear()
    assert gateway.post(ADDRESS, json=sent, headers={"Authorization": basic(SECRET)}).status_code == 403
    monkeypatch.delenv("EBOK_SMS_INBOUND_TOKEN")
    get_settings.cache_clear()
    assert gateway.post(ADDRESS, json=sent, headers={"Authorization": basic(SECRET)}).status_code == 404
    assert kept() == 0


def test_without_a_sender_there_is_nothing_to_do(gateway: TestClient) -> None:
    assert gateway.post(ADDRESS, json={"text": "243"}, headers={"Authorization": basic(SECRET)}).status_code == 422


def test_a_list_of_addresses_that_is_none_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        Settings(sms_inbound_from="nowhere")

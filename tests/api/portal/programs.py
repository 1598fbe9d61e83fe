"""A program that is signed in to an account, and whether the API answers it as its description says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from api.account.access import SECRET
from benchmarks import office
from tests.application import application

API = "/api/v1/account"
FOR_ANYBODY = {
    ("POST", f"{API}/{name}")
    for name in ("session", "session/passkey", "session/passkey-options", "login-change/confirmation")
}
"""What nobody has to be signed in for."""


def assert_described(method: str, address: str, status: int) -> None:
    """Whether the description of the API knows that answer of that address."""
    path = address.partition("?")[0]
    operations = [
        operation[method.lower()]
        for template, operation in application().openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in operation
    ]
    assert any(str(status) in one["responses"] for one in operations), (method, address, status)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that has signed in."""

    number: str
    login: str
    client: TestClient
    secret: str

    def get(self, address: str, status: int = 200) -> Any:
        answer = self.send("GET", address)
        assert answer.status_code == status, answer.text
        return answer.json()

    def send(self, method: str, address: str, body: object = None, **headers: str) -> Response:
        sent = {SECRET: self.secret, **headers}
        answer = self.client.request(method, f"{API}{address}", json=body, headers=sent)
        assert_described(method, f"{API}{address}", answer.status_code)
        return answer

    def refused(self, method: str, address: str, body: object = None) -> tuple[int, str | None]:
        """Status of a refusal, and the field that it speaks of."""
        answer = self.send(method, address, body)
        problems = answer.json()["problems"]
        return answer.status_code, problems[0]["field"] if problems else None


def caller() -> TestClient:
    return TestClient(application(), base_url="http://ebok.example")


def enter(client: TestClient, login: str, password: str = office.PASSWORD, **headers: str) -> Response:
    return client.post(f"{API}/session", json={"email": login, "password": password}, headers=headers)


def program(number: str, login: str) -> Program:
    client = caller()
    return Program(number, login, client, enter(client, login).json()["csrf_token"])

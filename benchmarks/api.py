"""Asks the API what its description allows and what it forbids, and holds every answer against the description.

``python -m benchmarks.api [EXAMPLES]`` does so at length, on a throw-away database; the test suite does it in short.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from api.account.access import SECRET
from api.app import create_app
from api.cookies import cookie_name
from api.portal.access import COOKIE, as_signed_in
from api.security import ACCOUNT_API
from benchmarks import office
from benchmarks.live import throw_away_home
from database.engine import reading
from portal.sessions import OpenSession, who

_CHECKS: Final[dict[str, Any]] = {
    # No schema can tell what is then refused: a check digit, one of two numbers owed, bytes that are no document, a
    # password that is not the account's and was tried too often.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "415", "422", "429"]},
}
# Where nothing runs but the pages the house is not ready, and says so by a status that is otherwise a fault.
_NOT_READY: Final[dict[str, Any]] = {
    "include-path": "/readyz",
    "checks": {
        "not_a_server_error": {"enabled": False},
        "positive_data_acceptance": {"expected-statuses": ["2xx", "503"]},
    },
}
# All forms have their routes from one builder and their schemas from the kinds of their fields: the edges of one stand
# for those of all. With examples and invented values each is asked all the same.
_EDGES_OF_ONE_FORM: Final[dict[str, Any]] = {
    "include-path-regex": "^/api/v1/forms/(?!ebok_signup/)",
    "phases": {"coverage": {"enabled": False}},
}
# The tool knows no bytes of these sorts by itself; with many examples it chooses one of them and gives up.
schemathesis.serializer.alias(["application/pdf", "image/tiff", "image/heic"], "application/octet-stream")


@dataclass
class Findings:
    """Requests made, by the status they were answered with, and what was wrong with an answer."""

    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def ask(app: FastAPI, customer_no: str, *, examples: int, seed: int = 1, short: bool = False) -> Findings:
    """Every operation with given and with invented values (``examples`` of these), at the edges and in sequences.

    What is for who is signed in is asked by the account of that customer. ``short``: the edges of one form stand for
    those of all.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "workers": 1,
            "checks": _CHECKS,
            "operations": [_NOT_READY, *([_EDGES_OF_ONE_FORM] if short else [])],
            "generation": {"max-examples": examples, "database": "none"},
        }
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    schema.auth(refresh_interval=None).apply_to(path_regex=f"^{ACCOUNT_API}/")(_account_of(customer_no))
    found = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            answered = [one.response for one in event.recorder.interactions.values()]
            found.answers.update(response.status_code for response in answered if response is not None)
            found.faults += _failed(event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.faults.append(f"the tool itself failed: {event}")
    return found


def _account_of(customer_no: str) -> type:
    """How the tool signs in as that customer."""

    class Account:
        """One of its requests may have ended the session: then it begins another one."""

        token = ""

        def get(self, case: Any, context: Any) -> tuple[str, str]:
            visit = self._visit()
            if visit is None:
                self.token = office.account_session(customer_no)
                visit = self._visit()
            assert visit is not None
            return self.token, as_signed_in(visit).csrf

        def _visit(self) -> OpenSession | None:
            with reading() as session:
                return who(session, self.token)

        def set(self, case: Any, data: tuple[str, str], context: Any) -> None:
            case.cookies = {**(case.cookies or {}), cookie_name(COOKIE): data[0]}
            case.headers = {**(case.headers or {}), SECRET: data[1]}

    return Account


def _failed(event: events.ScenarioFinished) -> Iterator[str]:
    for case, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                asked = event.recorder.cases[case].value.as_curl_command()
                yield f"{event.recorder.label}: {check.failure_info.failure}\n{asked[:500]}"


def main() -> None:
    """Print what was found; exit status 1 when an answer contradicts the description."""
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with throw_away_home():
        [(number, _)] = office.billed_accounts(1, months=2)
        found = ask(create_app(), number, examples=examples)
    for fault in found.faults:
        print(fault, end="\n\n")
    print(f"{found.answers.total()} requests, {len(found.faults)} answers not as described; answers by status:")
    print(", ".join(f"{status}: {count}" for status, count in sorted(found.answers.items())))
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()

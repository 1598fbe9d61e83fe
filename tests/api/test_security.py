"""Headers on every answer, faults without their insides, logs without secrets."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
import structlog
from fastapi.testclient import TestClient

from api.app import create_app
from api.security import HideSecretPaths


@pytest.mark.parametrize("path", ["/healthz", "/nic", "/potwierdzenie/nic", "/static/ebok.css", "/api/v1/forms"])
def test_every_answer_carries_the_protecting_headers(lone_client: TestClient, path: str) -> None:
    headers = lone_client.get(path).headers

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store" or path.startswith("/static/")


def test_a_fault_of_ours_is_told_and_logged_without_its_insides(home: Path) -> None:
    app = create_app()

    @app.get("/fault")
    def fail() -> None:
        raise RuntimeError("PESEL 44051401359")

    with structlog.testing.capture_logs() as logged:
        answer = TestClient(app).get("/fault")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "95 727 96 51" in answer.json()["detail"]
    assert "44051401359" not in answer.text
    assert "44051401359" not in str(logged)
    (told,) = logged
    assert (told["type"], told["route"]) == ("RuntimeError", "/fault")
    assert told["number"] in answer.json()["detail"]
    assert "in fail" in told["places"][-1] or told["places"][-1].endswith("fail")


def test_tokens_of_links_never_reach_the_access_log() -> None:
    out = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(logging.StreamHandler(out))
    logger.addFilter(HideSecretPaths())

    for path in ("/potwierdzenie/geheim?x=1", "/api/v1/email-proofs/geheim", "/healthz"):
        logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1", "GET", path, "1.1", 200)

    assert "geheim" not in out.getvalue()
    assert "/healthz" in out.getvalue()

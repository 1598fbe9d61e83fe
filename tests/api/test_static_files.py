"""Style sheets and scripts travel packed; pages, which hold secrets, do not."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.static_files import FOLDER, static_address

PACKED = {"Accept-Encoding": "gzip, br"}
WHOLE = {"Accept-Encoding": "identity"}


@pytest.mark.parametrize("name", ["ebok.css", "form.js", "icon.svg"])
def test_text_is_packed_for_whoever_takes_it_so_and_is_the_same_for_all(lone_client: TestClient, name: str) -> None:
    packed = lone_client.get(static_address(name), headers=PACKED)
    whole = lone_client.get(static_address(name), headers=WHOLE)
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in whole.headers
    assert packed.content == whole.content == (FOLDER / name).read_bytes()
    assert packed.headers["content-type"] == whole.headers["content-type"]
    for answer in (packed, whole):
        assert "immutable" in answer.headers["cache-control"]
        assert "accept-encoding" in answer.headers["vary"].lower()
    assert len(packed.content) >= int(packed.headers["content-length"])


def test_what_was_kept_packed_is_not_sent_again(lone_client: TestClient) -> None:
    kept = lone_client.get("/static/ebok.css", headers=PACKED).headers["etag"]
    again = lone_client.get("/static/ebok.css", headers={**PACKED, "If-None-Match": kept})
    assert again.status_code == 304 and not again.content


def test_neither_pages_nor_fonts_are_packed(lone_client: TestClient) -> None:
    for address in ("/", static_address("noto-sans-bold.woff2")):
        answer = lone_client.get(address, headers={**PACKED, "Accept": "text/html"})
        assert answer.status_code == 200 and "content-encoding" not in answer.headers

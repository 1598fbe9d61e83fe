"""Each sort of bad file ends in a clear state with its original kept, and the next file goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from documents.originals import chunks_of
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from specimens import broken, files
from specimens.paper import print_form
from specimens.scanner import scan
from tests.journeys.conftest import Office
from tests.journeys.one_database import database  # noqa: F401  takes the place of both kinds

CODE = "einvoice_withdrawal"


def good(office: Office) -> bytes:
    return draw_fillable(form_by_code(CODE), office.values(CODE))


def tiff_of(office: Office) -> bytes:
    return files.tiff(scan(print_form(form_by_code(CODE), office.values(CODE)), "gray150", 1))


BAD: dict[str, tuple[str, Callable[[Office], bytes]]] = {
    "cut_off.pdf": ("truncated", lambda office: broken.truncated(good(office))),
    "cut_off.tif": ("truncated", lambda office: broken.truncated(tiff_of(office))),
    "empty.pdf": ("empty_file", lambda _: b""),
    "locked.pdf": ("encrypted", lambda office: broken.encrypted(good(office))),
    "no_pages.pdf": ("no_pages", lambda _: broken.pdf_without_pages()),
    "endless.pdf": ("too_many_pages", lambda _: broken.pdf_of_pages(10_000)),
    "giant.tif": ("page_too_large", lambda _: broken.huge_tiff()),
    "giant.pdf": ("page_too_large", lambda _: broken.huge_pdf()),
    "text.pdf": ("unknown_format", lambda _: broken.text_named_pdf()),
    "hurt.png": ("damaged", lambda _: broken.damaged_png()),
}


def by_name(office: Office) -> dict[str, dict[str, Any]]:
    return {str(story["file"]): story for story in office.documents()}


def test_every_bad_file_is_quarantined_with_its_reason_and_kept_and_the_good_ones_go_on(office: Office) -> None:
    office.on_einvoice()
    before = len(office.documents())
    drawn = {name: make(office) for name, (_, make) in BAD.items()}
    for name, data in drawn.items():
        office.drop(name, data)
    office.drop("zzz last and good.pdf", good(office))
    office.work()
    stories = by_name(office)
    assert len(stories) == len(BAD) + before + 1
    for name, (code, _) in BAD.items():
        told = stories[name]
        assert (told["state"], told["reason_code"]) == ("quarantined", code), name
        assert told["reason"], name
        sha256 = hashlib.sha256(drawn[name]).hexdigest()
        assert b"".join(chunks_of(sha256)) == drawn[name], name
    assert stories["zzz last and good.pdf"]["state"] == "confirmed"
    assert list(office.inbox.iterdir()) == []


def test_a_bad_file_that_comes_again_whole_is_processed(office: Office) -> None:
    office.on_einvoice()
    office.drop("skan.pdf", broken.truncated(good(office)))
    office.work()
    office.drop("skan.pdf", good(office))
    office.work()
    assert [story["state"] for story in office.documents()][-2:] == ["quarantined", "confirmed"]


def test_a_symbolic_link_is_not_followed_and_a_folder_named_like_a_file_is_looked_into(office: Office) -> None:
    office.on_einvoice()
    secret = office.inbox.parent / "elsewhere.pdf"
    secret.write_bytes(good(office))
    (office.inbox / "link.pdf").symlink_to(secret)
    (office.inbox / "folder.pdf").mkdir()
    office.drop("folder.pdf/inside.pdf", good(office))
    office.work()
    stories = by_name(office)
    assert (stories["link.pdf"]["state"], stories["link.pdf"]["reason_code"]) == ("quarantined", "not_a_file")
    assert (office.inbox / "link.pdf").is_symlink()
    assert stories["inside.pdf"]["state"] == "confirmed"
    office.work()
    assert len(by_name(office)) == len(stories)


@pytest.mark.parametrize("name", ["empty.pdf", "cut_off.pdf", "locked.pdf", "endless.pdf", "giant.tif", "text.pdf"])
def test_a_bad_upload_is_answered_with_its_reason_or_quarantined(office: Office, name: str) -> None:
    code, make = BAD[name]
    answer = office.api.post("/api/v1/uploads", files={"file": (name, make(office))})
    assert answer.status_code < 500
    assert code in answer.text or answer.status_code in {413, 415, 422}, answer.text
    office.work()
    assert {story["state"] for story in office.documents()} <= {"quarantined"}

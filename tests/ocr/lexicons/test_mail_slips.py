"""E-mail addresses that may be slips."""

from __future__ import annotations

import pytest

from forms.kinds import Email, Text
from ocr.lexicons import mail_domains
from ocr.lexicons.mail_slips import likely_meant, question


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.pl", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("wp.p", "wp.pl"),
        ("wp.pll", "wp.pl"),
        ("pw.pl", "wp.pl"),
        ("o2.con", "o2.pl"),
        ("onte.pl", "onet.pl"),
        ("poczta.onet.p", "poczta.onet.pl"),
        ("firma-z-kostrzyna.con", "firma-z-kostrzyna.com"),
        ("firma-z-kostrzyna.p", "firma-z-kostrzyna.pl"),
    ],
)
def test_a_slip_tells_what_was_meant(typed: str, meant: str) -> None:
    assert likely_meant(f"Jan@{typed}") == f"jan@{meant}"


@pytest.mark.parametrize(
    "domain",
    ["example.com", "mail.com", "ymail.com", "gmx.at", "hotmail.de", "firma-z-kostrzyna.pl", "ap.pl", "con"],
)
def test_a_domain_of_others_is_not_asked_about(domain: str) -> None:
    assert likely_meant(f"jan@{domain}") is None


def test_no_frequent_domain_is_taken_for_a_slip_of_another() -> None:
    assert [domain for domain in mail_domains() if likely_meant(f"a@{domain}")] == []


def test_only_addresses_are_asked_about() -> None:
    assert question(Email(), "jan@gmial.com") == "Czy ten adres jest na pewno dobry? Może chodziło o jan@gmail.com."
    assert question(Text(), "jan@gmial.com") is None
    assert question(Email(), None) is None
    assert likely_meant("@gmial.com") is None

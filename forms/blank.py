"""The blank: the form to print and fill in by hand."""

from __future__ import annotations

from forms import wording
from forms.form import Form
from forms.page import Instructions, draw_page, headings
from forms.tagging import tagged


def draw_blank(form: Form, *, tags: bool = True) -> bytes:
    """The blank as PDF, one A4 page; the same form and settings give the same bytes.

    Without ``tags`` it is the same to the eye, and quicker made.
    """
    page = draw_page(form, Instructions(wording.HOW_TO_WRITE, wording.WHERE_TO_HAND_IN))
    return tagged(page, headings(form)) if tags else page

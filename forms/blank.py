"""The blank: the form to print and fill in by hand."""

from __future__ import annotations

from forms import wording
from forms.form import Form
from forms.page import Instructions, draw_page


def draw_blank(form: Form) -> bytes:
    """The blank as PDF, one A4 page; the same form and settings give the same bytes."""
    return draw_page(form, Instructions(wording.HOW_TO_WRITE, wording.WHERE_TO_HAND_IN))

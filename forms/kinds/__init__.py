"""Kinds of fields: one class per kind holds all there is to know of it.

A kind knows its alphabet, its length in comb cells, how a raw text becomes a normalised value, what makes
a value wrong, how it is written and read on paper, who may see it, and which HTML attributes and JSON schema it has.
Paper, PDF, web form and API all go through the same ``parse``. Whoever draws, reads or shows a field does not ask which
class its kind is: what has to be known is a member, and a class that leaves one out is refused at import.

A new kind is a new module, here or in the folder ``kinds`` of the setting ``EBOK_FORMS_DIR``; a form imports it.

Check digits, addresses and telephone numbers are judged by python-stdnum, email-validator and phonenumbers.
"""

from forms.kinds.base import DIGITS, POLISH_CAPITALS, TEXT_SIGNS, Fault, FieldKind, Parsed, Told, Value, Writing
from forms.kinds.dates import Date
from forms.kinds.numbers import Digits, Nip, Pesel, Phone, Postcode
from forms.kinds.text import EMAIL_ALPHABET, Email, HouseNumber, Text
from forms.kinds.ticks import Signature, Tick
from forms.kinds.volumes import CubicMetres
from forms.kinds.wished_day import WishedDay

__all__ = [
    "DIGITS",
    "EMAIL_ALPHABET",
    "POLISH_CAPITALS",
    "TEXT_SIGNS",
    "CubicMetres",
    "Date",
    "Digits",
    "Email",
    "Fault",
    "FieldKind",
    "HouseNumber",
    "Nip",
    "Parsed",
    "Pesel",
    "Phone",
    "Postcode",
    "Signature",
    "Text",
    "Tick",
    "Told",
    "Value",
    "WishedDay",
    "Writing",
]

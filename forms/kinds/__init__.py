"""Kinds of fields: one class per kind holds all there is to know of it.

A kind knows its alphabet, its length in comb cells, how a raw text becomes a normalised value, what makes
a value wrong, how it is printed, and which HTML attributes and JSON schema it has. Paper, PDF, web form and API
all go through the same ``parse``.

Check digits, addresses and telephone numbers are judged by python-stdnum, email-validator and phonenumbers.
"""

from forms.kinds.base import DIGITS, POLISH_CAPITALS, TEXT_SIGNS, Fault, Kind, Parsed, Value
from forms.kinds.dates import Date
from forms.kinds.numbers import Digits, Nip, Pesel, Phone, Postcode
from forms.kinds.text import EMAIL_ALPHABET, Email, HouseNumber, Text
from forms.kinds.ticks import Signature, Tick

__all__ = [
    "DIGITS",
    "EMAIL_ALPHABET",
    "POLISH_CAPITALS",
    "TEXT_SIGNS",
    "Date",
    "Digits",
    "Email",
    "Fault",
    "HouseNumber",
    "Kind",
    "Nip",
    "Parsed",
    "Pesel",
    "Phone",
    "Postcode",
    "Signature",
    "Text",
    "Tick",
    "Value",
]

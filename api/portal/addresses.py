"""Where the pages of an account are."""

from __future__ import annotations

from typing import Final

HOME: Final = "/ebok/"
SIGN_IN: Final = "/ebok/zaloguj"
ACCOUNT: Final = "/ebok/konto"
FORGET: Final = "/ebok/zapomnij"
VOUCHING: Final = "/ebok/potwierdz"
BILLS: Final = "/ebok/faktury"
BILL: Final = "/ebok/faktura"
PAY: Final = "/ebok/zaplac"
USAGE: Final = "/ebok/zuzycie"
NUMBERS: Final = "/ebok/konto/numery"
AUTHORITIES: Final = "/ebok/konto/pelnomocnictwa"
TERMS: Final = "/ebok/regulamin"
NOTICES: Final = "/ebok/powiadomienia"
VISITS: Final = "/ebok/wnioski"
QUESTIONS: Final = "/ebok/pytania"

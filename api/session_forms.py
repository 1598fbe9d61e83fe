"""Forms of who is signed in: each carries the secret of its session, and leads on to pages of ours alone."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from api.problems import ApiProblem

_VISIBLE: Final = re.compile(r"[\x21-\x5b\x5d-\x7e]*")


async def posted(request: Request, csrf: str, read: Callable[[str], str] = str) -> FormData:
    """The fields of a POST that came from a page of the session with this secret; ApiProblem 403 otherwise.

    No text of it holds a NUL, which nobody sees and no database takes. ``read`` takes out of what the page carries what
    is to be the secret.
    """
    form = await request.form()
    told = request.headers.get("x-csrf-token") or form.get("csrf")
    if not isinstance(told, str) or not hmac.compare_digest(read(told).encode(), csrf.encode()):
        await form.close()
        raise ApiProblem(
            403,
            "Strona była otwarta wcześniej, przed zalogowaniem albo zmianą numeru klienta. Wróć do niej, odśwież ją i "
            "zrób to jeszcze raz.",
            title="Strona jest nieaktualna",
        )
    return FormData([(name, _without_nul(value)) for name, value in form.multi_items()])


def _without_nul(value: UploadFile | str) -> UploadFile | str:
    return value.replace("\0", "") if isinstance(value, str) else value


def within(home: str, address: str) -> str:
    """The address when it is one of the pages below ``home``, else that: whoever made a link leads nobody elsewhere."""
    return address if address.startswith(home) and _VISIBLE.fullmatch(address) else home

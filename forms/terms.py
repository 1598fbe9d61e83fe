"""The Regulamin that a form's consent is given to: its title, and the version in force (a setting)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from database.settings import get_settings
from forms.form import Form


@dataclass(frozen=True, slots=True)
class Terms:
    """A Regulamin in one version; ``of_title`` is its title in the genitive."""

    key: str
    title: str
    of_title: str
    version: str


_TITLES: Final = {
    "ebok": ("Regulamin eBOK", "Regulaminu eBOK"),
    "einvoice": (
        "Regulamin wystawiania i przesyłania faktur w formie elektronicznej",
        "Regulaminu wystawiania i przesyłania faktur w formie elektronicznej",
    ),
}


def terms_of(form: Form) -> Terms | None:
    """The Regulamin in force that the form's consent is given to; None when the form asks for none.

    ValueError when the form names a Regulamin that this installation does not have.
    """
    if form.terms is None:
        return None
    if form.terms not in _TITLES:
        raise ValueError(f"form {form.code}: there is no Regulamin {form.terms!r}, only {', '.join(_TITLES)}")
    versions = {"ebok": get_settings().terms_ebok_version, "einvoice": get_settings().terms_einvoice_version}
    title, of_title = _TITLES[form.terms]
    return Terms(form.terms, title, of_title, versions[form.terms])

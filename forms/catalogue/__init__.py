"""The forms of this installation: every module here gives one literal ``FORM``.

Adding a form is adding a file, here or in the folder of the setting ``EBOK_FORMS_DIR``, which an upgrade leaves alone.
An older version stays readable as a file of its own: papers of it are out, so it is never edited. What differs only in
its print at the foot says so (``looks_like``), and is told apart by the code, or by that print.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from forms import kinds
from forms.form import Form
from forms.further import UnfitError, folders_of, modules_in

_HERE = list(__path__)
_KINDS = list(kinds.__path__)


class UnknownFormError(LookupError):
    """No form has that code (and version)."""


@cache
def all_forms() -> tuple[Form, ...]:
    """Every form and version, in the order of codes and versions.

    UnfitError when a file gives none, or two files give the same form in the same version.
    """
    __path__[:] = [*_HERE, *folders_of()]
    kinds.__path__[:] = [*_KINDS, *folders_of("kinds")]  # which a form from that folder may import
    literals = [_form_in(name, module) for name, module in modules_in(__name__, __path__).items()]
    keys = [(form.code, form.version) for form in literals]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise UnfitError(f"forms defined twice (code, version): {sorted(twice)}")
    return tuple(sorted(literals, key=_order))


def current_forms() -> tuple[Form, ...]:
    """The newest version of every form."""
    return tuple({form.code: form for form in all_forms()}.values())


def form_by_code(code: str, version: str | None = None) -> Form:
    """The form of that code, its newest version unless one is named; UnknownFormError when there is none."""
    found = [form for form in all_forms() if form.code == code and version in (None, form.version)]
    if not found:
        raise UnknownFormError(f"no form {code!r} in version {version or 'any'}")
    return found[-1]


def _form_in(name: str, module: ModuleType) -> Form:
    form = getattr(module, "FORM", None)
    if not isinstance(form, Form):
        raise UnfitError(f"form {name}: its module gives no FORM")
    return form


def _order(form: Form) -> tuple[str, tuple[int, ...], str]:
    numbers = tuple(int(part) for part in form.version.split(".") if part.isdigit())
    return form.code, numbers, form.version

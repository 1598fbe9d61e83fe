"""What an installation adds to the product, in the folder ``EBOK_FORMS_DIR``, which an upgrade leaves alone.

Forms lie in it, effects and kinds of fields in its folders ``effects`` and ``kinds``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType

from environment.settings import get_settings


class UnfitError(ValueError):
    """A form, an effect or a kind that cannot be used; the message says which, and what is wrong with it."""


def folders_of(what: str = "") -> list[str]:
    """The folder of further forms, or that of further ``what`` in it, as a list; empty when there is none."""
    further = get_settings().forms_dir
    return [] if further is None or not (further / what).is_dir() else [str((further / what).absolute())]


def modules_in(package: str, path: Iterable[str]) -> dict[str, ModuleType]:
    """Every module of a package by its name; UnfitError when one cannot be imported."""
    importlib.invalidate_caches()
    found = {}
    for name in sorted({one.name for one in pkgutil.iter_modules(path)}):
        try:
            found[name] = importlib.import_module(f"{package}.{name}")
        except Exception as error:
            raise UnfitError(f"{package}.{name}: {error}") from error
    return found

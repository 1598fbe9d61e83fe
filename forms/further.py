"""Where an installation keeps what it adds to the product: the folder of the setting ``EBOK_FORMS_DIR``.

An upgrade leaves it alone. Forms lie in it, effects and kinds of fields in its folders ``effects`` and ``kinds``.
"""

from __future__ import annotations

from database.settings import get_settings


def folders_of(what: str = "") -> list[str]:
    """The folder of further forms, or that of further ``what`` in it, as a list; empty when there is none."""
    further = get_settings().forms_dir
    return [] if further is None or not (further / what).is_dir() else [str((further / what).absolute())]

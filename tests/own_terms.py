"""A folder with Regulamin texts of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from environment.settings import get_settings


def own_terms(folder: Path, monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, str, str]) -> Path:
    """Write the folder (key, version, first day) and put it in force; gives its table of versions."""
    folder.mkdir()
    table = folder / "history.csv"
    table.write_text("key,version,in_force_from\n" + "".join(f"{','.join(row)}\n" for row in rows))
    for key, version, _ in rows:
        (folder / f"{key}-{version}.md").write_text(f"## § 1. Wersja {version}\n\n1. Spółka: ${{company_name}}.\n")
    monkeypatch.setenv("EBOK_TERMS_DIR", str(folder))
    get_settings.cache_clear()
    return table

"""Imported by the process that readers are forked from, so that each begins with its libraries loaded."""

from __future__ import annotations

from importlib import import_module

for _name in ("image_pages", "joining", "pdf_pages", "pictures", "reading", "unfilled"):
    import_module(f"ocr.{_name}")

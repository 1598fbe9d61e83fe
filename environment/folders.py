"""Folders that may be shares: one that is away may answer a plain question with a fault instead of a no."""

from __future__ import annotations

from pathlib import Path


def is_folder(path: Path) -> bool:
    """Whether a folder is there and answers."""
    try:
        return path.is_dir()
    except OSError:
        return False


def nearest(path: Path) -> Path:
    """The path itself where something is there and answers, else the nearest folder above it that does."""
    return next(each for each in (path.absolute(), *path.absolute().parents) if _answers(each))


def _answers(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        return False
    return True

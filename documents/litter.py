"""What file servers, desktops and office programs leave in a folder: never a document, whatever its content.

Bins and snapshots hold what somebody threw away or what lies in the folder anyway; thumbnails and notes of a system
hold nothing that was scanned. Names are compared without regard to case, as file systems of offices do.
"""

from __future__ import annotations

import re
from typing import Final

_FOLDERS: Final = frozenset(
    {
        "#recycle",
        "#snapshot",
        "@eadir",
        "@recently-snapshot",
        "@recycle",
        "@sharebin",
        "@snapshot",
        "@tmp",
        "$recycle.bin",
        "__macosx",
        "~snapshot",
        "found.000",
        "lost+found",
        "network trash folder",
        "recycled",
        "recycler",
        "system volume information",
        "temporary items",
    }
)
"""Bins, snapshots, thumbnails and workplaces of Synology, QNAP, NetApp, Samba, Windows, macOS and Linux."""
_FILES: Final = frozenset(
    {".directory", ".ds_store", ".apdisk", ".volumeicon.icns", "desktop.ini", "ehthumbs.db", "icon\r", "thumbs.db"}
)
_PATTERNS: Final = re.compile(
    r"""
    \._.*                                                   # the second half of a file, of macOS
    | \.~lock\..*\#                                         # LibreOffice has the file open
    | ~\$.*\.(?:do[ct][xm]?|xl[st]?[xmb]?|pp[ts][xm]?|vsdx?|rtf|od[tsp])  # Microsoft Office has the file open
    | .*[:\uf022\uf03a]zone\.identifier(?::\$data)?         # where Windows got a file from; as Samba and macOS map ':'
    | (?:.*[:@])?synoeastream | .*@synoresource | synofile_thumb.*
    | ehthumbs_.*\.db | \.nfs[0-9a-f]{8,} | \.fuse_hidden[0-9a-f]{8,} | \.smbdelete.* | \.st(?:ignore|folder)
    """,
    re.VERBOSE | re.DOTALL,
)


def is_litter(name: str) -> bool:
    """Whether a file of that name is none of anybody's documents."""
    folded = name.casefold()
    return folded in _FILES or _PATTERNS.fullmatch(folded) is not None


def is_litter_folder(name: str) -> bool:
    """Whether nothing in a folder of that name was put there to be taken in: hidden ones (.Trash-1000, .sync) too."""
    return name.startswith(".") or name.casefold() in _FOLDERS

"""The one file of settings, read as systemd reads an EnvironmentFile: the service and the commands see the same.

A line is ``NAME=value``. Lines that begin with ``#`` or ``;`` are comments; within a value these are plain signs.
A value may be quoted: between single quotes all stands as it is; between double ones a backslash takes the meaning from
a double quote, a backslash, a backtick, ``$`` and the end of the line, and without quotes from any sign. Nothing is put
in for ``$``. What systemd passes over in silence, such as a line without ``=``, is an error here, told by its line.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

SETTINGS_FILE: Final = Path("/etc/ebok.env")
"""Where commands look by themselves, and the service is told to look."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOOKS_LIKE_THE_NEXT: Final = re.compile(r"^\s*[A-Z][A-Z0-9_]*=")
_UNQUOTED, _SINGLE, _DOUBLE = "", "'", '"'
_ESCAPED: Final = '"\\`$'
"""What a backslash stands before in double quotes; before all else it is a sign as any other."""
_BLANK: Final = " \t"
_BYTE_ORDER_MARK: Final = "\ufeff"
"""By which editors of Windows mark a text, and which systemd takes for a part of the first name."""
_PLAIN: Final = re.compile(r"[\w@%+=:,./\[\]~!?&*-]*")
"""Values that need no quotes."""
_taken: Final[dict[str, Path]] = {}


class SettingsFileError(ValueError):
    """The file cannot be read as it is; the message (Polish) says in which line and why, and quotes no value."""


def put_in_force(path: Path) -> None:
    """Have the environment of this process say what the file says; what it says already stays as it is."""
    for name, value in read_settings(path).items():
        if name not in os.environ:
            os.environ[name] = value
            _taken[name] = path


def source_of(name: str) -> Path | None:
    """The file from which a variable of the environment was taken; None where it was none."""
    return _taken.get(name)


def read_settings(path: Path) -> dict[str, str]:
    """What a file says, by name; the last line about a name counts. SettingsFileError, or OSError."""
    return settings_in(text_of(path), path)


def text_of(path: Path) -> str:
    """The text of a file, with its lines as they end here. SettingsFileError where it is none, or OSError."""
    content = path.read_bytes()
    try:
        return content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _wrong(path, line, "to nie jest tekst w UTF-8. Zapisz plik w tym kodowaniu") from error


def settings_in(text: str, path: Path) -> dict[str, str]:
    """The same of the text of a file."""
    found: dict[str, str] = {}
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        first, head = number, lines[number].rstrip("\r").lstrip(_BLANK)
        number += 1
        if head.startswith(_BYTE_ORDER_MARK):
            raise _wrong(path, number, "plik zaczyna się niewidocznym znakiem BOM. Zapisz go jako UTF-8 bez BOM")
        if head.startswith(("#", ";")):
            if head.endswith("\\"):
                raise _wrong(path, number, "uwaga kończy się znakiem \\, który dołącza do niej następny wiersz")
            continue
        if not head.strip(_BLANK):
            continue
        name, equals, rest = head.partition("=")
        if not equals:
            raise _wrong(path, number, "nie ma w nim znaku =. Wiersz ma postać NAZWA=wartość")
        if not _NAME.fullmatch(name.rstrip(_BLANK)):
            raise _wrong(path, number, "przed znakiem = nie stoi sama nazwa (bez „export”, odstępów i polskich liter)")
        value = _Value()
        while value.take(rest):
            if number == len(lines) or (value.quote and _LOOKS_LIKE_THE_NEXT.match(lines[number])):
                why = f"cudzysłów {value.quote} jest otwarty i niezamknięty" if value.quote else "urywa się na znaku \\"
                raise _wrong(path, first + 1, why)
            rest = lines[number].rstrip("\r")
            number += 1
        found[name.rstrip(_BLANK)] = value.text
    return found


def quoted(value: str) -> str:
    """A value as it is written in such a file."""
    if _PLAIN.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\`$])', r"\\\1", value) + '"'


class _Value:
    """A value as its lines are read, one after the other."""

    def __init__(self) -> None:
        self.quote = _UNQUOTED
        self._signs: list[str] = []
        self._begun = False
        """Whether an unquoted part is being read, in which quotes are signs as any other."""
        self._kept = 0
        """So many signs stay, whatever blanks at the end of an unquoted part are cut off."""

    @property
    def text(self) -> str:
        """The value."""
        head, tail = self._signs[: self._kept], self._signs[self._kept :]
        return "".join(head) + "".join(tail).rstrip(_BLANK)

    def take(self, line: str) -> bool:
        """Read a line; True when the value goes on in the next one."""
        signs = iter(line)
        for sign in signs:
            if sign == "\\" and self.quote != _SINGLE:
                following = next(signs, None)
                if following is None:
                    return True
                if self.quote == _DOUBLE and following not in _ESCAPED:
                    self._keep("\\")
                self._keep(following)
                self._begun = self._begun or not self.quote
            elif self.quote:
                if sign == self.quote:
                    self.quote = _UNQUOTED
                else:
                    self._keep(sign)
            elif sign in (_SINGLE, _DOUBLE) and not self._begun:
                self.quote = sign
            elif self._begun or sign not in _BLANK:
                self._begun = True
                self._signs.append(sign)
        if self.quote:
            self._keep("\n")
        return bool(self.quote)

    def _keep(self, sign: str) -> None:
        self._signs.append(sign)
        self._kept = len(self._signs)


def _wrong(path: Path, line: int, why: str) -> SettingsFileError:
    return SettingsFileError(f"{path}, wiersz {line}: {why}. Zasady są te same, co w EnvironmentFile systemd.")

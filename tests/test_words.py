"""The words that people read: one word for one thing, wherever it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.test_house import PACKAGES, ROOT

_OTHER_WORDS = {
    re.compile(r"\blink(?:u|iem|i|ów|om|ami|ach|a)?\b", re.IGNORECASE): "odnośnik",
    re.compile(r"\bhiperłącz\w*", re.IGNORECASE): "odnośnik",
    re.compile(r"\buży(?:j|jcie|ć|ł|li)\b(?: \w+){0,2} odnośnik\w*", re.IGNORECASE): "kliknij odnośnik",
    re.compile(r"\b(?:maila|mailem|maile|emaila|emailem|emaile)\b(?<!-maila)(?<!-mailem)(?<!-maile)"): "e-mail",
}
_POLISH = re.compile("[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]")
_GUIDES = ("clerk.md", "crew.md", "mailroom.md", "manager.md")


def texts_of_templates() -> Iterator[tuple[str, str]]:
    """What a template says beside tags and names of values: text, and strings with a blank or a Polish letter."""
    for path in sorted((ROOT / "api/templates").rglob("*.html")):
        source = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        said = re.findall(r'"([^"]*)"', " ".join(re.findall(r"{[{%].*?[%}]}", source, re.DOTALL)))
        said += re.split(r"<[^>]*>", re.sub(r"{[{%].*?[%}]}", " ", source, flags=re.DOTALL))
        yield from ((path.name, text) for text in said if " " in text.strip() or _POLISH.search(text))


def texts_of_the_program() -> Iterator[tuple[str, str]]:
    """Polish strings of the rooms; what stands in them for values is a gap."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _POLISH.search(node.value):
                    yield path.name, node.value


def texts_of_guides() -> Iterator[tuple[str, str]]:
    for name in _GUIDES:
        yield name, (ROOT / "docs" / name).read_text(encoding="utf-8")


def breaks(texts: Iterator[tuple[str, str]]) -> list[str]:
    return [
        f"{where}: {found[0]!r}; we say {right!r}"
        for where, text in texts
        for wrong, right in _OTHER_WORDS.items()
        if (found := wrong.search(re.sub(r"https?://\S+|\{\{.*?\}\}|\{%.*?%\}", " ", text)))
    ]


def test_what_people_read_has_one_word_for_one_thing() -> None:
    assert breaks(texts_of_templates()) == []
    assert breaks(texts_of_the_program()) == []
    assert breaks(texts_of_guides()) == []


def test_a_break_is_found_in_text_in_strings_and_in_all_cases() -> None:
    said = ["Wyślemy na niego link.", "Otwórz linki", "użyj tego odnośnika", "Nie przyszedł e-mail", "napisz maila"]
    assert [bool(breaks(iter([("x", one)]))) for one in said] == [True, True, True, False, True]

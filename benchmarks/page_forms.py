"""The fields of a form as they stand in a page, so that a program can send it as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser

Fields = dict[str, list[str]]
"""Values by the name of their input, in the order of the page."""


def fields_of(html: str, action: str) -> Fields:
    """What a browser would send of the first form with that action, without its buttons; LookupError when none has."""
    reader = _Reader(action)
    reader.feed(html)
    if reader.found is None:
        raise LookupError(f"the page has no form for {action}")
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.found: Fields | None = None
        self._action = action
        self._within = False
        self._text_of: str | None = None
        self._choice_of: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.found is None and given.get("action") == self._action:
            self.found, self._within = {}, True
        if not self._within or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in {"submit", "button", "file"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._add(name, given.get("value", ""))
        elif tag == "textarea":
            self._text_of = name
            self._add(name, "")
        elif tag == "select":
            self._choice_of = name
        elif tag == "option" and self._choice_of and "selected" in given:
            self._add(self._choice_of, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text_of and self.found is not None:
            self.found[self._text_of][-1] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._within = False
        elif tag == "textarea":
            self._text_of = None
        elif tag == "select":
            self._choice_of = None

    def _add(self, name: str, value: str) -> None:
        if self.found is not None:
            self.found.setdefault(name, []).append(value)

"""How a reader, which may not see the register, asks about it: the process that handed it the file answers.

Questions and answers are JSON on one pipe; both sides take turns.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

from ocr.knowledge import Knowledge, Row

_LONGEST_QUESTION: Final = 1024**2
_KINDS: Final = ("name", "street", "town")
_Found = TypeVar("_Found")


class NoAnswerError(Exception):
    """Those who know failed, as its cause says: a fault of ours, and neither of the reader nor of its file."""


class Answers:
    """The side that knows. What a reader was told before and still holds is not told again.

    ``seconds`` is how long it took to find out what was asked since ``begin_look``.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._told: dict[str, Mapping[str, Any]] = {}
        self.seconds = 0.0

    def begin_look(self) -> None:
        """Nothing has been asked yet."""
        self.seconds = 0.0

    def answer(self, knowledge: Knowledge | None) -> bool:
        """Answer the question that has come; False when the reader says that it has none any more.

        NoAnswerError when the knowledge fails, ValueError for what no reader of ours asks, EOFError when there is no
        reader any more.
        """
        question = json.loads(self._pipe.recv_bytes(_LONGEST_QUESTION))
        if question == ["end"]:
            return False
        if knowledge is None:
            raise ValueError("a reader asked where nothing is known")
        match question:
            case ["words", str(field)]:
                self._send_new(field, self._found(partial(knowledge.words, field)))
            case ["places"]:
                self._send_new("places", self._found(knowledge.places))
            case ["customers", dict(wanted)]:
                self._send([dict(row) for row in self._found(partial(knowledge.customers, wanted))])
            case _:
                raise ValueError("a reader asked what there is no answer to")
        return True

    def _found(self, find: Callable[[], _Found]) -> _Found:
        begun = time.monotonic()
        try:
            return find()
        except Exception as error:
            raise NoAnswerError from error
        finally:
            self.seconds += time.monotonic() - begun

    def _send_new(self, name: str, known: Mapping[str, Any]) -> None:
        same = self._told.get(name) is known
        self._told[name] = known
        self._send(None if same else dict(known))

    def _send(self, told: object) -> None:
        self._pipe.send_bytes(json.dumps(told).encode())


class RemoteKnowledge:
    """The side that asks, a ``Knowledge`` for reading; words are asked for once a look."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._words: dict[str, Mapping[str, float]] = {}
        self._places: Mapping[str, Sequence[str]] = {}
        self._fresh: set[str] = set()

    def begin_look(self) -> None:
        """What is known may have changed since the last look."""
        self._fresh.clear()

    def words(self, field: str) -> Mapping[str, float]:
        """As ``Knowledge`` has it."""
        from ocr.handprint.lexicon import Lexicon  # noqa: PLC0415  of the reader alone

        if field not in _KINDS:
            return {}
        if field not in self._fresh:
            told = self._ask(["words", field])
            self._words[field] = self._words[field] if told is None else Lexicon(told)
            self._fresh.add(field)
        return self._words[field]

    def places(self) -> Mapping[str, Sequence[str]]:
        """As ``Knowledge`` has it."""
        if "places" not in self._fresh:
            told = self._ask(["places"])
            self._places = self._places if told is None else told
            self._fresh.add("places")
        return self._places

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """As ``Knowledge`` has it."""
        found: list[Row] = self._ask(["customers", {column: sorted(values) for column, values in wanted.items()}])
        return found

    def end_look(self) -> None:
        """Say that nothing more will be asked."""
        self._pipe.send_bytes(b'["end"]')

    def _ask(self, question: list[Any]) -> Any:
        self._pipe.send_bytes(json.dumps(question).encode())
        return json.loads(self._pipe.recv_bytes())

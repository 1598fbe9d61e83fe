"""Weights of the decoding, fitted to writers of the dev data by ``training.decoding_figures --fit``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WEIGHTS_FILE: Final = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class TextWeights:
    """Of names, streets and towns.

    ``prior`` is the power that lexicon and spelling are taken to, ``unknown`` the share of words that no lexicon has,
    ``written`` what each written cell adds (a logarithm). The others are how often people do so: ``missing_mark`` and
    ``added_mark`` on a letter, ``barred`` a Z with a bar that is none with a dot, ``left_out`` an empty cell within a
    word, ``new_word_at_row`` a new word on a new row with no empty cell before, ``new_row`` one after several empty
    cells, ``wide_gap`` several empty cells between words of a row, ``dash`` between words.
    """

    prior: float
    unknown: float
    written: float
    missing_mark: float = 0.02
    added_mark: float = 0.002
    barred: float = 0.1
    left_out: float = 0.003
    new_word_at_row: float = 0.5
    new_row: float = 0.3
    wide_gap: float = 0.002
    dash: float = 0.05


@dataclass(frozen=True, slots=True)
class EmailWeights:
    """Of e-mail addresses.

    ``prior`` is the power that shapes and spelling are taken to, ``unknown_domain`` the share of domains that no list
    has, ``free`` that of local parts made of no name, ``pull`` how many times likelier a known address may become than
    the best reading without knowing it, ``written`` what each written cell adds (a logarithm). ``lost_mark`` is how
    often a dot or a dash is not seen, ``gap`` and ``new_row`` how often an address goes on after empty cells.
    """

    prior: float
    unknown_domain: float
    free: float
    pull: float
    written: float = 0.0
    gap: float = 0.002
    lost_mark: float = 0.01
    new_row: float = 0.3


_STORED = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
TEXT: Final = TextWeights(**_STORED["text"])
EMAIL: Final = EmailWeights(**_STORED["email"])

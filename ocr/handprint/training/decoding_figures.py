"""What decoding makes of fields that people wrote, against reading letter by letter; fits the weights of decoding.

``python -m ocr.handprint.training.decoding_figures DATA`` prints the share of fields read right, with words that the
lexicon has and with words that it has not. ``--fit`` fits the weights first and writes ``weights.json``; that takes
fields of the fit half, and so do the figures unless ``--half report`` is given.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import cv2
import numpy as np

from ocr.handprint.alphabet import STRUCK
from ocr.handprint.decoding import Candidate
from ocr.handprint.email_decoding import decode_email
from ocr.handprint.lexicon import Lexicon
from ocr.handprint.recogniser import CellScores, digit_odds, within_alphabet
from ocr.handprint.text_decoding import decode_text
from ocr.handprint.training.drawn_fields import KINDS, DrawnField, drawn_fields, known_words, near_address
from ocr.handprint.training.glyphs import load
from ocr.handprint.training.writers import in_half
from ocr.handprint.weights import EMAIL, TEXT, WEIGHTS_FILE, EmailWeights, TextWeights

_SEEDS: Final = {"fit": 21, "report": 2028}
_WORST: Final = 0.003
"""No field counts for less likely than this: one bad field must not decide a weight."""
_SURE: Final = 0.95
_PRIORS: Final = (0.3, 0.45, 0.6)
"""Greater powers fit a little better, but give up clear letters for a word of the lexicon: a wrong name or address."""
_TEXT_TRIED: Final[Mapping[str, Sequence[float]]] = {
    "prior": _PRIORS,
    "written": (-2.5, -1.5, -1.0, -0.5),
    "unknown": (0.08, 0.15, 0.3),
    "wide_gap": (0.0002, 0.002),
    "missing_mark": (0.02, 0.05),
    "barred": (0.1, 0.3),
}
_EMAIL_TRIED: Final[Mapping[str, Sequence[float]]] = {
    "prior": _PRIORS,
    "written": (-2.5, -1.5, -1.0, -0.5),
    "unknown_domain": (0.02, 0.05, 0.1),
    "free": (0.1, 0.2, 0.35),
}

Weights = TypeVar("Weights", TextWeights, EmailWeights)
Decoded = tuple[DrawnField, list[Candidate]]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the handwriting data")
    parser.add_argument("--count", type=int, default=100, help="fields of each sort")
    parser.add_argument("--half", choices=("fit", "report"), default="fit", help="writers that the figures are of")
    parser.add_argument("--fit", action="store_true", help="fit the weights first, to the other seed's fields")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    hands = load(options.data, "dev")
    text, email = TEXT, EMAIL
    if options.fit:
        drawn = list(drawn_fields(in_half(hands, "fit").without_odd(), options.count, _SEEDS["fit"] + 1))
        text, email = fitted(drawn)
        WEIGHTS_FILE.write_text(json.dumps({"text": asdict(text), "email": asdict(email)}, indent=2) + "\n", "utf-8")
    fields = list(drawn_fields(in_half(hands, options.half).without_odd(), options.count, _SEEDS[options.half]))
    print("\n".join(table(fields, text, email)))  # noqa: T201


def fitted(drawn: Sequence[DrawnField]) -> tuple[TextWeights, EmailWeights]:
    """The weights that make the true texts and addresses of these fields likeliest, one weight after the other."""
    words = {field: known_words(field) for field in KINDS}
    texts = [field for field in drawn if field.field != "email"]
    emails = [field for field in drawn if field.field == "email"]
    text = _climbed(TEXT, _TEXT_TRIED, lambda weights: [(field, _text(field, words, weights)) for field in texts])
    email = _climbed(EMAIL, _EMAIL_TRIED, lambda weights: [(field, _email(field, weights)) for field in emails])
    return text, email


def table(drawn: Sequence[DrawnField], text: TextWeights, email: EmailWeights) -> list[str]:
    """Rows of the figures in Markdown."""
    words = {field: known_words(field) for field in KINDS}
    rows: dict[str, list[tuple[bool, str, list[Candidate]]]] = {}
    for field in drawn:
        plain = _greedy(field) == field.truth
        known = "known words" if field.listed else "unknown words"
        if field.field == "email":
            by = {known: _email(field, email), "name known": _email(field, email, named=True)}
            by["another address known"] = _email(field, email, known=(near_address(field.truth),))
            by["this address known"] = _email(field, email, known=(field.truth,))
        else:
            by = {known: _text(field, words, text)}
        for what, found in by.items():
            rows.setdefault(f"{field.field}, {what}", []).append((plain, field.truth, found))
    lines = ["| field | fields | letter by letter | decoded | sure | wrong among sure |", "|---|---|---|---|---|---|"]
    for what, results in sorted(rows.items()):
        plain_share = float(np.mean([plain for plain, _, _ in results]))
        right = np.array([bool(found) and found[0].value == truth for _, truth, found in results])
        sure = np.array([bool(found) and found[0].probability > _SURE for _, _, found in results])
        wrong = f"{100 * float(np.mean(~right[sure])):.1f}" if sure.any() else "-"
        shares = f"{100 * plain_share:.1f} | {100 * right.mean():.1f} | {100 * sure.mean():.1f} | {wrong}"
        lines.append(f"| {what} | {len(results)} | {shares} |")
    return lines


def _text(field: DrawnField, words: Mapping[str, Lexicon], weights: TextWeights) -> list[Candidate]:
    return decode_text(field.posteriors, KINDS[field.field], words[field.field], weights=weights)


def _email(
    field: DrawnField, weights: EmailWeights, *, named: bool = False, known: Sequence[str] = ()
) -> list[Candidate]:
    names = dict.fromkeys(field.names, 1.0) if named else {}
    return decode_email(field.posteriors, KINDS["email"], names=names, known=known, weights=weights)


def _greedy(field: DrawnField) -> object:
    kind = KINDS[field.field]
    return kind.parse(greedily(within_alphabet(field.posteriors, kind.alphabet, digit_odds(kind)))).value


def greedily(cells: Sequence[CellScores]) -> str:
    """The likeliest character of each cell for itself; a space for one that is empty or crossed out."""
    return "".join((scores.characters[0] or " ").replace(STRUCK, " ") for scores in cells)


def _climbed(
    weights: Weights, tried: Mapping[str, Sequence[float]], decoded: Callable[[Weights], list[Decoded]]
) -> Weights:
    """Each weight in turn at the best of its tried values."""
    best = _likelihood(decoded(weights))
    for name, values in tried.items():
        for value in values:
            change: dict[str, Any] = {name: value}
            other = replace(weights, **change)
            if other != weights and (likelihood := _likelihood(decoded(other))) > best:
                weights, best = other, likelihood
    return weights


def _likelihood(results: Sequence[Decoded]) -> float:
    """Mean logarithm of the probability that the truth got."""
    shares = [sum(item.probability for item in found if item.value == field.truth) for field, found in results]
    return float(np.log(np.maximum(shares, _WORST)).mean())


if __name__ == "__main__":
    main()

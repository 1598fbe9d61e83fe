"""Train a network on the handwriting of ``shared/data/handwriting`` and write its file; needs torch and onnx.

``python -m ocr.handprint.training.train DATA [--part digits] [--chunks 5400] [--seed 1]``: some hours on two free
cores (how many: ``MODEL.md``), less for the network of digits alone. Every chunk of cells is drawn anew from its own
seed, and learnt several times: fresh, and then mixed from all before. What is stored is the running mean of the weights
(Polyak and Juditsky, 1992).
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import multiprocessing.pool
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from forms.kinds import DIGITS, POLISH_CAPITALS
from ocr.handprint.alphabet import PARTS, Part
from ocr.handprint.recogniser import MODELS
from ocr.handprint.training.glyphs import Hands, load
from ocr.handprint.training.network import build, export
from ocr.handprint.training.rehearsal import Rehearsal, jostled
from ocr.handprint.training.rendering import class_weights, drawn

SOURCES: Final = "UNIPEN train_r01_v07, Chars74K, MNIST"
_CHUNK: Final = 256
_AHEAD: Final = 24
_AGAIN: Final = 3
"""How many chunks mixed from earlier ones are learnt for each fresh one."""
_MEAN_OF: Final = 400
"""Chunks that the running mean of the weights looks back."""
_PEAK_RATE: Final = 3e-3
_DECAY: Final = 0.02
_ASKED_AMONG: Final = (tuple(DIGITS), tuple(character + character.lower() for character in POLISH_CAPITALS))
"""Among what fields ask: digits among digits, letters among letters whatever their case."""

Chunk = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]

_log = logging.getLogger(__name__)
_hands: dict[str, Hands] = {}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the handwriting data")
    parser.add_argument("--part", choices=tuple(PARTS), default="all", help="which network")
    parser.add_argument("--chunks", type=int, default=5400, help=f"chunks of {_CHUNK} cells to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="shorten the schedule to be done by then")
    parser.add_argument("--start", type=Path, help="weights (.pt) of an earlier run to go on from, with another seed")
    parser.add_argument("--rate", type=float, default=_PEAK_RATE, help="highest learning rate")
    parser.add_argument("--out", type=Path, help="file of the model (default: that of the product)")
    options = parser.parse_args()
    part: Part = options.part
    out: Path = options.out or MODELS[part]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    network = train(
        options.data,
        part,
        chunks=options.chunks,
        seed=options.seed,
        minutes=options.minutes,
        rate=options.rate,
        start=options.start,
        keep=out.with_suffix(".pt"),
    )
    torch.save(network.state_dict(), out.with_suffix(".pt"))
    export(network, out, part, {"seed": str(options.seed), "sources": SOURCES})


def train(
    data: Path,
    part: Part,
    *,
    chunks: int,
    seed: int,
    minutes: float = 1e9,
    rate: float = _PEAK_RATE,
    start: Path | None = None,
    keep: Path | None = None,
) -> nn.Sequential:
    """The trained network; with ``start`` it goes on from weights stored before, with ``keep`` it stores them."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    network = build(part).to(memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(torch.load(start, weights_only=True))
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=_DECAY)
    known = Rehearsal.of_size(chunks * _CHUNK)
    groups = _groups(PARTS[part])
    mean = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(1 - 1 / _MEAN_OF), use_buffers=True)
    rng, begun = np.random.default_rng(seed), time.monotonic()
    with multiprocessing.get_context("spawn").Pool(1, _prepare, (data,)) as pool:
        for at, (cells, labels) in enumerate(_in_order(pool, part, chunks, seed)):
            progress = max(at / chunks, (time.monotonic() - begun) / 60 / minutes)
            if progress >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1.0, (at + 1) / 60) * (0.01 + 0.99 * (1 - progress) ** 1.2)
            places = known.add(cells, labels)
            losses = _step(network, optimiser, groups, as_ink(cells), labels)
            known.told(places, losses)
            for _ in range(_AGAIN):
                again = known.chosen(_CHUNK, rng)
                ink = jostled(as_ink(known.cells[again]))
                known.told(again, _step(network, optimiser, groups, ink, known.labels[again]))
            mean.update_parameters(network)
            if at % 50 == 0:
                _log.info("chunk %d, progress %.3f, loss %.4f", at, progress, float(losses.mean()))
                if keep is not None:
                    torch.save(mean.module.state_dict(), keep)
    return mean.module


def _in_order(pool: multiprocessing.pool.Pool, part: Part, chunks: int, seed: int) -> Iterator[Chunk]:
    """Chunks in order, some drawn ahead."""
    waiting = [pool.apply_async(_draw_chunk, (part, seed, at)) for at in range(min(_AHEAD, chunks))]
    for at in range(chunks):
        if at + _AHEAD < chunks:
            waiting.append(pool.apply_async(_draw_chunk, (part, seed, at + _AHEAD)))
        yield waiting.pop(0).get()


def _prepare(data: Path) -> None:
    cv2.setNumThreads(1)
    _hands["train"] = load(data, "train").without_odd()


def _draw_chunk(part: Part, seed: int, at: int) -> Chunk:
    rng = np.random.default_rng([seed, at])
    classes = PARTS[part]
    labels = rng.choice(len(classes), _CHUNK, p=class_weights(part))
    return np.stack([drawn(classes[label], _hands["train"], rng) for label in labels]), labels.astype(np.int64)


def _groups(classes: tuple[str, ...]) -> list[torch.Tensor]:
    """For each of ``_ASKED_AMONG`` that these classes have: characters x the outputs that count for the character."""
    return [
        torch.tensor([[classes.index(character) for character in same] for same in characters])
        for characters in _ASKED_AMONG
        if set("".join(characters)) <= set(classes)
    ]


def _step(
    network: nn.Sequential,
    optimiser: torch.optim.Optimizer,
    groups: list[torch.Tensor],
    ink: torch.Tensor,
    labels: npt.NDArray[np.int64],
) -> torch.Tensor:
    """Learn these cells; gives what each of them cost before."""
    wanted = torch.from_numpy(labels)
    with torch.autocast("cpu", torch.bfloat16):
        scores = network(ink)
    losses = _losses(scores.float(), wanted, groups)
    optimiser.zero_grad(set_to_none=True)
    losses.mean().backward()
    optimiser.step()
    return losses.detach()


def as_ink(cells: npt.NDArray[np.uint8]) -> torch.Tensor:
    """Cells (gray, N x height x width) as the network gets them: N x 1 x height x width, ink 1 and paper 0."""
    return 1 - torch.from_numpy(cells).unsqueeze(1).float() / 255


def _losses(scores: torch.Tensor, wanted: torch.Tensor, groups: list[torch.Tensor]) -> torch.Tensor:
    """Cross entropy among all classes, and again as fields ask: digits among digits, letters whatever their case."""
    losses = nn.functional.cross_entropy(scores, wanted, label_smoothing=0.01, reduction="none")
    for members in groups:
        chosen = torch.isin(wanted, members)
        place = (wanted[chosen][:, None, None] == members).any(dim=2).float().argmax(dim=1)
        among = scores[chosen][:, members].logsumexp(dim=2)
        losses = losses.index_add(
            0, chosen.nonzero()[:, 0], nn.functional.cross_entropy(among, place, reduction="none")
        )
    return losses


if __name__ == "__main__":
    main()

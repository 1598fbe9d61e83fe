"""The mean of the weights that several stretches of training ended with, as a model; needs torch and onnx.

``python -m ocr.handprint.training.averaging model.onnx first.pt second.pt --seeds 13 14``: stretches that begin one
from the other, the rate raised again, end on several sides of one valley, and its middle reads new writers better
(stochastic weight averaging: Izmailov, Podoprikhin, Garipov, Vetrov, Wilson, UAI 2018).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from ocr.handprint.alphabet import PARTS
from ocr.handprint.training.network import build, export
from ocr.handprint.training.train import SOURCES


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="file of the model; the mean weights go beside it as .pt")
    parser.add_argument("weights", nargs="+", type=Path, help="weights (.pt) that runs left")
    parser.add_argument("--seeds", nargs="+", required=True, help="of these runs, kept in the model")
    parser.add_argument("--part", choices=tuple(PARTS), default="all", help="which network")
    options = parser.parse_args()
    network = build(options.part)
    network.load_state_dict(mean([torch.load(path, weights_only=True) for path in options.weights]))
    torch.save(network.state_dict(), options.out.with_suffix(".pt"))
    export(network, options.out, options.part, {"seed": " and ".join(options.seeds), "sources": SOURCES})


def mean(weights: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Of each tensor; counters are those of the first."""
    first = weights[0]
    return {
        name: torch.stack([one[name] for one in weights]).mean(dim=0) if tensor.is_floating_point() else tensor
        for name, tensor in first.items()
    }


if __name__ == "__main__":
    main()

"""Which flows may be run: those named in prefect.yaml, whatever the engine's database says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, Protocol

import yaml

from flows.engine_setup import DEPLOYMENTS

_REMEDY: Final = "Only the deployments of prefect.yaml run; `ebok up` puts them right at its next start."


class RefusedRunError(RuntimeError):
    """The run is of a flow that is none of ours."""


class Deployment(Protocol):
    """What the engine's database says of a deployment, and whoever may change it there."""

    @property
    def entrypoint(self) -> str | None:
        """The flow."""

    @property
    def pull_steps(self) -> Sequence[Any] | None:
        """What is to be done first, shell commands among it."""


@cache
def our_entrypoints() -> frozenset[str]:
    """The flows of our deployments, as modules."""
    return frozenset(one["entrypoint"] for one in yaml.safe_load(DEPLOYMENTS.read_text())["deployments"])


def entrypoint_of(deployment: Deployment | None) -> str:
    """The flow of a deployment if it is one of ours and nothing else is to be done first; RefusedRunError otherwise."""
    if deployment is None:
        raise RefusedRunError(f"The run belongs to no deployment. {_REMEDY}")
    if deployment.entrypoint not in our_entrypoints():
        raise RefusedRunError(f"The flow of this deployment is none of eBOK's. {_REMEDY}")
    if deployment.pull_steps:
        raise RefusedRunError(f"This deployment has steps before its flow. {_REMEDY}")
    return str(deployment.entrypoint)

"""The only command of the work pool: it runs the flow named in the environment, if it is one of ours.

Light to import: processes that read files begin by importing this module anew. Prefect comes in with ``main``.
"""

from __future__ import annotations

import os
import runpy
import warnings
from contextlib import nullcontext
from uuid import UUID

from environment.garbage import loading


def main() -> None:
    """Run the flow run named by ``PREFECT__FLOW_RUN_ID`` in Prefect's engine; a foreign one becomes Failed instead."""
    with loading():
        from prefect import flow_engine  # noqa: PLC0415
        from prefect.client.orchestration import get_client  # noqa: PLC0415
        from prefect.logging.loggers import flow_run_logger  # noqa: PLC0415
        from prefect.states import Failed  # noqa: PLC0415

        from database.upgrading import check  # noqa: PLC0415
        from flows.entrypoints import RefusedRunError, entrypoint_of  # noqa: PLC0415

    check()  # with a key that was exchanged while we run nothing must be written
    wanted = UUID(os.environ["PREFECT__FLOW_RUN_ID"])
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(wanted)
        try:
            entrypoint = entrypoint_of(client.read_deployment(run.deployment_id) if run.deployment_id else None)
        except RefusedRunError as refusal:
            flow_run_logger(run).error("%s", refusal)
            client.set_flow_run_state(run.id, Failed(name="Refused", message=str(refusal)), force=True)
            return
    # The engine loads the flow from here and asks the database no second time, which may have changed meanwhile.
    os.environ["PREFECT__FLOW_ENTRYPOINT"] = entrypoint
    # Nobody suspends a run of ours, and a thread that looks for that several times a second is most of what it costs to
    # wait; there is no setting for it.
    vars(flow_engine)["observe_flow_run_suspension"] = lambda *_run: nullcontext()
    warnings.filterwarnings("ignore", message="'prefect.engine' found in sys.modules", category=RuntimeWarning)
    runpy.run_module("prefect.engine", run_name="__main__")


if __name__ == "__main__":
    main()

"""What a manager sees of each document in the workflow engine, with a real server of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.objects import State as RunState
from prefect.flow_engine import run_flow
from prefect.states import Crashed, Running, Scheduled

from cli.engine_api import EngineApi
from database.engine import transaction
from documents import loading, showing, transitions
from documents.states import State
from flows import mirror, names, steps
from flows.mirror import Mirror
from flows.names import DOCUMENTS
from flows.process_document import DONE_AGAIN, NOTHING_TO_DO, bring_forward, process_document
from tests.flows.samples import fillable, online, received, values
from tests.stored import original_path


@pytest.fixture(autouse=True)
def deployment(office: Path) -> Iterator[None]:
    """The deployment whose runs show documents; gone afterwards with all of them."""

    async def deploy() -> Any:
        async with get_client() as client:
            flow = await client.create_flow(process_document)
            pools = await client.read_work_pools()
            if not pools:
                await client.create_work_pool(WorkPoolCreate(name="ebok", type="process"))
            return await client.create_deployment(flow, DOCUMENTS.partition("/")[2], work_pool_name="ebok")

    async def remove() -> None:
        async with get_client() as client:
            for run in await client.read_flow_runs():
                await client.delete_flow_run(run.id)
            await client.delete_deployment(made)

    made = asyncio.run(deploy())
    yield
    asyncio.run(remove())


def _mirror() -> None:
    """Bring up to date what is shown, once."""

    async def once() -> None:
        await Mirror("a test", logging.getLogger("a test")).end()

    asyncio.run(once())


def _runs() -> dict[str, FlowRun]:
    """All runs by the document that they show; none shows the same as another one."""

    async def read() -> list[FlowRun]:
        async with get_client() as client:
            return await client.read_flow_runs()

    found = [run for run in asyncio.run(read()) if run.idempotency_key is not None]
    by_document = {str(run.idempotency_key): run for run in found}
    assert len(by_document) == len(found)
    return by_document


def _state(run: FlowRun) -> tuple[StateType, str | None]:
    assert run.state is not None
    return run.state.type, run.state.name


def _set_state(run: FlowRun, state: RunState[Any]) -> None:
    async def change() -> None:
        async with get_client() as client:
            await client.set_flow_run_state(run.id, state, force=True)

    asyncio.run(change())


def _run_again(run: FlowRun) -> FlowRun:
    """As the worker does it once somebody has asked for it."""
    _set_state(run, Scheduled())
    asyncio.run(run_flow(process_document, flow_run=run, parameters=run.parameters, return_type="state"))

    async def read() -> FlowRun:
        async with get_client() as client:
            return await client.read_flow_run(run.id)

    return asyncio.run(read())


def _done(*trackings: str) -> None:
    for tracking in trackings:
        asyncio.run(bring_forward(tracking, "a test"))
        asyncio.run(steps.deliver(tracking, "a test"))


def _move(tracking: str, state: State, reason_code: str | None = None) -> None:
    with transaction() as session:
        transitions.move(session, loading.load(session, tracking), state, actor="clerk:ewa", reason_code=reason_code)


def _in_review() -> str:
    """One that the register cannot carry out."""
    tracking = online("einvoice_withdrawal", email_current=None)
    _done(tracking)
    return tracking


def _unusable(folder: Path) -> str:
    path = folder / "not.pdf"
    path.write_text("this is no document")
    tracking = received(path)
    _done(tracking)
    return tracking


def test_each_document_is_one_run_named_by_its_number_in_a_state_that_a_manager_understands(tmp_path: Path) -> None:
    confirmed, waits, quarantined = online("ebok_signup"), _in_review(), _unusable(tmp_path)
    _done(confirmed)
    _mirror()
    _mirror()
    runs = _runs()
    assert {tracking: _state(run) for tracking, run in runs.items()} == {
        confirmed: (StateType.COMPLETED, "Załatwiona"),
        waits: (StateType.PAUSED, "Czeka na pracownika"),
        quarantined: (StateType.FAILED, "Kwarantanna: nieznany rodzaj pliku"),
    }
    assert runs[confirmed].name == f"{confirmed} · zgłoszenie do eBOK"
    assert set(runs[waits].tags) == {
        "wycofanie akceptacji faktur elektronicznych",
        "inny system",
        "Czeka na pracownika",
    }
    assert all(run.parameters == {"tracking": tracking} for tracking, run in runs.items())
    assert runs[quarantined].state is not None
    assert "To nie jest plik PDF" in str(runs[quarantined].state.message)


def test_the_fields_of_what_waits_for_a_human_lie_beside_its_run_masked() -> None:
    tracking = _in_review()
    _mirror()

    async def lying() -> Any:
        async with get_client() as client:
            wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[tracking.lower()]))
            return await client.read_artifacts(artifact_filter=wanted)

    (table,) = asyncio.run(lying())
    assert table.flow_run_id == _runs()[tracking].id
    told = str(table.data) + table.description
    assert "Numer klienta" in told
    given = values("einvoice_withdrawal")
    for name in ("name", "email_current", "customer_no", "street"):
        assert not given.get(name) or str(given[name]) not in told
    assert given["customer_no"]


def test_what_a_clerk_decides_is_shown_by_the_same_run() -> None:
    tracking = _in_review()
    _mirror()
    before = _runs()[tracking]
    _move(tracking, State.REJECTED, "incomplete")
    _mirror()
    after = _runs()[tracking]
    assert (after.id, _state(after)) == (before.id, (StateType.CANCELLED, "Odrzucona"))
    assert "Odrzucona" in after.tags
    assert "Czeka na pracownika" not in after.tags
    assert after.state is not None
    assert "Brakuje danych" in str(after.state.message)


def test_what_somebody_changes_in_the_engine_is_put_right() -> None:
    settled, waits = online("ebok_signup"), _in_review()
    _done(settled)
    _mirror()
    runs = _runs()
    _set_state(runs[settled], Crashed())
    _set_state(runs[waits], RunState(type=StateType.COMPLETED, name="Completed"))
    _mirror()
    assert {tracking: _state(run)[1] for tracking, run in _runs().items()} == {
        settled: "Załatwiona",
        waits: "Czeka na pracownika",
    }


def test_a_run_that_somebody_took_away_comes_again_when_its_document_changes() -> None:
    tracking = _in_review()
    _mirror()

    async def remove() -> None:
        async with get_client() as client:
            await client.delete_flow_run(_run.id)

    _run = _runs()[tracking]
    asyncio.run(remove())
    _move(tracking, State.REJECTED)
    _mirror()
    _mirror()
    assert _state(_runs()[tracking])[1] == "Odrzucona"


def test_a_run_made_just_before_a_crash_is_found_and_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    tracking = _in_review()

    def killed(shown: Any, steps: Any) -> None:
        raise SystemError("the program ends here")

    with monkeypatch.context() as patch:
        patch.setattr(mirror, "_note", killed)
        _mirror()
    assert _state(_runs()[tracking])[1] == "Czeka na pracownika"
    _move(tracking, State.REJECTED)
    _mirror()
    assert _state(_runs()[tracking])[1] == "Odrzucona"


def test_an_engine_that_does_not_answer_is_one_line_and_documents_are_shown_afterwards(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tracking, asked = _in_review(), list[None]()

    async def refuses(*_: Any) -> Any:
        asked.append(None)
        raise ConnectionError

    async def three_looks() -> None:
        shows = Mirror("a test", logging.getLogger("a test"))
        while len(asked) < 3:
            await asyncio.sleep(0)
        await shows.end()

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(mirror, "_PAUSE", 0.0)
        patch.setattr(mirror.shown_runs, "make", refuses)
        asyncio.run(three_looks())
    assert [record.getMessage() for record in caplog.records] == [
        "What is shown of documents is not brought up to date: ConnectionError"
    ]
    _mirror()
    assert list(_runs()) == [tracking]


def test_a_document_done_again_by_its_own_run_ends_as_it_stands(tmp_path: Path) -> None:
    tracking = received(fillable(tmp_path / "a.pdf", "einvoice_acceptance"))
    original = original_path(_sha256(tracking))
    aside = original.rename(tmp_path / "aside")
    with transaction() as session:
        loading.load(session, tracking).attempts = 99
    _mirror()
    assert _state(_runs()[tracking]) == (StateType.FAILED, "Utknęła")
    aside.rename(original)
    ended = _run_again(_runs()[tracking])
    assert _state(ended) == (StateType.COMPLETED, "Załatwiona")
    _mirror()
    assert _runs()[tracking].name == f"{tracking} · akceptacja faktur elektronicznych"


def _sha256(tracking: str) -> str:
    with transaction() as session:
        return loading.load(session, tracking).original_sha256 or ""


def test_a_repetition_that_can_do_nothing_says_so_and_is_not_green(tmp_path: Path) -> None:
    waits, quarantined = _in_review(), _unusable(tmp_path)
    _mirror()
    ended = _run_again(_runs()[quarantined])
    assert _state(ended) == (StateType.FAILED, "Kwarantanna: nieznany rodzaj pliku")
    assert ended.state is not None
    assert str(ended.state.message).startswith("Powtórzenie niczego nie zmieniło.")
    assert _state(_run_again(_runs()[waits])) == (StateType.CANCELLED, NOTHING_TO_DO)
    _mirror()
    assert _state(_runs()[waits]) == (StateType.PAUSED, "Czeka na pracownika")


def test_while_a_document_is_done_again_nobody_changes_what_its_run_shows() -> None:
    tracking = _in_review()
    _mirror()
    _set_state(_runs()[tracking], RunState(type=StateType.RUNNING, name="Running"))
    _move(tracking, State.REJECTED)
    _mirror()
    assert _state(_runs()[tracking]) == (StateType.RUNNING, "Running")


def test_another_run_of_a_document_is_told_from_the_one_that_shows_it_and_goes_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracking = online("ebok_signup")
    _mirror()

    async def again() -> FlowRun:
        async with get_client() as client:
            deployment = await client.read_deployment_by_name(DOCUMENTS)
            return await client.create_flow_run_from_deployment(deployment.id, parameters={"tracking": tracking})

    ended = _run_again(asyncio.run(again()))
    assert (ended.name, _state(ended)) == (f"{tracking} · jeszcze raz", (StateType.COMPLETED, DONE_AGAIN))
    _mirror()
    assert _state(_runs()[tracking]) == (StateType.COMPLETED, "Załatwiona")
    monkeypatch.setattr(mirror.shown_runs, "_KEPT", mirror.shown_runs._KEPT * 0)
    _mirror()

    async def names() -> list[str]:
        async with get_client() as client:
            return [run.name for run in await client.read_flow_runs()]

    assert asyncio.run(names()) == [f"{tracking} · zgłoszenie do eBOK"]


def test_flows_of_our_pool_that_an_older_version_called_otherwise_go_with_their_runs(engine: str) -> None:
    tracking = _in_review()
    _mirror()

    async def older() -> None:
        async with get_client() as client:
            old = await client.create_flow_from_name("process-document")
            made = await client.create_deployment(old, "one-document", work_pool_name="ebok")
            await client.create_flow_run_from_deployment(made, name="one of before")
            await client.create_flow_from_name("of nobody's pool")

    async def names_of(kind: str) -> set[str]:
        async with get_client() as client:
            found = await (client.read_flow_runs() if kind == "runs" else client.read_flows())
            return {one.name for one in found}

    asyncio.run(older())
    EngineApi(engine).forget_flows_but(names.FLOWS)
    assert {"process-document"} & asyncio.run(names_of("flows")) == set()
    assert {names.DOCUMENT, "of nobody's pool"} <= asyncio.run(names_of("flows"))
    assert asyncio.run(names_of("runs")) == {_runs()[tracking].name}


def test_a_start_calls_what_was_broken_off_by_its_name_and_no_document_that_waits_for_the_program(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "_PASSING", timedelta())
    tracking = online("ebok_signup")
    _mirror()

    async def run_that_was_killed() -> Any:
        async with get_client() as client:
            return (
                await client.create_flow_run(process_document, parameters={"tracking": tracking}, state=Running())
            ).id

    async def state_of(run: Any) -> RunState[Any] | None:
        async with get_client() as client:
            return (await client.read_flow_run(run)).state

    killed = asyncio.run(run_that_was_killed())
    EngineApi(engine).close_runs_but(())
    assert _state(_runs()[tracking]) == (StateType.PENDING, "Czeka na odczytanie")
    state = asyncio.run(state_of(killed))
    assert state is not None and (state.type, state.name) == (StateType.CRASHED, "Przerwany")


def test_changes_of_state_are_told_once_as_events_of_their_document(monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[dict[str, Any]]()
    request = PrefectClient.request

    async def remembered(client: PrefectClient, method: Any, path: Any, **asked: Any) -> Any:
        if path == "/events":
            told.extend(asked["json"])
        return await request(client, method, path, **asked)

    monkeypatch.setattr(PrefectClient, "request", remembered)
    tracking = _in_review()
    _mirror()
    _mirror()
    _move(tracking, State.REJECTED, "incomplete")
    _mirror()
    assert [one["event"] for one in told] == [
        "ebok.sprawa.czeka-na-pracownika",
        "ebok.sprawa.odrzucona",
    ]
    assert {one["resource"]["prefect.resource.name"] for one in told} == {tracking}
    (run,) = {one["related"][0]["prefect.resource.id"] for one in told}
    assert run == f"prefect.flow-run.{_runs()[tracking].id}"
    first, last = (one["payload"] for one in told)
    assert [step.partition(": ")[2] for step in first["kroki"]] == [
        "Czeka na odczytanie (program)",
        "Czeka na wpisanie (program)",
        "Czeka na pracownika (program)",
    ]
    assert [step.partition(": ")[2] for step in last.pop("kroki")] == ["Odrzucona (pracownik)"]
    assert last == {"stan": "Odrzucona", "przedtem": "Czeka na pracownika", "powod": "Brakuje danych"}
    assert "ewa" not in str(told)

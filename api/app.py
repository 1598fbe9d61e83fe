"""The web application, assembled."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from api import (
    cases,
    downloads,
    health,
    inbound_sms,
    links,
    meter_readings,
    metrics,
    openapi,
    passwords,
    problems,
    progress,
    proofs,
    sending,
    sms_reports,
    submissions,
    theme,
    unsubscribing,
    uploads,
)
from api.account.routing import ROUTERS as ACCOUNT_AS_JSON
from api.bodies import BodyLimit
from api.desk import access as desk_access
from api.desk import (
    crew,
    customer_accounts,
    documents,
    engine_pages,
    mailroom,
    outages,
    overview,
    own_account,
    pages,
    pictures,
    provider,
    questions,
    queue,
    readings,
    rejection,
    report,
    search,
    second_look,
    sign_in,
    staff_accounts,
    story,
    tolerance,
    troubles,
    visits,
)
from api.door import Door
from api.metrics import RequestMeter, new_registry
from api.online import choice, web_forms
from api.portal import frame as portal_frame
from api.portal.routing import ROUTERS as ACCOUNT
from api.security import CrossSiteGuard, FaultShield, HeadAsGet, HostGuard, SecurityHeaders, hide_secret_paths
from api.static_files import CachedFiles
from customers.effects import all_effects
from environment.settings import get_settings
from integrity.readiness import PartsWatch

FILE_OPENERS: Final = 2
"""Files opened at once: each page of a hostile file costs memory."""


def create_app() -> FastAPI:
    """The ASGI application; a factory for the server: ``uvicorn --factory api.app:create_app``."""
    settings = get_settings()
    all_effects()  # what does not suit is told here, and not by the first document that needs it
    app = FastAPI(
        title=f"eBOK {settings.company_short}",
        version=version("ebok"),
        summary="Przyjmowanie formularzy i dokumentów od odbiorców",
        description=openapi.INTRODUCTION,
        contact={"name": settings.company_name, "email": settings.company_email},
        docs_url=None,  # these pages load scripts from other hosts; ours is in openapi.py
        redoc_url=None,
    )
    app.state.door = Door(FILE_OPENERS)
    app.state.parts = PartsWatch()
    app.state.metrics, seconds = new_registry(app.state.parts)
    problems.install(app)
    desk_access.install(app)
    portal_frame.install(app)
    app.include_router(submissions.build())
    for router in (
        downloads.router,
        links.router,
        passwords.router,
    ):  # before the page of a case, which takes all below its address
        app.include_router(router)
    for router in (uploads.router, progress.router, proofs.router, sending.router, cases.router, health.router):
        app.include_router(router)
    for router in (
        sign_in.router,
        provider.router,
        own_account.router,
        staff_accounts.router,
        search.router,
        story.router,
    ):
        app.include_router(router)
    app.include_router(second_look.router)
    app.include_router(tolerance.router)
    app.include_router(outages.router)
    app.include_router(pictures.router)
    app.include_router(pages.router)
    app.include_router(troubles.router)
    app.include_router(customer_accounts.router)
    app.include_router(readings.router)
    app.include_router(questions.router)
    for router in (overview.router, engine_pages.router, mailroom.router, report.router, visits.router, crew.router):
        app.include_router(router)
    for router in (queue.router, documents.router, rejection.router):
        app.include_router(router)
    for router in (*ACCOUNT, *ACCOUNT_AS_JSON):
        app.include_router(router)
    for router in (meter_readings.router, inbound_sms.router):
        app.include_router(router)
    for router in (choice.router, web_forms.router):
        app.include_router(router)
    for router in (unsubscribing.router, sms_reports.router):
        app.include_router(router)
    app.include_router(metrics.router)
    app.include_router(theme.router)
    app.mount("/static", CachedFiles(), name="static")
    openapi.install(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit)
    app.add_middleware(CrossSiteGuard)
    app.add_middleware(HostGuard)
    app.add_middleware(FaultShield)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMeter, seconds=seconds)
    hide_secret_paths()
    return app

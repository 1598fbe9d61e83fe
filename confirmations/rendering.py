"""From a template and its context to the content of a message, the same for e-mail, SMS and letter.

A message is one Jinja2 template, in ``templates/messages`` or with the effect that sends it (``customers.effects``). It
names its title and its blocks in order (``message.paragraph``, ``steps``, ``facts``, ``button``); how a block looks is
the layout's matter: ``layout.html``, ``layout.txt`` or the printed letter.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, FunctionLoader, StrictUndefined, select_autoescape

from confirmations.polish import long_date, short_date
from confirmations.tables import Medium
from customers.effects import all_messages
from documents.originals import chunks_of
from environment.settings import Settings, get_settings
from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.line_breaks import unbroken

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LINE: Final = 72
BLANK, PICTURE = "blank", "picture"
"""What a context attaches."""
UNSUBSCRIBE: Final = "unsubscribe"
"""In a context: where its reader switches such messages off."""
ASKED_THERE: Final = "Strona zapyta o adres e-mail albo kod pocztowy z formularza."
"""What a customer should have at hand for the page of his case."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a message: ``kind`` is paragraph, heading, steps, facts or button.

    ``rows`` are the items of steps (one text each), the label and value of facts, or the label and URL of a button.
    """

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF that goes with the message."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, before it takes the look of its medium; ``tracking`` is '' where it belongs to no case."""

    tracking: str
    title: str
    blocks: tuple[Block, ...]
    attachments: tuple[Attachment, ...] = ()
    unsubscribe: str | None = None
    """Address at which its reader switches such messages off, without signing in."""

    @property
    def subject(self) -> str:
        """The title with the case, so that answers can be filed."""
        return f"{self.title} (sprawa {self.tracking})" if self.tracking else self.title

    @property
    def plain(self) -> str:
        """The text as one line, for an SMS."""
        return " ".join(block.text for block in self.blocks if block.text)


@dataclass
class _Writer:
    """Collects what a template says; its methods print nothing."""

    headline: str = ""
    blocks: list[Block] = field(default_factory=list)

    def title(self, text: str) -> str:
        self.headline = _squeeze(text)
        return ""

    def paragraph(self, caller: Callable[[], str]) -> str:
        return self._add(Block("paragraph", _squeeze(caller())))

    def heading(self, text: str) -> str:
        return self._add(Block("heading", _squeeze(text)))

    def steps(self, *items: str) -> str:
        return self._add(Block("steps", rows=tuple((_squeeze(item),) for item in items)))

    def facts(self, *rows: tuple[str, str | None]) -> str:
        known = tuple((_squeeze(label), _squeeze(value)) for label, value in rows if value)
        return self._add(Block("facts", rows=known)) if known else ""

    def button(self, label: str, url: str) -> str:
        return self._add(Block("button", rows=((_squeeze(label), url),)))

    def _add(self, block: Block) -> str:
        self.blocks.append(block)
        return ""


def render(template: str, context: Mapping[str, Any], medium: Medium) -> Content:
    """The content of a message; jinja2.UndefinedError when the context lacks what the template names.

    ``context`` holds JSON values: ``tracking``, and by template ``link``, ``valid_until`` and others. ``blank`` (code
    and version of a form) attaches that form, empty; ``picture`` (name and sha256) a PDF of the store: OriginalError
    or OSError where that cannot be read.
    """
    settings, writer = get_settings(), _Writer()
    _environment().get_template(f"messages/{template}.j2").render(
        context, message=writer, company=settings, phones=phones(settings), medium=medium.value
    )
    said = tuple(writer.blocks)
    return Content(str(context["tracking"]), writer.headline, said, _attachments(context), context.get(UNSUBSCRIBE))


def as_html(content: Content) -> str:
    """The message as one accessible column of HTML with inline styles."""
    return _layout("layout.html", content)


def as_text(content: Content) -> str:
    """The message as plain text in lines of at most 72 characters; addresses of pages are never broken."""
    return _layout("layout.txt", content).strip() + "\n"


def phones(settings: Settings) -> str:
    """The telephone numbers of the office as part of a sentence."""
    return " lub ".join(number.replace(" ", "\N{NO-BREAK SPACE}") for number in settings.company_phones)


def tracking_url(tracking: str) -> str:
    """The page that shows the state of a case."""
    return f"{get_settings().public_url.rstrip('/')}/sprawa/{tracking}"


def _layout(name: str, content: Content) -> str:
    settings = get_settings()
    return (
        _environment()
        .get_template(name)
        .render(
            content=content,
            company=settings,
            phones=phones(settings),
            tracking_url=tracking_url(content.tracking),
            asked_there=ASKED_THERE,
        )
    )


def _attachments(context: Mapping[str, Any]) -> tuple[Attachment, ...]:
    if (picture := context.get(PICTURE)) is not None:
        return (Attachment(picture["name"], b"".join(chunks_of(picture["sha256"]))),)
    if (wanted := context.get(BLANK)) is None:
        return ()
    form = form_by_code(wanted["code"], wanted["version"])
    return (Attachment(f"{form.code}.pdf", draw_blank(form)),)


@cache
def _environment() -> Environment:
    """Templates of messages are plain text; what they say is escaped where the HTML layout shows it."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(_TEMPLATES), FunctionLoader(_of_effect)]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(long_date=long_date, short_date=short_date, wrapped=_wrapped, unbroken=unbroken)
    return environment


def _of_effect(name: str) -> str | None:
    """The template of a message that belongs to an effect."""
    found = all_messages().get(name.removeprefix("messages/").removesuffix(".j2"))
    return None if found is None else found.text


def _squeeze(text: str) -> str:
    """One line with single spaces; no-break spaces stay."""
    return re.sub(r"[ \t\n]+", " ", text).strip(" \t\n")


def _wrapped(text: str, first: str = "", later: str | None = None) -> str:
    return textwrap.fill(
        text,
        _LINE,
        initial_indent=first,
        subsequent_indent=first if later is None else later,
        break_long_words=False,
        break_on_hyphens=False,
    )

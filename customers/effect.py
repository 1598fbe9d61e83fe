"""What an effect is: all there is to know of what an accepted form does to the register, in one class.

Each module of ``customers.effects`` holds one. A class that leaves a member out is refused at import, so that nothing
of an effect can be forgotten in silence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from sqlalchemy.orm import Session

from customers.outcome import Case, Fact, Outcome, Undoing, Undone
from customers.tables import Change, Consent, Proof
from forms.form import Form
from forms.kinds import Value
from forms.stated import Stated
from forms.submission import Submission

LONGEST_MESSAGE_NAME: Final = 40
"""Characters that the outbox has for the name of a message."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a form cannot be carried out as it is; ``code`` is that of the outcome 'needs_human'.

    ``short`` stands in lists of the desk, ``label`` among the reasons to reject, ``answer`` tells the customer what is
    so. ``overrulable``: a clerk may have the form carried out in spite of it.
    """

    code: str
    short: str
    label: str
    answer: str
    overrulable: bool = False


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One message to a customer: ``text`` is a template as ``confirmations.rendering`` describes it.

    ``label`` says what kind of message it is, in a few words for staff.
    """

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is to be sent: to the address ``to``, or wherever the customer is reached (None).

    ``named``: the customer's number may be said to a proven address. ``said`` is what its template asks for.
    """

    message: MessageTemplate
    to: str | None = field(default=None, repr=False)
    named: bool = True
    said: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What the page of a link says: before it is used, just after, and ever after."""

    question: str
    button: str
    done: str
    consequence: str
    holds: str
    over: str


@dataclass(frozen=True, slots=True)
class Proving:
    """The link by which an effect waits for the proof of an e-mail address (the fact 'email' of its outcome).

    ``purpose`` stands in the table of links, ``matter`` tells staff what is waited for, ``until_used`` tells the
    customer what holds until then. ``link`` carries the link, ``proven`` says that it was used. ``password``: its page
    asks for the password of the account too. ``address`` is the field in which the address stands; ``readdress`` puts
    another in its place before it is proven, and says False where that cannot be. ``replaces_all``: links for other
    purposes of the same consent die with its use. ``activate`` brings about what the proof is for, and takes what is
    kept of that password; ``in_force`` tells whether this still holds.
    """

    purpose: str
    matter: str
    until_used: str
    link: MessageTemplate
    proven: MessageTemplate
    page: LinkPage
    password: bool
    address: str
    readdress: Callable[[Session, Proof, str], bool]
    replaces_all: bool
    activate: Callable[[Session, Proof, str | None], None]
    in_force: Callable[[Session, Proof], bool]


@dataclass(frozen=True, slots=True)
class Consenting:
    """The consent that an effect begins.

    ``subject`` stands in the table of consents, ``label`` is what its owner calls it. ``lasting``: in force, it goes on
    when its owner has all else erased. ``forget`` erases what waited for it when it never came into force.
    """

    subject: str
    label: str
    lasting: bool
    forget: Callable[[Session, Consent], None]


@dataclass(frozen=True, slots=True)
class AgreedDay:
    """How the desk asks for a first day that a clerk agreed with the customer, for an effect that has one."""

    label: str
    hint: str


class Effect(Stated, ABC):
    """Base of all effects. A form names its effect by ``name``, which is also the name of the module."""

    name: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    """Fields that a form with this effect must have, beside that of the customer number."""
    in_order: ClassVar[bool]
    """Whether forms of the same subject must be carried out in the order in which they were received and signed."""
    agreed_day: ClassVar[AgreedDay | None]
    consent: ClassVar[Consenting | None]
    proving: ClassVar[Proving | None]
    messages: ClassVar[tuple[MessageTemplate, ...]]
    """Messages beside those of ``proving``."""
    answers_to_given: ClassVar[bool]
    """Whether the address that the form speaks of is told when there was nothing to do; else the known address is."""
    reasons: ClassVar[tuple[Reason, ...]]
    """Why ``settled`` may leave a form to a human."""
    amendable: ClassVar[frozenset[str]]
    """Fields whose misreading is put right in place."""

    @abstractmethod
    def subject(self, form: Form) -> str:
        """What forms can change one after the other: forms of one subject and customer are one matter."""

    @abstractmethod
    def rests_on(self, submission: Submission) -> frozenset[str]:
        """Fields that must be read beyond doubt, beside customer number, day of signature and signature."""

    @abstractmethod
    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """Fields whose misreading makes the effect a wrong one, which is undone and carried out anew."""

    @abstractmethod
    def settled(self, case: Case) -> Outcome | None:
        """What needs no change, since it is so already or only a human can decide; None when there is work to do."""

    @abstractmethod
    def foreseen(self, case: Case) -> Outcome:
        """What carrying it out comes to; only looks, so that a clerk who looks keeps nobody waiting.

        The outcome's facts hold what the messages need, and what ``undo`` needs.
        """

    @abstractmethod
    def carry_out(self, case: Case) -> Outcome:
        """Change the register and give what was foreseen, unless somebody else was quicker.

        What a customer is found by follows his columns by itself.
        """

    @abstractmethod
    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """Who is told what once it is carried out, beside the link of ``proving``."""

    @abstractmethod
    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """Put right the details of an effect that stands, beside the day of signature; whether any was wrong."""

    @abstractmethod
    def undo(self, undoing: Undoing) -> Undone:
        """Take the change back, as far as nothing later rests on it."""

    @property
    def all_messages(self) -> tuple[MessageTemplate, ...]:
        """All messages of the effect."""
        return self.messages if self.proving is None else (self.proving.link, self.proving.proven, *self.messages)

"""The effects of this installation: every module here gives one ``EFFECT``, of a class of its own.

Adding an effect is adding a file, here or in the folder ``effects`` of the setting ``EBOK_FORMS_DIR``; forms name it by
the name of its module.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy.orm import InstrumentedAttribute

from customers.effect import LONGEST_MESSAGE_NAME, Consenting, Effect, MessageTemplate, Proving, Reason
from customers.tables import Change, Consent
from customers.tables import Proof as ProofRow
from documents.tables import Document
from forms.catalogue import all_forms
from forms.form import Form
from forms.further import UnfitError, folders_of, modules_in

_HERE = list(__path__)
_FOLDER = "effects"
_T = TypeVar("_T")


class UnknownEffectError(LookupError):
    """A form, a link or a consent names an effect that is not installed."""


@cache
def all_effects() -> Mapping[str, Effect]:
    """Every effect by its name.

    UnfitError when a module gives no effect or leaves out a member of it, two effects share what must be their own, or
    a form of the catalogue names an effect that there is not or lacks a field that its effect needs.
    """
    __path__[:] = [*_HERE, *folders_of(_FOLDER)]
    effects = {name: _effect_in(name, module) for name, module in modules_in(__name__, __path__).items()}
    _refuse_twins(effects)
    for form in all_forms():
        _refuse_unfit(form, effects)
    return effects


def effect_of(form: Form) -> Effect:
    """The effect of a form; UnknownEffectError when it is not installed."""
    return effect_named(form.effect)


def effect_named(name: str) -> Effect:
    """The effect of that name; UnknownEffectError when it is not installed."""
    return _found(all_effects().get(name), "effect", name)


def proving_for(purpose: str) -> Proving:
    """What there is to know of links for that purpose; UnknownEffectError when their effect is not installed."""
    ways = (each.proving for each in all_effects().values())
    return _found(next((way for way in ways if way and way.purpose == purpose), None), "purpose of a link", purpose)


def consenting_to(subject: str) -> Consenting:
    """What there is to know of consents to that subject; UnknownEffectError when their effect is not installed."""
    begun = (each.consent for each in all_effects().values())
    return _found(next((one for one in begun if one and one.subject == subject), None), "consent to", subject)


def all_messages() -> Mapping[str, MessageTemplate]:
    """The messages of all effects by their names."""
    return {message.name: message for each in all_effects().values() for message in each.all_messages}


def all_reasons() -> Mapping[str, Reason]:
    """By its code every reason for which an effect leaves a form to a human."""
    return {reason.code: reason for each in all_effects().values() for reason in each.reasons}


def _found(one: _T | None, what: str, name: str) -> _T:
    if one is None:
        raise UnknownEffectError(f"{what} {name!r}: no effect for it is among {', '.join(all_effects())}")
    return one


def _effect_in(name: str, module: ModuleType) -> Effect:
    effect = getattr(module, "EFFECT", None)
    if not isinstance(effect, Effect):
        raise UnfitError(f"effect {name}: its module gives no EFFECT, which is an object of a class of effects")
    if effect.name != name:
        raise UnfitError(f"effect {name}: it calls itself {effect.name!r}, which must be the name of its module")
    return effect


def _refuse_twins(effects: Mapping[str, Effect]) -> None:
    """Purposes, consents, messages and reasons are found by their names: each belongs to one effect.

    A reason may belong to several, as long as it says the same of each.
    """
    told: dict[tuple[str, str], object] = {}
    for effect in effects.values():
        own: list[tuple[str, str, object]] = [("message", each.name, object()) for each in effect.all_messages]
        own += [("reason", each.code, each) for each in effect.reasons]
        if effect.proving is not None:
            own.append(("purpose of a link", effect.proving.purpose, object()))
        if effect.consent is not None:
            own.append(("consent to", effect.consent.subject, object()))
        for what, name, one in own:
            if told.setdefault((what, name), one) != one:
                raise UnfitError(f"effect {effect.name}: its {what} {name!r} is another effect's already")
        _refuse_long(effect)


def _refuse_long(effect: Effect) -> None:
    """Tables have columns of a set width for the names of an effect; SQLite would not tell, PostgreSQL too late."""
    names = [(effect.name, _width(Change.effect))]
    if effect.proving is not None:
        names.append((effect.proving.purpose, _width(ProofRow.purpose)))
    if effect.consent is not None:
        names.append((effect.consent.subject, _width(Consent.subject)))
    names += [(message.name, LONGEST_MESSAGE_NAME) for message in effect.all_messages]
    names += [(reason.code, min(_width(Change.code), _width(Document.reason_code))) for reason in effect.reasons]
    for name, most in names:
        if len(name) > most:
            raise UnfitError(f"effect {effect.name}: the name {name!r} is longer than {most} characters")


def _width(column: InstrumentedAttribute[Any]) -> int:
    """How many characters a column takes."""
    return int(column.type.length)


def _refuse_unfit(form: Form, effects: Mapping[str, Effect]) -> None:
    effect = effects.get(form.effect)
    if effect is None:
        raise UnfitError(f"form {form.code}: there is no effect {form.effect!r} among {', '.join(effects)}")
    if lacking := [name for name in ("customer_no", *effect.fields) if name not in form]:
        raise UnfitError(f"form {form.code}: its effect {effect.name} needs the fields {', '.join(lacking)}")
    if len(subject := effect.subject(form)) > (most := _width(Change.subject)):
        raise UnfitError(f"form {form.code}: its matter {subject!r} is longer than {most} characters")
    spoken_of = () if form.asking is None else (*form.asking.contradicts, *form.asking.includes)
    if unknown := [name for name in spoken_of if name not in effects]:
        raise UnfitError(f"form {form.code}: letters that ask for it speak of effects that there are not: {unknown}")

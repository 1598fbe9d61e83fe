"""Classes that must state everything: a subclass that leaves a member out is refused at import."""

from __future__ import annotations

from typing import ClassVar


class Stated:
    """Base of such a base class.

    What the base class only annotates, or leaves abstract, every class below it must state, itself or by one between
    them; what is named in ``stated_anew`` each class states for itself. A member left out would otherwise be noticed
    when a document comes that needs it.
    """

    stated_anew: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Refuse a class that leaves out a member, and say which."""
        super().__init_subclass__()
        above = [each for each in cls.__mro__ if issubclass(each, Stated) and each is not Stated]
        base = above.pop()
        if base is cls:
            return
        missing = [
            name
            for name in _members(base)
            if not any(name in vars(each) for each in ((cls,) if name in base.stated_anew else above))
        ]
        if missing:
            raise TypeError(
                f"{cls.__module__}.{cls.__qualname__} leaves out {', '.join(missing)}: every {base.__name__} states "
                f"it, and {base.__module__} says what it means"
            )


def _members(base: type) -> list[str]:
    """Names that the base annotates without a value, and those of its abstract methods, in the order of writing."""
    annotated = [
        name
        for name, kind in base.__annotations__.items()
        if str(kind).startswith("ClassVar") and name not in vars(base)
    ]
    abstract = [name for name, one in vars(base).items() if getattr(one, "__isabstractmethod__", False)]
    return annotated + abstract

from __future__ import annotations

import pytest

from documents.tracking import ALPHABET, TrackingError, new_tracking, normalise_tracking


def test_a_new_tracking_number_is_two_groups_of_four() -> None:
    tracking = new_tracking()
    assert len(tracking) == 9
    assert tracking[4] == "-"
    assert normalise_tracking(tracking) == tracking


@pytest.mark.parametrize(
    "typed",
    ["K7M4-PX9A", "k7m4-px9a", "K7M4PX9A", " k7m4 px9a\n", "K7M4–PX9A", "K 7 M 4 . P X 9 A", "K7N4-PX9A", "K7M4_PX9Ą"],
)
def test_what_people_type_is_understood(typed: str) -> None:
    assert normalise_tracking(typed) == "K7M4-PX9A"


def test_signs_that_look_like_one_of_ours_are_taken_for_it() -> None:
    tracking = next(t for t in iter(new_tracking, "") if set("5286") & set(t))
    mistyped = tracking.translate(str.maketrans({"5": "S", "2": "z", "8": "B", "6": "g"}))
    assert normalise_tracking(mistyped) == tracking


def test_every_single_wrong_sign_is_noticed() -> None:
    signs = new_tracking().replace("-", "")
    for at, right in enumerate(signs):
        for wrong in set(ALPHABET) - {right}:
            with pytest.raises(TrackingError, match="znak kontrolny"):
                normalise_tracking(signs[:at] + wrong + signs[at + 1 :])


@pytest.mark.parametrize("text", ["", "K7M4", "K7M4-PX9A-2", "x" * 100_000])
def test_a_number_of_wrong_length_is_explained_in_polish(text: str) -> None:
    with pytest.raises(TrackingError, match="ma 8 znaków"):
        normalise_tracking(text)


def test_a_sign_that_never_occurs_is_named() -> None:
    with pytest.raises(TrackingError, match="nie ma znaku O"):
        normalise_tracking("K7M4-PXOA")

"""The protocol with a provider of identities that runs, true and lying; nobody is identified by a lie."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from access.openid import (
    Begun,
    CancelledError,
    Client,
    ProviderError,
    UnreachableError,
    UntrustedError,
    answers,
    begin,
    finish,
    is_safe,
    sign_out_address,
)
from tests.identity_provider import CLIENT_ID, OTHER, SECRET, Provider, providing

BACK = "https://biuro.example/biuro/logowanie/dostawca/powrot"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as running:
        yield running


@pytest.fixture
def client(provider: Provider) -> Client:
    return Client(provider.issuer, CLIENT_ID, BACK, secret=SECRET)


def visit(begun: Begun) -> dict[str, str]:
    """What the browser brings back from the provider."""
    answer = httpx.get(begun.address)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_whoever_signs_in_is_known_by_issuer_and_subject(provider: Provider, client: Client, algorithm: str) -> None:
    provider.algorithm = algorithm
    begun = begin(client)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(begun.address).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == BACK
    assert asked["scope"] == "openid"
    assert (asked["state"], asked["nonce"]) == (begun.state, begun.nonce)
    assert begun.verifier not in begun.address
    identity = finish(client, begun, visit(begun))
    assert (identity.issuer, identity.subject) == (provider.issuer, "osoba-1")


def test_no_two_sign_ins_share_a_secret(client: Client) -> None:
    one, other = begin(client), begin(client)
    assert {one.state, one.nonce, one.verifier}.isdisjoint({other.state, other.nonce, other.verifier})
    assert one.state not in repr(one)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ("nonce", "nonce"),
        ("no_nonce", "nonce"),
        ("aud", "aud"),
        ("aud_of_others", "aud"),
        ("aud_without_azp", "azp"),
        ("azp", "azp"),
        ("no_aud", "aud"),
        ("expired", "exp"),
        ("future", "iat"),
        ("no_exp", "exp"),
        ("exp_text", "exp"),
        ("iss", "iss"),
        ("iss_list", "iss"),
        ("at_hash", "at_hash"),
        ("no_sub", "sub"),
        ("sub_list", "sub"),
        ("sub_empty", "sub"),
        ("other_key", "bad_signature"),
        ("unknown_kid", "invalid_key_id"),
        ("changed", "bad_signature"),
        ("none", "unsupported_algorithm"),
        ("none_with_kid", "unsupported_algorithm"),
        ("hs256", "unsupported_algorithm"),
        ("hs256_of_jwks", "unsupported_algorithm"),
        ("rubbish", "decode_error"),
        ("no_id_token", "id_token"),
        ("state", "state"),
        ("iss_parameter", "iss"),
    ],
)
def test_a_provider_that_lies_identifies_nobody(provider: Provider, client: Client, lie: str, code: str) -> None:
    begun = begin(client)
    provider.lie = lie
    with pytest.raises(UntrustedError) as refused:
        finish(client, begun, visit(begun))
    assert refused.value.code == code


def test_a_code_counts_once_and_for_the_browser_that_it_was_given_to(client: Client) -> None:
    mine, others = begin(client), begin(client)
    brought = visit(mine)
    finish(client, mine, brought)
    with pytest.raises(UntrustedError, match="code_refused"):
        finish(client, mine, brought)
    stolen = {**visit(others), "state": mine.state}  # somebody's code under one's own state
    with pytest.raises(UntrustedError, match="code_refused"):
        finish(client, mine, stolen)


@pytest.mark.parametrize("answer", [{}, {"code": "a"}, {"state": "ż"}, {"code": "a", "state": ""}])
def test_an_answer_to_nothing_that_was_begun_is_refused_before_the_provider_hears_of_it(
    provider: Provider, client: Client, answer: dict[str, str]
) -> None:
    begun = begin(client)
    with pytest.raises(UntrustedError, match="state"):
        finish(client, begun, answer)
    with pytest.raises(UntrustedError, match="code"):
        finish(client, begun, {"state": begun.state})


def test_a_provider_that_names_itself_in_each_answer_must_do_so(provider: Provider, client: Client) -> None:
    provider.extra = {"authorization_response_iss_parameter_supported": True}
    begun = begin(client)
    with pytest.raises(UntrustedError, match="iss"):
        finish(client, begun, visit(begun))
    begun = begin(client)
    assert finish(client, begun, {**visit(begun), "iss": provider.issuer}).subject == "osoba-1"


def test_keys_that_the_provider_has_changed_are_fetched_again(provider: Provider, client: Client) -> None:
    begun = begin(client)
    finish(client, begun, visit(begun))
    provider.new_keys("2")
    begun = begin(client)
    assert finish(client, begun, visit(begun)).subject == "osoba-1"
    provider.new_keys("3")
    del provider.keys["ES256"]
    provider.lie = "no_kid"  # as one may be that has a single key
    begun = begin(client)
    assert finish(client, begun, visit(begun)).subject == "osoba-1"


def test_who_stops_at_the_provider_is_told_so_and_its_words_go_nowhere(provider: Provider, client: Client) -> None:
    provider.lie = "access_denied"
    begun = begin(client)
    with pytest.raises(CancelledError) as cancelled:
        finish(client, begun, visit(begun))
    assert cancelled.value.code == "access_denied"
    assert "tajne" not in str(cancelled.value)


@pytest.mark.parametrize(
    ("lie", "code"),
    [("discovery_issuer", "issuer"), ("discovery_html", "no_answer")],
)
def test_a_provider_that_is_another_one_or_none_gets_no_browser(
    provider: Provider, client: Client, lie: str, code: str
) -> None:
    provider.lie = lie
    with pytest.raises(UnreachableError) as refused:
        begin(client)
    assert refused.value.code == code
    assert not answers(client)


@pytest.mark.parametrize("lie", ["token_500", "token_list"])
def test_a_token_endpoint_that_fails_is_an_outage(provider: Provider, client: Client, lie: str) -> None:
    begun = begin(client)
    provider.lie = lie
    with pytest.raises(UnreachableError, match="token_endpoint"):
        finish(client, begun, visit(begun))


def test_no_secret_goes_over_a_line_that_others_read(provider: Provider, client: Client) -> None:
    provider.lie = "plain_http"
    begun = begin(client)
    with pytest.raises(UnreachableError, match="token_endpoint"):
        finish(client, begun, visit(begun))
    assert is_safe("https://a.example/x")
    assert is_safe("http://127.0.0.1:80/")
    assert not any(map(is_safe, ("http://a.example/", "ftp://127.0.0.1/", "javascript:alert(1)", "", "https:///x")))


def test_a_wrong_secret_is_told_as_ours_to_mend(client: Client) -> None:
    wrong = Client(client.issuer, CLIENT_ID, BACK, secret="nie ten")
    begun = begin(wrong)
    with pytest.raises(UnreachableError, match="client_refused"):
        finish(wrong, begun, visit(begun))


def test_a_provider_that_is_down_is_told_so_and_where_to_sign_out_is_known_once_it_has_answered() -> None:
    gone = Client("http://127.0.0.1:1", CLIENT_ID, BACK, seconds=1)
    with pytest.raises(UnreachableError):
        begin(gone)
    assert sign_out_address(gone) is None
    with providing() as running:
        client = Client(running.issuer, CLIENT_ID, BACK, secret=SECRET)
        assert answers(client)
        assert sign_out_address(client) == f"{running.issuer}/wyloguj"


def test_methods_and_levels_count_only_where_they_are_asked_for(provider: Provider, client: Client) -> None:
    provider.claims = {"sub": "osoba-1", "amr": ["pwd", "otp"], "acr": "2"}
    begun = begin(client)
    identity = finish(client, begun, visit(begun))
    assert identity.was_shown_by(amr=["otp", "hwk"], acr=[])
    assert identity.was_shown_by(amr=[], acr=["2"])
    assert not identity.was_shown_by(amr=["hwk"], acr=["3"])
    assert not identity.was_shown_by(amr=[], acr=[])


def test_nothing_that_was_sent_stands_in_a_log(
    provider: Provider, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begun = begin(client)
    brought = visit(begun)
    provider.lie = "nonce"
    with pytest.raises(ProviderError) as refused:
        finish(client, begun, brought)
    told = caplog.text.replace("HTTP Request", "") + repr(refused.value)
    lines = [line for line in told.splitlines() if "httpx" not in line]  # the browser of this test
    assert not [line for line in lines if brought["code"] in line or begun.state in line or OTHER in line]

"""Signing in and out: tokens, refresh with rotation, browser sessions, throttling."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from tests.handlers.conftest import Client
from tests.handlers.people import PASSWORD, People
from vmlab.app import make_app
from vmlab.config import Proxmox, Security, Settings
from vmlab.handlers.auth import COOKIE, CSRF_HEADER, SECURE_COOKIE
from vmlab.handlers.parts import ApiParts
from vmlab.handlers.tokens import Tokens
from vmlab.models import AuthSession, RefreshToken

KEY = "a-secret-key-of-more-than-32-bytes!"
LOGIN = "/api/v1/auth/login/"
PROFILE = "/api/v1/auth/user/profile/"
LOGOUT = "/api/v1/auth/logout/"
REFRESH = "/api/v1/auth/refresh/"


@pytest.fixture
def settings() -> Settings:
    """Cookies over plain HTTP, and a limit that a test can reach."""
    return Settings(
        security=Security(secret_key=KEY, secure_cookies=False, login_limit="3/minute"),
        proxmox=Proxmox(hosts=("127.0.0.1:1",), token_id="vmlab@pve!api", token_secret="none"),
    )


async def login(client: Client, username: str = "ann", **more: Any) -> dict[str, Any]:
    """What a successful login returns."""
    answer = await client.post(LOGIN, json={"username": username, "password": PASSWORD, **more})
    assert answer.status == 200
    data: dict[str, Any] = (await answer.json())["data"]
    return data


async def status_with(client: Client, token: str) -> int:
    """The status that an access token gets."""
    answer = await client.get(PROFILE, headers={"Authorization": f"Bearer {token}"})
    return answer.status


@pytest.mark.parametrize("name", ["ann", "ann@example.edu", "Ann@Example.edu"])
async def test_a_name_or_an_address_signs_in(client: Client, people: People, name: str):
    await people.add("ann", "student")
    data = await login(client, name)
    assert data["token_type"] == "Bearer"
    assert data["expires_in"] == 900
    assert data["user"]["username"] == "ann"
    assert data["user"]["roles"] == ["student"]
    assert data["user"]["last_login"].endswith("Z")
    assert data["csrf_token"] is None
    assert await status_with(client, data["access_token"]) == 200


async def test_wrong_name_wrong_password_and_inactive_user_look_the_same(
    client: Client, people: People
):
    await people.add("ann", "student")
    await people.add("gone", "student", is_active=False)
    attempts = [("ann", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)]
    errors = []
    for username, password in attempts:
        answer = await client.post(LOGIN, json={"username": username, "password": password})
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        errors.append((await answer.json())["error"])
    assert errors[0] == errors[1] == errors[2]
    assert errors[0]["code"] == "AUTH_001"


async def test_the_secrets_are_not_in_the_database(client: Client, people: People):
    await people.add("ann", "student")
    data = await login(client, session=True)
    stored = str(await AuthSession.all().values()) + str(await RefreshToken.all().values())
    assert data["refresh_token"] not in stored
    assert data["csrf_token"] not in stored


async def test_logout_kills_access_refresh_and_cookie_at_once(client: Client, people: People):
    await people.add("ann", "student")
    data = await login(client, session=True)
    jar = client.session.cookie_jar
    cookie = {"Cookie": f"{COOKIE}={jar.filter_cookies(client.make_url('/'))[COOKIE].value}"}
    jar.clear()
    assert (await client.get(PROFILE, headers=cookie)).status == 200
    bearer = {"Authorization": f"Bearer {data['access_token']}"}
    assert (await client.post(LOGOUT, headers=bearer)).status == 200
    assert await status_with(client, data["access_token"]) == 401
    assert (await client.get(PROFILE, headers=cookie)).status == 401
    answer = await client.post(REFRESH, json={"refresh_token": data["refresh_token"]})
    assert answer.status == 401


async def test_logout_also_ends_the_login_of_a_refresh_token_that_is_ones_own(
    client: Client, people: People
):
    await people.add("ann", "student")
    await people.add("bob", "student")
    first, second, foreign = await login(client), await login(client), await login(client, "bob")
    for other in second, foreign:
        again = await login(client)
        bearer = {"Authorization": f"Bearer {again['access_token']}"}
        body = {"refresh_token": other["refresh_token"]}
        assert (await client.post(LOGOUT, json=body, headers=bearer)).status == 200
    assert await status_with(client, first["access_token"]) == 200
    assert await status_with(client, second["access_token"]) == 401
    assert await status_with(client, foreign["access_token"]) == 200


async def test_logout_is_announced_to_open_consoles(
    client: Client, people: People, parts: ApiParts
):
    ann = await people.add("ann", "student")
    async with parts.bus.subscribe("sessions") as messages:
        await client.post(LOGOUT, headers=ann.headers)
        assert await anext(messages) == {"user_id": ann.id}


async def test_a_refresh_token_works_once_and_its_return_ends_the_login(
    client: Client, people: People
):
    await people.add("ann", "student")
    first = await login(client)
    answer = await client.post(REFRESH, json={"refresh_token": first["refresh_token"]})
    second = (await answer.json())["data"]
    assert answer.status == 200
    assert second.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert await status_with(client, second["access_token"]) == 200
    stolen = await client.post(REFRESH, json={"refresh_token": first["refresh_token"]})
    assert stolen.status == 401
    assert await status_with(client, second["access_token"]) == 401
    after = await client.post(REFRESH, json={"refresh_token": second["refresh_token"]})
    assert after.status == 401


async def test_a_refresh_prolongs_the_login(client: Client, people: People):
    await people.add("ann", "student")
    data = await login(client)
    before = (await AuthSession.get(cookie_hash=None, user_agent__contains="aiohttp")).expires_at
    await client.post(REFRESH, json={"refresh_token": data["refresh_token"]})
    after = (await AuthSession.get(cookie_hash=None, user_agent__contains="aiohttp")).expires_at
    assert after > before


async def test_a_browser_session_needs_its_token_to_change_anything(client: Client, people: People):
    await people.add("ann", "student")
    data = await login(client, session=True)
    body = {"email": "ann@example.edu", "first_name": "Ann", "last_name": ""}
    assert (await client.get(PROFILE)).status == 200
    for headers in {}, {CSRF_HEADER: "wrong"}:
        refused = await client.put(PROFILE, json=body, headers=headers)
        assert refused.status == 403
        assert (await refused.json())["error"]["code"] == "AUTH_002"
    right = await client.put(PROFILE, json=body, headers={CSRF_HEADER: data["csrf_token"]})
    assert right.status == 200


async def test_a_browser_session_that_is_used_does_not_run_out(client: Client, people: People):
    await people.add("ann", "student")
    await login(client, session=True)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    browser = AuthSession.filter(cookie_hash__isnull=False)
    await browser.update(expires_at=soon)
    assert (await client.get(PROFILE)).status == 200
    assert (await browser.get()).expires_at > soon + timedelta(days=1)
    await browser.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert (await client.get(PROFILE)).status == 401


async def test_the_cookie_is_hidden_from_scripts_and_other_sites(client: Client, people: People):
    await people.add("ann", "student")
    body = {"username": "ann", "password": PASSWORD, "session": True}
    cookie = (await client.post(LOGIN, json=body)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_guessing_is_slowed_down_for_an_account_and_not_for_others(
    client: Client, people: People
):
    await people.add("ann", "student")
    await people.add("bob", "student")
    for _ in range(3):
        answer = await client.post(LOGIN, json={"username": "ann", "password": "wrong"})
        assert answer.status == 401
    refused = await client.post(LOGIN, json={"username": "ann", "password": PASSWORD})
    assert refused.status == 429
    assert (await refused.json())["error"]["code"] == "RATE_001"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    await login(client, "bob")


async def test_name_and_address_of_an_account_are_counted_together(client: Client, people: People):
    await people.add("ann", "student")
    for name in "ann", "ann@example.edu", "ann":
        answer = await client.post(LOGIN, json={"username": name, "password": "wrong"})
        assert answer.status == 401
    answer = await client.post(LOGIN, json={"username": "ann@example.edu", "password": PASSWORD})
    assert answer.status == 429


async def test_successful_logins_do_not_count_as_guesses(client: Client, people: People):
    await people.add("ann", "student")
    for _ in range(5):
        await login(client)


async def test_guessing_many_names_from_one_address_is_slowed_down(client: Client):
    for number in range(30):
        body = {"username": f"user{number}", "password": "wrong"}
        assert (await client.post(LOGIN, json=body)).status == 401
    refused = await client.post(LOGIN, json={"username": "user30", "password": "wrong"})
    assert refused.status == 429


def signed(key: str = KEY, algorithm: str = "HS256", kid: str | None = None, **changes: Any) -> str:
    """A token like VMLab's, but for the changes; None leaves a claim out."""
    now = int(time.time())
    claims = {"iss": "vmlab", "aud": "vmlab", "sub": "1", "jti": "j", "iat": now, "exp": now + 60}
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


async def test_tokens_that_are_not_quite_right_are_refused(
    client: Client, people: People, parts: ApiParts
):
    ann = await people.add("ann", "student")
    good = ann.headers["Authorization"].removeprefix("Bearer ")
    kid, sid = jwt.get_unverified_header(good)["kid"], ann.session_id
    assert await status_with(client, signed(kid=kid, sid=sid)) == 200
    bad = {
        "other key": signed(key="b" * 40, kid=kid, sid=sid),
        "other algorithm": signed(key=KEY * 2, algorithm="HS512", kid=kid, sid=sid),
        "no key id": signed(sid=sid),
        "no expiry": signed(kid=kid, sid=sid, exp=None),
        "expired": signed(kid=kid, sid=sid, exp=int(time.time()) - 1),
        "no issue time": signed(kid=kid, sid=sid, iat=None),
        "no token id": signed(kid=kid, sid=sid, jti=None),
        "no subject": signed(kid=kid, sid=sid, sub=None),
        "other audience": signed(kid=kid, sid=sid, aud="else"),
        "no audience": signed(kid=kid, sid=sid, aud=None),
        "other issuer": signed(kid=kid, sid=sid, iss="else"),
        "no session": signed(kid=kid),
        "session of another type": signed(kid=kid, sid=["a"]),
        "unknown session": signed(kid=kid, sid="0" * 32),
    }
    assert {name: await status_with(client, token) for name, token in bad.items()} == dict.fromkeys(
        bad, 401
    )


async def test_tokens_of_a_former_key_count_until_it_is_dropped(
    client: Client, people: People, parts: ApiParts
):
    ann = await people.add("ann", "student")
    former, stranger = "f" * 40, "s" * 40
    old = Tokens(Security(secret_key=former)).sign(ann.id, ann.session_id)
    strange = Tokens(Security(secret_key=stranger)).sign(ann.id, ann.session_id)
    kid = jwt.get_unverified_header(old)["kid"]
    crossed = signed(key=stranger, kid=kid, sid=ann.session_id)
    assert await status_with(client, old) == 401
    security = replace(parts.settings.security, previous_secret_keys=("p" * 40, former))
    changed = replace(parts, tokens=Tokens(security))
    async with TestClient(TestServer(make_app(changed))) as rotated:
        assert await status_with(rotated, old) == 200
        assert await status_with(rotated, strange) == 401
        assert await status_with(rotated, crossed) == 401
        data = await login(rotated)
        assert await status_with(rotated, data["access_token"]) == 200
        assert await status_with(client, data["access_token"]) == 200  # signed with the new key


async def test_a_cookie_that_is_bound_to_its_host_and_to_tls(
    client: Client, people: People, parts: ApiParts
):
    await people.add("ann", "student")
    security = replace(parts.settings.security, secure_cookies=True)
    secure = replace(parts, settings=replace(parts.settings, security=security))
    body = {"username": "ann", "password": PASSWORD, "session": True}
    async with TestClient(TestServer(make_app(secure)), cookie_jar=DummyCookieJar()) as bound:
        answer = await bound.post(LOGIN, json=body)
        cookie = answer.cookies[SECURE_COOKIE]
        assert SECURE_COOKIE.startswith("__Host-")
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
        for name, status in {SECURE_COOKIE: 200, COOKIE: 401}.items():
            headers = {"Cookie": f"{name}={cookie.value}"}
            assert (await bound.get(PROFILE, headers=headers)).status == status
        csrf = (await answer.json())["data"]["csrf_token"]
        headers = {"Cookie": f"{SECURE_COOKIE}={cookie.value}", CSRF_HEADER: csrf}
        gone = (await bound.post(LOGOUT, headers=headers)).cookies[SECURE_COOKIE]
        # A browser drops a __Host- cookie only by a header that itself keeps to its rules.
        assert (gone.value, gone["max-age"], gone["secure"], gone["path"]) == ("", "0", True, "/")


async def test_only_a_well_formed_bearer_header_is_taken(client: Client, people: People):
    token = (await people.add("ann", "student")).headers["Authorization"].removeprefix("Bearer ")
    taken = {f"Bearer {token}": 200, f"bearer {token}": 200, f"Bearer   {token}": 200}
    refused = ["", "Bearer", f"BearerX {token}", f"Basic {token}", token, f"Bearer {token} x"]
    for header, status in (taken | dict.fromkeys(refused, 401)).items():
        answer = await client.get(PROFILE, headers={"Authorization": header})
        assert answer.status == status, header


async def test_bad_tokens_do_not_fill_the_log(client: Client, caplog: pytest.LogCaptureFixture):
    caplog.clear()
    assert await status_with(client, signed(key="b" * 40)) == 401
    assert caplog.records == []


async def test_a_bad_header_does_not_shut_public_doors(client: Client, people: People):
    await people.add("ann", "student")
    body = {"username": "ann", "password": PASSWORD}
    answer = await client.post(LOGIN, json=body, headers={"Authorization": "Bearer stale"})
    assert answer.status == 200

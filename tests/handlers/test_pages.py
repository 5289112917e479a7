"""The pages for people."""

from __future__ import annotations

from tests.handlers.conftest import Client


async def test_the_page_lets_xterms_styles_pass_and_no_others(client: Client):
    nonces = []
    for _ in range(2):
        async with client.get("/console/ssh/") as answer:
            page = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        nonce = page.partition('nonce="')[2].partition('"')[0]
        assert len(nonce) >= 20
        assert policy.endswith(f"style-src 'self' 'nonce-{nonce}'")
        assert "unsafe" not in policy
        nonces.append(nonce)
    assert nonces[0] != nonces[1]

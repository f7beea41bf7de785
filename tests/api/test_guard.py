"""The guard: what a stranger, another user, or a session that has ended gets of the dashboards. (Nothing.)"""

import asyncio
from collections.abc import Callable

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from tests.api.conftest import Person
from tests.api.streamlit_client import open_socket, run_page, upload_address
from websockets.exceptions import ConnectionClosed, InvalidStatus

from prosa.api import assets, guard, shell
from prosa.api.guard import Guard
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy.model import Principal, UserId, UserRole

LogIn = Callable[[Person], httpx.Client]


async def _status(client: httpx.Client, **options: str) -> int:
    """The status with which a websocket is refused; 101 where it is let in."""
    try:
        async with open_socket(client, **options):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize(
    "path",
    ["/app/", "/app/_stcore/host-config", "/app/_stcore/metrics", "/app/media/0123456789abcdef.bin", "/app/component/x",
     "/app/_stcore/upload_file/a/b", "/app/_stcore/agent/openapi.json"],
)  # fmt: skip
def test_without_a_session_nothing_of_streamlit_answers(site: str, path: str) -> None:
    assert httpx.get(site + path).status_code == 401
    assert httpx.get(site + path, headers={"Cookie": "prosa=made-up"}).status_code == 401


@pytest.mark.parametrize(("path", "goes_to"), [("/app/nonsense", "/app/missing"), ("/app/leads/x", "/app/missing")])
def test_an_address_that_is_no_page_leads_to_a_page_that_says_so(
    log_in: LogIn, person: Person, path: str, goes_to: str
) -> None:
    browser = log_in(person)
    asked = {"Accept": "text/html"}
    assert browser.get(path, headers=asked).headers["location"] == goes_to
    assert browser.get("/app/leads?name=x", headers=asked).status_code == 200


def test_without_a_session_no_websocket_opens(site: str) -> None:
    with httpx.Client(base_url=site) as stranger:
        assert asyncio.run(_status(stranger)) == 403
        stranger.cookies.set("prosa", "made-up")
        assert asyncio.run(_status(stranger)) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9", "https://127.0.0.1", "null"])
def test_a_page_of_another_site_or_port_opens_no_websocket(log_in: LogIn, person: Person, origin: str) -> None:
    client = log_in(person)
    assert asyncio.run(_status(client, origin=origin)) == 403
    assert asyncio.run(_status(client)) == 101


def test_a_page_shows_the_tenant_of_the_cookie_whatever_the_headers_claim(
    log_in: LogIn, make_person: Callable[..., Person]
) -> None:
    mine, other = make_person(), make_person()
    theirs = log_in(other).get("/auth/ping").headers["x-prosa-session"]

    async def look() -> str:
        async with open_socket(log_in(mine), headers={"X-Prosa-Session": theirs}) as socket:
            return (await run_page(socket))[1]

    shown = asyncio.run(look())
    assert "Ana Souza" in shown
    assert "prosa-empty" in shown


def test_a_reconnect_cannot_take_over_another_users_page(log_in: LogIn, make_person: Callable[..., Person]) -> None:
    ana, rui = log_in(make_person()), log_in(make_person())

    async def attack() -> tuple[str, str, str]:
        async with open_socket(ana) as socket:
            session, _ = await run_page(socket)
        await asyncio.sleep(0.5)  # Streamlit puts the session away for a reconnect
        async with open_socket(rui, resume=session) as socket:
            stolen, _ = await run_page(socket)
        for _ in range(20):  # … on a busy machine later
            async with open_socket(ana, resume=session) as socket:
                resumed, _ = await run_page(socket)
            if resumed == session:
                break
            await asyncio.sleep(0.25)
        return session, stolen, resumed

    session, stolen, resumed = asyncio.run(attack())
    assert stolen != session
    assert resumed == session


def test_logging_out_cuts_every_open_page_of_the_session_and_no_other(
    log_in: LogIn, make_person: Callable[..., Person]
) -> None:
    person = make_person()
    here, elsewhere = log_in(person), log_in(person)

    async def look() -> list[int | None]:
        async with open_socket(here) as first, open_socket(here) as second, open_socket(elsewhere) as third:
            for socket in (first, second, third):
                await run_page(socket)
            await asyncio.to_thread(here.post, "/logout")
            codes = [await _close_code(socket) for socket in (first, second)]
            await run_page(third)
            return codes

    assert asyncio.run(look()) == [guard.SESSION_ENDED, guard.SESSION_ENDED]


def test_an_idle_open_page_is_cut_when_its_session_expires(
    log_in: LogIn, person: Person, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "RECHECK_SECONDS", 0.2)
    client = log_in(person)

    async def look() -> int | None:
        async with open_socket(client) as socket:
            await run_page(socket)
            superuser.execute("update sessions set expires_at = now() where tenant_id = %s", [person.tenant_id])
            return await _close_code(socket)

    assert asyncio.run(look()) == guard.SESSION_ENDED


async def _close_code(socket) -> int | None:  # type: ignore[no-untyped-def]
    try:
        async with asyncio.timeout(60):
            while True:
                await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_the_page_allows_scripts_of_its_own_only(log_in: LogIn, person: Person) -> None:
    answer = log_in(person).get("/app/", headers={"Accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert answer.headers["cache-control"] == "no-store"
    assert 'lang="pt-BR"' in answer.text


def test_streamlits_programs_travel_compressed(log_in: LogIn, person: Person) -> None:
    client = log_in(person)
    page = client.get("/app/", headers={"Accept": "text/html"}).text
    script = page.split('src="./static/js/')[1].split('"')[0]
    answer = client.get(f"/app/static/js/{script}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    letters = page.split("./static/media/")[1].split('"')[0]
    answer = client.get(f"/app/static/media/{letters}", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["content-type"], "immutable" in answer.headers["cache-control"]) == ("font/woff2", True)
    for outside in ("/app/static/../../../etc/passwd", "/app/static/..%2f..%2f__init__.py", "/assets/..%2fassets.py"):
        assert client.get(outside, headers={"Accept-Encoding": "gzip"}).status_code in {400, 404}
    for own in (assets.address("dashboards.css"), assets.PLOTLY):
        assert f'"{own}"' in page
        answer = client.get(own, headers={"Accept-Encoding": "gzip"})
        assert (answer.headers["content-encoding"], "immutable" in answer.headers["cache-control"]) == ("gzip", True)
    assert f'"{assets.PLOTLY}"' in client.get(assets.address("charts.js")).text
    assert "BACKEND_BASE_URL" in page.split("window.__streamlit = ")[1]  # the names that Streamlit's programs look for
    assert '"bodyFont": "Inter' in page
    program = (shell.PROGRAMS / script).read_text()
    assert all(name in program for name in ("window.__streamlit", "BACKEND_BASE_URL", "HOST_CONFIG", "LIGHT_THEME"))


def test_the_interface_for_programs_is_off(log_in: LogIn, person: Person) -> None:
    client = log_in(person)
    assert client.get("/app/_stcore/agent/openapi.json").status_code == 404
    assert client.post("/app/_stcore/agent/interact", json={}).status_code == 404


def test_nobody_but_the_operator_counts_the_pages_of_every_company(log_in: LogIn, person: Person) -> None:
    """Streamlit counts sessions over all of them. Operators have /metrics."""
    assert log_in(person).get("/app/_stcore/metrics").status_code == 404


FILE = "/media/" + "ab" * 28 + ".csv"


def test_a_page_is_told_the_address_that_we_saw_and_not_the_one_that_was_claimed() -> None:
    seen: list[bytes] = []

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == guard.ADDRESS)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    guarded = Guard(listening, find=lambda token, touch: _principal(1), settings=Settings())
    TestClient(guarded, client=("192.0.2.8", 5)).get("/_stcore/health", headers={"X-Prosa-Address": "203.0.113.1"})
    assert seen == [b"192.0.2.8"]


async def _one_file(scope: Scope, receive: Receive, send: Send) -> None:
    """An application like Streamlit: its websocket names a file, and it serves the file to whoever asks."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": b"download: " + FILE.encode()})
        await receive()
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the file"})


def _principal(number: int) -> Principal:
    return Principal(
        TenantId(number), "t", "T", "UTC", number, UserId(number), "a@b.example", "A", UserRole.CLIENT, "pt_BR"
    )


def test_a_file_is_for_the_session_whose_page_named_it() -> None:
    people = {"ana": _principal(1), "rui": _principal(2)}
    guarded = Guard(_one_file, find=lambda token, touch: people.get(token or ""), settings=Settings())
    ana, rui = (TestClient(guarded, cookies={"prosa": name}) for name in people)
    assert ana.get(FILE).status_code == 404
    with ana.websocket_connect("/_stcore/stream") as socket:
        socket.receive_bytes()
    assert ana.get(FILE).text == "the file"
    assert rui.get(FILE).status_code == 404
    guarded.end(people["ana"])
    assert ana.get(FILE).status_code == 404


def _upload(browser: httpx.Client, address: str) -> int:
    browser.get("/app/_stcore/health")  # sets the cookie that Streamlit compares with the header
    token = {"X-Xsrftoken": browser.cookies["_streamlit_xsrf"]}
    return browser.put(f"/app{address}", files={"file": ("logo.png", b"x")}, headers=token).status_code


def test_a_file_is_uploaded_by_an_administrator_to_the_own_page_and_not_without_end(
    log_in: LogIn, make_person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit keeps every upload in the memory of the process that serves all companies."""
    monkeypatch.setattr(guard, "MOST_UPLOADS", 2)
    client, ana, rui = (log_in(make_person(role=role)) for role in (UserRole.CLIENT, UserRole.ADMIN, UserRole.ADMIN))

    async def addresses() -> list[int]:
        async with open_socket(client) as one, open_socket(ana) as two:
            await run_page(one)
            await run_page(two)
            theirs, hers = await upload_address(one), await upload_address(two)
            tries = [(client, theirs), (rui, hers), (ana, f"{hers[:-1]}_"), (ana, hers), (ana, hers), (ana, hers)]
            return [await asyncio.to_thread(_upload, *each) for each in tries]

    assert asyncio.run(addresses()) == [404, 404, 404, 204, 204, 404]

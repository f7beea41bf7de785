"""A Streamlit websocket client: opens a page as a browser does, and reads what it shows."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect


@asynccontextmanager
async def open_socket(
    client: httpx.Client,
    *,
    origin: str | None = None,
    resume: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[ClientConnection]:
    """The page's websocket with the client's cookies. `resume`: ask for this Streamlit session."""
    base = str(client.base_url).rstrip("/")
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    async with connect(
        base.replace("http", "ws") + "/app/_stcore/stream",
        additional_headers={"Cookie": cookies, **(headers or {})},
        origin=origin or base,
        subprotocols=["streamlit", "token", *([resume] if resume else [])],
        max_size=None,
    ) as socket:
        yield socket


async def run_page(socket: ClientConnection) -> tuple[str, str]:
    """Run the page. Returns Streamlit's session id and everything that the page showed, as text."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    await socket.send(message.SerializeToString())
    session, shown = "", []
    while True:
        frame = ForwardMsg()
        received = await socket.recv()
        assert isinstance(received, bytes)
        frame.ParseFromString(received)
        kind = frame.WhichOneof("type")
        if kind == "new_session":
            session = frame.new_session.initialize.session_id or session
        elif kind == "delta":
            shown.append(str(frame.delta))
        elif kind == "script_finished":
            return session, "\n".join(shown)


async def upload_address(socket: ClientConnection) -> str:
    """Where Streamlit lets this page send a file to."""
    message = BackMsg()
    message.file_urls_request.request_id = "1"
    message.file_urls_request.file_names.append("logo.png")
    await socket.send(message.SerializeToString())
    while True:
        frame = ForwardMsg()
        received = await socket.recv()
        assert isinstance(received, bytes)
        frame.ParseFromString(received)
        if frame.WhichOneof("type") == "file_urls_response":
            return str(frame.file_urls_response.file_urls[0].upload_url)

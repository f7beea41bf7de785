"""A live page that stays open without a browser: a websocket that speaks Streamlit's protocol as its programs do."""

import asyncio
from collections.abc import Callable, Sequence

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect


class LivePage:
    """The page `live` of the session whose cookies these are. `drawn` counts how often it was drawn, first time included."""

    def __init__(self, url: str, cookies: str) -> None:
        self.url, self.cookies, self.drawn = url, cookies, 0
        self.page = ""  # the hash by which Streamlit knows the page
        self.timers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Open it and draw what comes, until cancelled."""
        async with connect(
            self.url.replace("http", "ws") + "/app/_stcore/stream", origin=self.url, max_size=None,
            additional_headers={"Cookie": self.cookies}, subprotocols=["streamlit", "token"],
        ) as socket:  # fmt: skip
            first = BackMsg()
            first.rerun_script.page_name = "live"
            await socket.send(first.SerializeToString())
            try:
                async for received in socket:
                    message = ForwardMsg.FromString(received)
                    self._note(message, socket)
            finally:
                for timer in self.timers.values():
                    timer.cancel()

    def _note(self, message: ForwardMsg, socket: ClientConnection) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "script_finished":
            self.drawn += 1
        elif kind == "auto_rerun":
            fragment = message.auto_rerun.fragment_id
            if fragment not in self.timers:
                self.timers[fragment] = asyncio.create_task(self._ask(socket, fragment, message.auto_rerun.interval))

    async def _ask(self, socket: ClientConnection, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            again = BackMsg()
            again.rerun_script.fragment_id, again.rerun_script.is_auto_rerun = fragment, True
            again.rerun_script.page_script_hash = self.page
            await socket.send(again.SerializeToString())


async def keep_open(
    pages: Sequence[LivePage], seconds: float, used: Callable[[], tuple[float, float]]
) -> tuple[float, float, int]:
    """Open the pages one after the other within ten seconds, then wait. Returns by how much `used` grew in that time, and how
    often pages were drawn."""
    tasks = []
    for page in pages:
        tasks.append(asyncio.create_task(page.run()))
        await asyncio.sleep(10 / len(pages))
    while not all(page.drawn for page in pages):
        await asyncio.sleep(0.1)
        for task in tasks:
            if task.done():  # refused, or broken: say how
                task.result()
    before, drawn = used(), sum(page.drawn for page in pages)
    await asyncio.sleep(seconds)
    after, drawn = used(), sum(page.drawn for page in pages) - drawn
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return after[0] - before[0], after[1] - before[1], drawn

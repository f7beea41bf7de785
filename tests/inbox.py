"""A mail server for tests that keeps what it is given."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Inbox(Message):
    """Keeps what arrives: each message whole, and of plain ones (to, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[EmailMessage] = []
        self.mails: list[tuple[str, str]] = []

    def handle_message(self, message) -> None:  # type: ignore[no-untyped-def]
        self.messages.append(message)
        if not message.is_multipart():
            self.mails.append((message["To"], message.get_payload(decode=True).decode()))


@contextmanager
def open_inbox() -> Iterator[tuple[Inbox, int]]:
    """A mail server and its port."""
    handler = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()

"""Twilio's own OpenAPI description, served by Prism, accepts every request that Prosa sends.

The description comes from a package of Twilio's on npm and is cut down to the paths that we call: Prism needs half a minute
to start with the whole. It is stateless and knows no rate limits, callbacks or signatures: for those there is the twin.
"""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.npm import npm_folder

from missing import not_tested
from prosa.gateways.twilio import messages
from prosa.gateways.twilio.client import fetch_account
from prosa.gateways.twilio.model import Account
from prosa.gateways.twilio.outcomes import Accepted, Outgoing, Refused
from prosa.gateways.twilio.templates import list_templates
from prosa.supervisor import free_port
from twilio_twin import wait_for

PRISM, DESCRIPTIONS = "@stoplight/prism-cli@5.14.2", "@twilio/cli-core@8.3.2"
API, CONTENT = "twilio_api_v2010.json", "twilio_content_v1.json"
PATHS = {
    API: ("/2010-04-01/Accounts/{AccountSid}/Messages.json", "/2010-04-01/Accounts/{Sid}.json"),
    CONTENT: ("/v1/ContentAndApprovals",),
}
MESSAGE = Outgoing("whatsapp:+551140041234", "whatsapp:+5511987654321", "Olá, Ana!")
TEMPLATE = replace(MESSAGE, content_sid="HX" + "0" * 32, variables='{"1": "Ana"}')
SERVICE = "MG" + "1" * 32


@pytest.fixture(scope="module")
def prism(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Account]]:
    """An account for each description, whose requests go to a Prism that serves it."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        not_tested("Twilio's description: npm is missing")
    try:
        folder = npm_folder(pytestconfig.cache, npm, [PRISM], packed=[DESCRIPTIONS])
    except LookupError as error:
        not_tested(f"Twilio's description: {error}")
    script = folder / "node_modules/@stoplight/prism-cli/dist/index.js"
    written = tmp_path_factory.mktemp("prism")
    with ExitStack() as stack:
        urls = {name: stack.enter_context(_Prism(node, script, _description(folder, written, name))) for name in PATHS}
        yield {name: Account("AC" + "0" * 32, "token", base_url=url) for name, url in urls.items()}


class _Prism:
    """A Prism that runs as long as the block lasts."""

    def __init__(self, node: str, script: Path, description: Path) -> None:
        self.port = free_port("127.0.0.1", 0)
        self.command = [node, str(script), "mock", "--errors", "--port", str(self.port), str(description)]

    def __enter__(self) -> str:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, 60)
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        assert self.process.poll() is None, "Prism did not start"
        try:
            httpx.get(
                f"http://127.0.0.1:{self.port}/", timeout=1, verify=False
            )  # which reads no certificates each time
        except httpx.HTTPError:
            return False
        return True


def _description(folder: Path, written: Path, name: str) -> Path:
    """The paths of Twilio's description that we call. Prism wants the default encoding of repeated fields said aloud."""
    [package] = folder.glob("twilio-cli-core-*.tgz")
    with tarfile.open(package) as files:
        found = files.extractfile(f"package/src/services/twilio-api/{name}")
        assert found
        description = json.load(found)
    description["paths"] = {path: description["paths"][path] for path in PATHS[name]}
    for path in description["paths"].values():
        form = path.get("post", {}).get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded")
        if form:
            form["encoding"] = {"MediaUrl": {"style": "form", "explode": True}}
    (written / name).write_text(json.dumps(description))
    return written / name


@pytest.mark.slow
@pytest.mark.parametrize("service", [None, SERVICE])
@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        replace(MESSAGE, callback="https://prosa.example/webhooks/twilio/status?delivery=7&attempt=1"),
        replace(MESSAGE, recipient="whatsapp:BR.1A2b3C"),
        replace(MESSAGE, sender="+551140041234", recipient="+5511987654321"),
        replace(MESSAGE, media_urls=("https://exemplo.com.br/foto.jpg",)),
        replace(MESSAGE, body=None, media_urls=("https://exemplo.com.br/foto.jpg", "https://exemplo.com.br/b.pdf")),
        TEMPLATE,
    ],
)
def test_every_message_is_one_by_twilios_description(
    prism: dict[str, Account], message: Outgoing, service: str | None
) -> None:
    account = replace(prism[API], messaging_service_sid=service)
    assert isinstance(messages.send(account, message), Accepted)


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        lambda account: (replace(account, sid="AC0"), MESSAGE),
        lambda account: (replace(account, messaging_service_sid="MG0"), MESSAGE),
        lambda account: (account, replace(TEMPLATE, content_sid="HX0")),
        lambda account: (account, replace(MESSAGE, callback="nonsense")),
    ],
)
def test_prism_does_refuse_what_is_none(
    prism: dict[str, Account], wrong: Callable[[Account], tuple[Account, Outgoing]]
) -> None:
    assert isinstance(messages.send(*wrong(prism[API])), Refused)


@pytest.mark.slow
def test_accounts_and_templates_are_asked_for_by_the_description(prism: dict[str, Account]) -> None:
    assert fetch_account(prism[API]).sid == prism[API].sid
    assert (
        list_templates(prism[CONTENT]) == []
    )  # Prism answers with a page of no templates; a wrong request is an error

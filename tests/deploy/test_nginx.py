"""deploy/nginx.conf, run by a real nginx before two web processes (without TLS, which needs somebody's certificate)."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from missing import program
from prosa.supervisor import free_port
from twilio_twin import wait_for

MEGABYTE = 1024 * 1024
AROUND = """
pid {folder}/pid;
error_log {folder}/error.log;
daemon off;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    {configuration}
}}
"""


class WebProcess(BaseHTTPRequestHandler):
    """Answers with its port and with what it is told about the client."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.server.server_address[1]} {self.headers['X-Forwarded-For']}".encode())

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def proxy(project: Path, open_folder: Path) -> Iterator[httpx.Client]:
    """A client of the nginx."""
    nginx = program("nginx", untested="nginx.conf")
    folder = open_folder / "nginx"
    folder.mkdir()
    port = free_port("127.0.0.1", 0)
    configuration = (project / "deploy" / "nginx.conf").read_text()
    with ExitStack() as stack:
        for documented in ("8001", "8002"):
            web = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), WebProcess))
            Thread(target=web.serve_forever, daemon=True).start()
            stack.callback(web.shutdown)
            configuration = configuration.replace(f"127.0.0.1:{documented}", f"127.0.0.1:{web.server_address[1]}")
        configuration = configuration.replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
        configuration = configuration.replace("listen 80;", f"listen 127.0.0.1:{free_port('127.0.0.1', 0)};")
        configuration = re.sub(r"ssl_certificate\w* .*;", "", configuration)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, configuration=configuration))
        server = subprocess.Popen([nginx, "-c", folder / "nginx.conf", "-e", folder / "error.log", "-p", folder])
        stack.callback(server.wait)
        stack.callback(server.terminate)
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
        wait_for(lambda: _answers(client))
        yield client


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/").is_success
    except httpx.TransportError:
        return False


def _served_by(proxy: httpx.Client, cookies: str) -> str:
    return proxy.get("/app/", headers={"Cookie": cookies}).text.split()[0]


def test_a_session_stays_with_one_process_and_sessions_of_one_address_are_spread(proxy: httpx.Client) -> None:
    serving = {}
    for number in range(20):
        session = f"__Host-prosa={number:032x}"
        serving[number] = {_served_by(proxy, f"{before}{session}; x={number}") for before in ("", "a=b; ")}
    assert all(len(processes) == 1 for processes in serving.values())
    assert len(set.union(*serving.values())) == 2


def test_a_file_as_large_as_the_screens_take_passes(proxy: httpx.Client) -> None:
    assert proxy.post("/app/upload", content=bytes(20 * MEGABYTE)).status_code == 200


def test_what_a_client_claims_about_its_address_does_not_pass(proxy: httpx.Client) -> None:
    assert proxy.get("/", headers={"X-Forwarded-For": "203.0.113.9"}).text.split()[1] == "127.0.0.1"


def test_metrics_stay_inside(proxy: httpx.Client) -> None:
    assert proxy.get("/metrics").status_code == 403

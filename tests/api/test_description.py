"""Whatever is sent to any route, the answer is one of the API's description, and never a 5xx."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import parse_qsl
from zlib import crc32

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from requests import PreparedRequest
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from prosa.api.app import create_app
from prosa.conversations import addresses, messages, service
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import read
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.facts import label_rules
from prosa.facts.outcomes import OutcomeKind
from prosa.remarketing import campaigns, message_templates, segments
from prosa.remarketing import policy as remarketing
from prosa.remarketing.definition import define
from prosa.settings import Settings
from prosa.tenancy import api_keys, usage
from prosa.tenancy.webhooks import EventType
from prosa.tenancy.webhooks import service as webhooks
from twilio_world import Connect, Connected, new_sid

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]  # fmt: skip
EXAMPLES = 500  # of all operations together: about 15 seconds


@dataclass(frozen=True)
class World:
    """A tenant with something in it: its key, and ids that exist."""

    key: str
    ids: dict[str, int]


@pytest.fixture(scope="module")
def description(db: Database, settings: Settings) -> BaseSchema:
    """The description that the application itself serves."""
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(db, settings, dashboards=False))


@pytest.fixture
def world(db: Database, settings: Settings, tenant: TenantId, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A tenant of this test's own. Afterwards its endpoints are gone, so that no later test's worker calls them."""
    monkeypatch.setattr(usage, "REQUESTS_PER_MINUTE", 10**6)
    pair = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))
    with db.tenant(tenant) as conn:
        key = api_keys.create_key(conn, tenant, actor="test")
        policy = read(conn, tenant, settings)
        now = datetime.now(UTC)
        conversation = service.open_conversation(conn, tenant, pair, policy=policy, by="test", now=now).conversation
        new = NewMessage(Owner.USER, "Vocês abrem no sábado?")
        messages.add_message(conn, tenant, conversation.id, new, policy=policy, by="test", now=now)
        endpoint = webhooks.add_endpoint(
            conn, tenant, url="https://crm.example.com/", event_types=[EventType.LEAD_CREATED], note="", actor="test",
            secret_keys=settings.secret_keys,
        ).endpoint  # fmt: skip
        webhooks.send_test(conn, tenant, endpoint.id, actor="test")
        segment = segments.save(conn, tenant, "Todos", define({}), actor="test").id
        rules = remarketing.read(conn, tenant)
        template = message_templates.save(conn, tenant, "Volta", "Oi {{ nome }}!", policy=rules, actor="test").id
        variants = [{"name": "a", "author": "template", "message_template_id": template}]
        campaign = campaigns.create(conn, tenant, {"name": "Um", "segment_id": segment, "variants": variants},
                                    tenant_variables={}, actor="test").id  # fmt: skip
        rule = label_rules.add(conn, tenant, "venda", OutcomeKind.CONVERSION, actor="test").id
    yield World(key.secret, {"conv_id": conversation.id, "endpoint_id": endpoint.id, "segment_id": segment,
                             "template_id": template, "campaign_id": campaign, "rule_id": rule})  # fmt: skip
    with db.tenant(tenant) as conn:
        conn.execute("delete from webhook_endpoints where tenant_id = %s", [tenant])


def operations() -> list[tuple[str, str]]:
    """Every operation of the description, which needs no database to be written."""
    paths = create_app(cast(Database, None), Settings(secret_key="none"), dashboards=False).openapi()["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


OPERATIONS = operations()


def test_a_clients_generator_understands_the_description() -> None:
    found = create_app(cast(Database, None), Settings(secret_key="none"), dashboards=False).openapi()
    names = [operation["operationId"] for methods in found["paths"].values() for operation in methods.values()]
    schemas = found["components"]["schemas"]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names), names
    assert all(re.fullmatch(r"[A-Za-z]+", name) and schema["title"] == name for name, schema in schemas.items())
    refers = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(found)))
    assert refers - set(schemas) == set()
    for schema in schemas.values():
        for example in schema.get("examples", []):
            jsonschema.validate(example, {**schema, "components": found["components"]})


SIGNED = [(path, method) for path, method in OPERATIONS if path.startswith("/webhooks/twilio") and method == "post"]


@pytest.mark.parametrize(("path", "method"), SIGNED)
def test_whatever_twilio_signs_gets_an_answer_of_the_description(
    description: BaseSchema, connect: Connect, settings: Settings, path: str, method: str
) -> None:
    mine, operation, statuses = connect(), description[path][method], set()
    ours, theirs = ("To", "From") if path.endswith("inbound") else ("From", "To")  # by ours the account is found

    @hypothesis_settings(
        max_examples=80, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode),
        st.booleans(), st.sampled_from(["whatsapp:+5511987654321", "+5511987654321", "whatsapp:BR.123", ""]),
    )  # fmt: skip
    def attack(case: schemathesis.Case, is_named: bool, contact: str) -> None:
        if isinstance(case.body, dict):
            sid = {"MessageSid": new_sid("SM")} if is_named else {}
            case.body |= sid | {"AccountSid": mine.account.sid, ours: f"whatsapp:{mine.number}", theirs: contact}
        answer = case.call_and_validate(checks=CHECKS, auth=signing(mine, settings.own_url))
        statuses.add(answer.status_code)

    attack()
    assert {200 if path.endswith("inbound") else 204, 422} <= statuses <= {200, 204, 403, 422}


def signing(mine: Connected, own_url: str) -> Callable[[PreparedRequest], PreparedRequest]:
    """Signs what goes out as Twilio does, whatever was generated for the header."""

    def sign(request: PreparedRequest) -> PreparedRequest:
        body = request.body or ""
        form = dict(parse_qsl(body if isinstance(body, str) else body.decode(), keep_blank_values=True))
        request.headers.update(mine.sign(own_url + request.path_url, form))
        return request

    return sign


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_of_the_description(description: BaseSchema, world: World, path: str, method: str) -> None:
    operation = description[path][method]

    @hypothesis_settings(
        max_examples=EXAMPLES // len(OPERATIONS),
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
    def attack(case: schemathesis.Case) -> None:
        for name, value in (case.path_parameters or {}).items():
            if name in world.ids and crc32(str(value).encode()) % 2:  # else nearly everything would be a 404
                case.path_parameters[name] = world.ids[name]
        case.call_and_validate(headers={"Authorization": f"Bearer {world.key}"}, checks=CHECKS)

    attack()

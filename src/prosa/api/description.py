"""The API's description, /openapi.json, so that generators of clients understand it: short names, and each schema once."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from prosa.api.problems import Problem
from prosa.assistant import model as assistant
from prosa.conversations import states as conversations
from prosa.sending import model as sending

# Enumerations of one name, which FastAPI tells apart by their modules.
NAMES = {conversations.State: "ConversationState", sending.State: "SendingState", assistant.State: "AiResultState"}


class DescribedApp(FastAPI):
    """FastAPI whose description names things for those who generate a client from it."""

    def openapi(self) -> dict[str, Any]:
        """As FastAPI writes it, kept after the first time."""
        if self.openapi_schema is None:
            text = json.dumps(super().openapi())
            for kind, name in NAMES.items():
                text = text.replace(f"{kind.__module__}.{kind.__name__}".replace(".", "__"), name)
            self.openapi_schema = json.loads(text)
            schemas = self.openapi_schema["components"]["schemas"]
            schemas["Problem"] = Problem.model_json_schema()  # PROBLEMS refers to it
            for name, schema in schemas.items():
                schema["title"] = name  # generators take it for the name
                if "examples" in schema:  # FastAPI leaves out what is null
                    nulls = dict.fromkeys(schema.get("required", ()))
                    schema["examples"] = [nulls | each for each in schema["examples"]]
        return self.openapi_schema


def operation_id(route: APIRoute) -> str:
    """A name for a generated function: `conversations_open`, `webhooks_replay`."""
    return "_".join([*map(str, route.tags[:1]), route.name.strip("_")])

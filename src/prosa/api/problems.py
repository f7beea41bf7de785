"""The error answers of the API's description: problem documents (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from prosa.api.schema import example


class Problem(BaseModel):
    """RFC 9457: what went wrong."""

    model_config = example(
        type="urn:prosa:problem:no-such-conversation", title="Not Found", status=404, instance="/conversations/17",
        detail="There is no conversation 17.", request_id="5f0c7bd0a5c54f0e9d6a3c1f5b8f8a11",
    )  # fmt: skip
    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None
    errors: list[dict[str, str]] = Field(
        default=[], description="Of a 422: each field (`at`, such as body.from_number) and what is wrong (`message`)."
    )


def answers(texts: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for its description: what each status means. The schema is added by prosa.api.description."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": text, "content": content} for status, text in texts.items()}


PROBLEMS = answers({
    400: "The body is no JSON", 401: "No valid API key or session", 403: "The key or role does not allow this",
    404: "Not there, or another tenant's", 409: "Not in this state", 413: "Too large", 422: "Not acceptable",
    429: "Too many requests of this key", 503: "The database does not answer",
})  # fmt: skip

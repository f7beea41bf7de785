"""Strict JSON schemas for the model's answers, and checking the answers against them."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from prosa.analysis.llm.masking import Mask, each_text
from prosa.errors import wrong_fields
from prosa.gateways.llm import LlmFailed, Problem

T = TypeVar("T", bound=BaseModel)

# Endpoints differ in which of these they accept in strict mode; Pydantic checks them when the answer is back.
UNSENT = {"default", "title", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
          "exclusiveMaximum", "minItems", "maxItems"}  # fmt: skip
# PostgreSQL cannot hold NUL, nor halves of surrogate pairs; JSON can carry both.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def strict(schema: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model as strict mode wants it: every property required, and no others allowed."""
    found: dict[str, Any] = _strict(schema.model_json_schema())
    return found


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    properties = node.get("properties")
    kept = {
        key: {name: _strict(value) for name, value in item.items()} if key in ("properties", "$defs") else _strict(item)
        for key, item in node.items()
        if key not in UNSENT
    }
    if isinstance(properties, dict):
        kept |= {"additionalProperties": False, "required": list(properties)}
    return kept


def parse(text: str, schema: type[T], mask: Mask) -> T:
    """The answer, with personal data restored. Raises LlmFailed, which says what is wrong without quoting it."""
    try:
        said = each_text(json.loads(_unfenced(text)), lambda part: UNSTORABLE.sub("", part))
        return schema.model_validate(mask.restore(said))
    except ValidationError as error:
        raise LlmFailed(Problem.INVALID, wrong_fields(error)) from None
    except (ValueError, RecursionError):
        raise LlmFailed(Problem.INVALID, "The answer is not JSON.") from None


def _unfenced(text: str) -> str:
    """Without the code fence that some models put around JSON."""
    text = text.strip()
    return text.removeprefix("```json").removeprefix("```").removesuffix("```") if text.startswith("```") else text

"""Language models: the interface, and any OpenAI-compatible endpoint."""

from prosa.gateways.llm.model import Batch, Gateway, Limits, LlmFailed, Problem, Reply, Request, Usage

__all__ = ["Batch", "Gateway", "Limits", "LlmFailed", "Problem", "Reply", "Request", "Usage"]

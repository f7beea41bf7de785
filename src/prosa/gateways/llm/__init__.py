"""Language models: the interface, any OpenAI-compatible endpoint, and a console that answers without one."""

from prosa.gateways.llm.model import Batch, Gateway, Limits, LlmFailed, Problem, Reply, Request, Usage

__all__ = ["Batch", "Gateway", "Limits", "LlmFailed", "Problem", "Reply", "Request", "Usage"]

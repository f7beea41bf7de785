"""Asking a language model: masked, limited, within the budget, on record."""

from prosa.analysis.llm.ask import ask
from prosa.analysis.llm.calls import Answer, Line, Question
from prosa.analysis.llm.prompt import Prompt, load

__all__ = ["Answer", "Line", "Prompt", "Question", "ask", "load"]

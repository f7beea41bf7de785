"""The one function by which the rest of Prosa asks the language model."""

import logging

from prosa.analysis.llm import keys, policy
from prosa.analysis.llm.answers import T
from prosa.analysis.llm.calls import Answer, Line, Question, perform
from prosa.db import Database, TenantId
from prosa.errors import Unavailable
from prosa.gateways.llm import LlmFailed
from prosa.settings import get_settings

log = logging.getLogger(__name__)


def ask(
    db: Database, tenant: TenantId, question: Question[T], *, patience: float = 30.0, line: Line | None = None
) -> Answer[T] | None:
    """Ask the model. Returns None if there is no answer; the log says why.

    The reason is one of these: there is no key; the tenant does not want it (feature `ai`); its budget or the installation's is
    used up; no slot came free within `patience` seconds; the model failed. Call it outside any transaction: it opens its own,
    and the network may take a minute. `line` replaces the endpoint of the settings.
    """
    with db.tenant(tenant) as conn:
        if not policy.read(conn, tenant).wanted:
            return None
        line = line or keys.line(conn, tenant, get_settings(), patience=patience)
    if line is None:
        return None
    try:
        return perform(db, tenant, line, question)
    except (LlmFailed, Unavailable) as error:
        log.warning("no answer for %s of tenant %s: %s", question.purpose, tenant, error)
        return None

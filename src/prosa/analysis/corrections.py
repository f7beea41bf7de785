"""Corrections of insights by people. A correction overrides every analysis; how often people agreed measures its quality.

LGPD, art. 20: a person may have an automated decision about them reviewed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from prosa.analysis.model import HIGH_FROM, MEDIUM_FROM, Category, Interest, Sentiment, interest_of
from prosa.analysis.store import CORRECTABLE
from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.errors import Invalid, NotFound
from prosa.tenancy import audit

BANDS = {
    Interest.HIGH: (HIGH_FROM, 100),
    Interest.MEDIUM: (MEDIUM_FROM, HIGH_FROM - 1),
    Interest.LOW: (0, MEDIUM_FROM - 1),
}
LONGEST = 200


@dataclass(frozen=True)
class Quality:
    """How often people agreed with one model's judgement of one field: `checked` were looked at, `agreed` were right."""

    model: str
    prompt_version: str
    field: str
    checked: int
    agreed: int

    @property
    def share(self) -> float:
        """The agreed part of what was checked, 0 to 1."""
        return self.agreed / self.checked


def correct(
    conn: Conn, tenant: TenantId, conversation_id: int, *, values: Mapping[str, Any], by: str, reason: str = ""
) -> None:
    """Keep what a person says, by field; saying what the analysis said is a confirmation. Audited.

    `values` may hold `sentiment`, `category`, `is_lead`, `interest`, `conversion_score`, `lead_name`, `lead_goal`, and
    `fields.<name>` (null takes a field away). What follows from a value is set with it: a category says whether it is a lead, a
    score its band, a band moves the score to its nearest value. Raises NotFound without an insight, Invalid.
    """
    sql = """select i.*, i.sentiment::text as sentiment, i.category::text as category, i.interest::text as interest
             from insights i where tenant_id = %s and conversation_id = %s for update"""
    judged: dict[str, Any] | None = fetch_one(conn, dict, sql, [tenant, conversation_id])
    if judged is None:
        raise NotFound("This conversation has no insight.")
    said = _with_consequences({name: _checked(name, value) for name, value in values.items()}, judged)
    for name, value in said.items():
        _keep(conn, tenant, conversation_id, judged, name, value, by=by, reason=reason)
    _apply(conn, tenant, conversation_id, said)
    audit.record(conn, tenant, by, "insight.correct", f"conversation:{conversation_id}", after={"fields": sorted(said)})


def quality(conn: Conn, tenant: TenantId) -> list[Quality]:
    """How often people agreed, by model, prompt and field. Of several corrections of one judgement the newest counts."""
    sql = """select model, prompt_version, field, count(*)::int as checked,
               (count(*) filter (where judged is not distinct from said))::int as agreed
             from (select distinct on (conversation_id, field, model, prompt_version) * from insight_corrections
                   where tenant_id = %s order by conversation_id, field, model, prompt_version, id desc) newest
             group by 1, 2, 3 order by 1, 2, 3"""
    return fetch_all(conn, Quality, sql, [tenant])


def _checked(name: str, value: Any) -> Any:
    kinds = {"sentiment": Sentiment, "category": Category, "interest": Interest}
    try:
        if name in kinds:
            return kinds[name](value).value
        if name == "is_lead" and isinstance(value, bool):
            return value
        if name == "conversion_score" and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100:
            return value
        if name in ("lead_name", "lead_goal") or (name.startswith("fields.") and len(name) > len("fields.")):
            return str(value).strip()[:LONGEST] or None if value is not None else None
    except ValueError:
        pass
    raise Invalid(f"'{name}' cannot be corrected to {value!r}. Fields: {', '.join(CORRECTABLE)}, fields.<name>.")


def _with_consequences(said: dict[str, Any], judged: Mapping[str, Any]) -> dict[str, Any]:
    """Add what follows from the person's words, unless the person said that too."""
    entailed: dict[str, Any] = {}
    if "category" in said:
        entailed["is_lead"] = said["category"] == Category.LEAD
    elif "is_lead" in said and said["is_lead"] != (judged["category"] == Category.LEAD):
        entailed["category"] = (Category.LEAD if said["is_lead"] else Category.OTHER).value
    if "conversion_score" in said:
        entailed["interest"] = interest_of(said["conversion_score"]).value
    elif "interest" in said:
        low, high = BANDS[Interest(said["interest"])]
        entailed["conversion_score"] = max(low, min(high, judged["conversion_score"]))
    wrong = [name for name in entailed if name in said and said[name] != entailed[name]]
    if wrong:
        raise Invalid(f"These contradict each other: {', '.join(wrong)} and what was said with it.")
    return {**entailed, **said}


def _keep(
    conn: Conn,
    tenant: TenantId,
    conversation: int,
    judged: Mapping[str, Any],
    name: str,
    said: Any,
    *,
    by: str,
    reason: str,
) -> None:
    """Keep a person's word on one judgement. If it was replaced before, `judged` stays what the analysis said."""
    was = judged["fields"].get(name.removeprefix("fields.")) if name.startswith("fields.") else judged[name]
    conn.execute(
        """insert into insight_corrections (tenant_id, conversation_id, field, judged, said, model, prompt_version, actor, reason)
           select %(tenant)s, %(conversation)s, %(field)s,
             coalesce((select k.judged from insight_corrections k where k.tenant_id = %(tenant)s
                         and k.conversation_id = %(conversation)s and k.field = %(field)s and %(corrected)s
                       order by k.id limit 1), %(was)s), %(said)s, %(model)s, %(prompt)s, %(by)s, %(reason)s""",
        {"tenant": tenant, "conversation": conversation, "field": name, "was": Jsonb(was), "said": Jsonb(said),
         "model": judged["model"], "prompt": judged["prompt_version"], "by": by, "reason": reason.strip()[:500],
         "corrected": name in judged["corrected"]},
    )  # fmt: skip


def _apply(conn: Conn, tenant: TenantId, conversation: int, said: Mapping[str, Any]) -> None:
    own = {name.removeprefix("fields."): value for name, value in said.items() if name.startswith("fields.")}
    columns = {name: value for name, value in said.items() if name in CORRECTABLE}
    gone = [name for name, value in own.items() if value is None]
    changes = "".join(f"{name} = %({name})s, " for name in columns)
    sql = f"""update insights set {changes} fields = (fields || %(own)s) - %(gone)s::text[],
                corrected = array(select distinct unnest(corrected || %(names)s::text[]) order by 1)
              where tenant_id = %(tenant)s and conversation_id = %(conversation)s"""
    conn.execute(
        sql.encode(),
        {
            **columns,
            "own": Jsonb(own),
            "gone": gone,
            "names": list(said),
            "tenant": tenant,
            "conversation": conversation,
        },
    )
    conn.execute("select forget_prepared_days(%s, %s)", [tenant, [conversation]])

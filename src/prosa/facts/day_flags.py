"""The yes-or-no facts of a conversation in prepared days: one bit of `flags` each, and the SQL condition that sets it."""

from prosa.facts import conditions

NEVER_ANSWERED, BOT_RESOLVED, REOPENED, ANALYSED, LEAD, VISITED, CONVERTED, AWAITING, OURS_LAST = (
    1 << bit for bit in range(9)
)

# Conditions on `f`, a row of the query that packs days (prepared.py). Stored days contain these bits, so a bit must keep its
# meaning: add new ones at the end.
CONDITIONS = {
    NEVER_ANSWERED: conditions.NEVER_ANSWERED,
    BOT_RESOLVED: conditions.BOT_RESOLVED,
    REOPENED: conditions.REOPENED,
    ANALYSED: "f.is_lead is not null",
    LEAD: "coalesce(f.is_lead, false)",
    VISITED: "f.visited",
    CONVERTED: "f.converted",
    AWAITING: f"coalesce({conditions.AWAITING_REPLY}, false)",
    OURS_LAST: f"coalesce({conditions.OURS_LAST}, false)",
}
PACKED_FLAGS = " + ".join(f"({condition})::integer * {bit}" for bit, condition in CONDITIONS.items())

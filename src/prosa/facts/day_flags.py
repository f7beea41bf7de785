"""The yes-or-no facts of a conversation in prepared days: one bit of `flags` each, and the SQL condition that sets it."""

NEVER_ANSWERED, BOT_RESOLVED, REOPENED, ANALYSED, LEAD, VISITED, CONVERTED, AWAITING, OURS_LAST = (
    1 << bit for bit in range(9)
)

# Conditions on `f`, a row of the query that packs days (prepared.py). Stored days contain these bits, so a bit must keep its
# meaning: add new ones at the end.
CONDITIONS = {
    NEVER_ANSWERED: "f.messages_contact > 0 and f.messages_agent = 0",
    BOT_RESOLVED: "f.closed and f.messages_agent = 0 and f.messages_bot > 0",
    REOPENED: "f.times_reopened > 0",
    ANALYSED: "f.is_lead is not null",
    LEAD: "coalesce(f.is_lead, false)",
    VISITED: "f.visited",
    CONVERTED: "f.converted",
    AWAITING: "coalesce(f.last_sender = 'contact' and not f.closed, false)",  # the contact wrote last
    OURS_LAST: "coalesce(f.last_sender in ('agent', 'bot') and f.messages_agent > 0, false)",  # a person has answered
}
PACKED_FLAGS = " + ".join(f"({condition})::integer * {bit}" for bit, condition in CONDITIONS.items())

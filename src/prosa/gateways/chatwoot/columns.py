"""The columns that are read of Chatwoot's tables, as SQL that every version of Chatwoot understands.

A query must yield exactly the staged types, since binary COPY converts nothing. Text whose form cannot be trusted (JSON of any
shape) travels as text, so that one bad row stops nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Known = Mapping[str, str]  # the columns that this Chatwoot has and we may read: name -> type

# The ids that fit into a source's id space (ID_SPACE in prosa.sources.model). A larger one would lie in another source's space;
# no Chatwoot has counted that far.
POSSIBLE = "between 1 and 99999999999"
INTEGERS = "between -2147483648 and 2147483647"  # what an integer holds, where a database was altered to hold more
EMPTY_SIZE = {"json": 3, "jsonb": 5}  # bytes that {} takes in a table
# Staged type -> the types whose every value converts to it. With any other type (somebody altered the table) each value is tried.
FIT = {
    "bigint": {"smallint", "integer", "bigint", "numeric"},
    "integer": {"smallint", "integer", "bigint", "numeric"},
    "boolean": {"boolean"},
    "timestamp": {"timestamp without time zone", "timestamp with time zone", "date"},
}
SOME_CAMPAIGN = r'"campaign_id"\s*:\s*("[^"]|[^"n[:space:]])'  # neither "" nor null
CHANNEL_TABLES = {
    "channel_whatsapp": "Channel::Whatsapp", "channel_twilio_sms": "Channel::TwilioSms", "channel_sms": "Channel::Sms",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A staged column. `computed` makes its expression if it is not simply a column of the table, which is `t`."""

    name: str
    type: str
    substitute: str | None = None  # for versions that lack the column; None: it must be there
    computed: Callable[[Known], str] | None = None

    def expression(self, known: Known) -> str:
        """The column as SQL. Raises KeyError if the table lacks it and it has no substitute."""
        if self.computed is not None:
            return self.computed(known)
        if self.name not in known:
            if self.substitute is None:
                raise KeyError(self.name)
            return self.substitute
        kind = known[self.name]
        if not self.fits(known):
            valid = f"pg_input_is_valid(t.{self.name}::text, '{self.type}')"
            value = f"t.{self.name}::text::{self.type}"
            limits = f" and {value} {POSSIBLE}" if self.type == "bigint" else ""
            return f"case when {valid} then case when true{limits} then {value} end end"
        if kind in ("bigint", "numeric") and self is not ID:  # of ids `queries.select` sees to it
            limits = POSSIBLE if self.type == "bigint" else INTEGERS
            return f"case when t.{self.name} {limits} then t.{self.name} end"
        if self.type == "timestamp" and kind == "timestamp with time zone":
            return f"t.{self.name} at time zone 'UTC'"
        return f"t.{self.name}"

    def fits(self, known: Known) -> bool:
        """Whether the table's column, if there is one, has a type whose values need not be tried one by one."""
        kind = known.get(self.name)
        return self.computed is not None or kind is None or kind in FIT.get(self.type, (kind,))


def text(name: str, computed: Callable[[Known], str] | None = None) -> Column:
    """A text that may be missing."""
    return Column(name, "text", "null", computed)


def _attributes(known: Known) -> str:
    """The attributes that matter or may be unreadable, as text; null for all others. Most rows have neither."""
    if "content_attributes" not in known:
        return "null"
    telling = " or ".join(f"t.content_attributes::text like '%{word}%'"
                          for word in ("automation_rule_id", "campaign_id", "external_echo", "deleted"))  # fmt: skip
    kind = known["content_attributes"]
    if kind not in EMPTY_SIZE:
        return (
            f"case when {telling} or t.content_attributes::text not in ('', '{{}}') then t.content_attributes::text end"
        )
    # The type vouches for objects, not for JSON inside a string.
    some = f"{_not_empty('content_attributes', kind)} and ({telling} or t.content_attributes::text like '\"%')"
    return f"case when {some} then t.content_attributes::text end"


def _campaign(known: Known) -> str:
    """Whether a campaign sent the message."""
    kind = known.get("additional_attributes")
    if kind is None:
        return "false"
    if kind == "jsonb":
        some = _not_empty("additional_attributes", kind)
        return f"coalesce({some} and t.additional_attributes ->> 'campaign_id' <> '', false)"
    # Other types do not vouch for what can be taken from them: a NUL escape in json would end the run.
    return f"coalesce(t.additional_attributes::text ~ '{SOME_CAMPAIGN}', false)"


def _not_empty(column: str, kind: str) -> str:
    """The condition that a value is not {}, as most are. Asking for a value's size is free; reading the value is not."""
    return f"pg_column_size(t.{column}) > {EMPTY_SIZE[kind]}"


def _of_channel(column: str) -> Column:
    """A text from the table of the inbox's channel. `known` has that table's columns as `table.column`."""

    def computed(known: Known) -> str:
        facts = [
            f"(select c.{column}::text from {table} c where c.id = t.channel_id and t.channel_type = '{channel}')"
            for table, channel in CHANNEL_TABLES.items()
            if {f"{table}.{column}", f"{table}.id"} <= known.keys()
        ]
        return f"coalesce({', '.join(facts)})" if len(facts) > 1 else next(iter(facts), "null")

    return text(column, computed)


def _labels(known: Known) -> str:
    """The conversation's labels with commas between: its own column, since December 2023, or before that its taggings."""
    if LABELS.name in known:
        return LABELS.expression(known)
    if not known.keys() >= TAGGED:
        return "null"
    return """(select string_agg(g.name, ',') from taggings l join tags g on g.id = l.tag_id
      where l.taggable_id = t.id and l.taggable_type = 'Conversation' and l.context = 'labels')"""


def _inboxes_of_contact(known: Known) -> str:
    """The inboxes in which the contact has conversations; null unless inboxes are chosen."""
    inboxes = "array(select distinct c.inbox_id from conversations c where c.contact_id = t.id)"
    return inboxes if "inboxes" in known else "null"


ACCOUNT = Column("account_id", "bigint")
ACCOUNT_OF_AGENT = Column("account_id", "bigint", computed=lambda known: "u.account_id")
ID = Column("id", "bigint")
CREATED = Column("created_at", "timestamp")
UPDATED = Column("updated_at", "timestamp")
LABELS = Column("cached_label_list", "text")
TAGGED = {
    "taggings.tag_id",
    "taggings.taggable_id",
    "taggings.taggable_type",
    "taggings.context",
    "tags.id",
    "tags.name",
}
LABELS_OF_CONVERSATION = text(LABELS.name, _labels)
MEDIUM_OF_CHANNEL = _of_channel("medium")
PHONE_OF_CHANNEL = _of_channel("phone_number")
INBOXES_OF_CONTACT = Column("inboxes", "bigint[]", computed=_inboxes_of_contact)
ATTRIBUTES = text("content_attributes", _attributes)
CAMPAIGN = Column("campaign", "boolean", computed=_campaign)

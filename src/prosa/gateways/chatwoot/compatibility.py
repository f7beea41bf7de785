"""Whether this Chatwoot can be read: what every version must have, and what a version may lack."""

from prosa.errors import Invalid
from prosa.gateways.chatwoot.reader import Reader
from prosa.gateways.chatwoot.streams import BY_CONVERSATION, CONTACTS, CONVERSATIONS, INBOXES, STREAMS, Stream

OPTIONAL_TABLES = {"teams", "labels", "csat_survey_responses", "reporting_events"}
# By which an incremental run finds what changed.
_FOLLOWED = {stream.name: ["updated_at", "xmin"] for stream in (CONTACTS, CONVERSATIONS, *BY_CONVERSATION)}
# By which rows are found, joined or held in the scope.
_COMPARED = {"id", "account_id", "inbox_id", "contact_id", "conversation_id", "created_at", "updated_at"}


def available(reader: Reader, stream: Stream) -> bool:
    """Whether this Chatwoot has the stream at all."""
    return stream.table not in OPTIONAL_TABLES or stream.table in reader.columns


def check(reader: Reader) -> None:
    """Raise Invalid if tables or columns that every Chatwoot has are missing, not readable, or of a type that stops a read."""
    missing = _missing(reader)
    if missing:
        raise Invalid(
            "Chatwoot's database cannot be read: " + ", ".join(missing) + " are missing or not readable by this login. "
            "If this is Chatwoot's database, its owner runs deploy/chatwoot-reader.sql there: the login prosa_reader may then "
            "read what is needed, and no secrets. Without that care: grant select on all tables in schema public to <login>;"
        )
    if unfit := _unfit(reader):
        raise Invalid(
            "Chatwoot's database cannot be read: " + ", ".join(unfit) + ". Somebody altered that; "
            "give it back its type there: alter table … alter … type … using …"
        )


def _unfit(reader: Reader) -> list[str]:
    """Columns whose wrong type stops a read: rows are found by them, or this server cannot try their values one by one."""
    tries = reader.conn.info.server_version >= 160000  # it has pg_input_is_valid
    columns = {(stream.table, column) for stream in STREAMS for column in stream.columns}
    return sorted(
        f"{table}.{column.name} is {reader.columns[table][column.name]} instead of {column.type}"
        for table, column in columns
        if not column.fits(reader.columns.get(table, {})) and (column.name in _COMPARED or not tries)
    )


def _missing(reader: Reader) -> list[str]:
    """Tables and columns that every version has and this login cannot read."""
    absent = []
    for stream in STREAMS:
        if not available(reader, stream):
            continue
        known = reader.columns.get(stream.table)
        if not known:
            absent.append(stream.table)
            continue
        needed = [c.name for c in stream.columns if c.substitute is None and c.computed is None]
        needed += _FOLLOWED.get(stream.name, []) + (["channel_id"] if stream is INBOXES else [])
        absent += [f"{stream.table}.{name}" for name in dict.fromkeys(needed) if name not in known]
    staff = reader.columns.get("account_users", {})
    absent += [f"account_users.{name}" for name in ("account_id", "user_id") if name not in staff]
    return absent

"""A CRM's list of sales or visits as CSV: each line is matched to a contact by phone or e-mail, and recorded once.

The first line names the columns, in Portuguese or English: telefone or phone, email, data or date, and optionally tipo or type
(visita, conversao), referencia or reference, valor or amount, moeda or currency, observacao or note. The separator may be a
comma, a semicolon or a tab. A line that cannot be matched is reported with its number; the others are kept.
"""

import csv
import io
import re
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from zoneinfo import ZoneInfo

from prosa.db import Conn, TenantId
from prosa.errors import Invalid, ProsaError
from prosa.facts import conversions
from prosa.facts.conversions import Stated
from prosa.facts.outcomes import Origin, OutcomeKind

MOST_LINES = 50_000
MOST_BYTES = 20_000_000
FIRST_YEAR = 2000  # a year with two digits missing is a typing error: nobody sold anything in the year 26
COLUMNS = {
    "phone": ("phone", "telefone", "celular", "whatsapp", "fone"), "email": ("email", "e-mail"),
    "date": ("date", "data", "data da venda", "data da conversao"), "kind": ("kind", "type", "tipo"),
    "reference": ("reference", "referencia", "id", "pedido", "codigo"), "amount": ("amount", "valor", "value", "total"),
    "currency": ("currency", "moeda"), "note": ("note", "observacao", "obs", "nota"),
}  # fmt: skip
KINDS = {"": OutcomeKind.CONVERSION, "visit": OutcomeKind.VISIT, "visita": OutcomeKind.VISIT,
         **dict.fromkeys(("conversion", "conversao", "venda", "sale"), OutcomeKind.CONVERSION)}  # fmt: skip
THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3})+)")
DATES = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%y")


@dataclass(frozen=True)
class Unmatched:
    """A line that could not be recorded, with its number in the file (the header is 1), and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Report:
    """What an import did: outcomes recorded, lines that repeat earlier ones, and lines that could not be matched."""

    recorded: int = 0
    repeated: int = 0
    unmatched: list[Unmatched] = field(default_factory=list)


def import_csv(
    conn: Conn, tenant: TenantId, content: bytes, *, zone: ZoneInfo, actor: str, now: datetime, currency: str = "BRL"
) -> Report:
    """Record the outcomes in the list, once however often it is imported. Raises Invalid if the file is no such list.

    A line's reference identifies it. Without references, two equal lines of a file are two sales, and the same two when the
    file is imported again. A date without a time means the end of that day, in `zone`.
    """
    seen: Counter[str] = Counter()
    recorded = repeated = 0
    unmatched = []
    for number, row in list(_rows(content)):  # the whole file is looked at before anything is stated
        text = "\x1f".join(row.get(name, "") for name in COLUMNS)
        seen[text] += 1
        try:
            with conn.transaction():
                stated = _stated(row, f"{text}\x1f{seen[text]}", zone=zone, now=now, currency=currency)
                conversation = _find(conn, tenant, row, stated.at)
                found = conversions.record(conn, tenant, conversation, stated, origin=Origin.CSV, actor=actor, now=now)
        except ProsaError as error:
            unmatched.append(Unmatched(number, str(error)))
        else:
            recorded, repeated = recorded + found.is_new, repeated + (not found.is_new)
    return Report(recorded, repeated, unmatched)


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line under our names for the columns, with its number."""
    if len(content) > MOST_BYTES:
        raise Invalid(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    text = _decode(content)
    header = text.split("\n", 1)[0]
    separator = max(";,\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        first = next(reader, [])
        if first and first[0].lower().startswith("sep="):  # Excel's own word about the separator
            first = next(reader, [])
        names = [_name(cell) for cell in first]
        if not {"phone", "email"} & set(names) or "date" not in names:
            raise Invalid("The first line must name the columns: telefone or email, and data.")
        for count, cells in enumerate(reader, 1):
            if count > MOST_LINES:
                raise Invalid(f"The file has more than {MOST_LINES} lines: import it in parts.")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _row(names, cells)
    except csv.Error as error:
        raise Invalid(f"Line {reader.line_num} is no CSV: {error}.") from None


def _row(names: list[str], cells: list[str]) -> dict[str, str]:
    """The cells under our names. If two columns mean the same, such as telefone and celular, the first filled one counts."""
    row: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=False):
        if name and not row.get(name):
            row[name] = cell.strip()
    return row


def _decode(content: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark, or what Excel writes in Brazil: cp1252, or UTF-16 as "Unicode text".

    The character NUL, which PostgreSQL cannot hold, is left out. Raises Invalid for a workbook.
    """
    if content.startswith(b"PK\x03\x04"):
        raise Invalid("This is an Excel workbook: save it as CSV.")
    try:
        text = content.decode("utf-16" if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return text.replace("\0", "")


def _name(cell: str) -> str:
    said = _plain(cell)
    return next((name for name, words in COLUMNS.items() if said in words), "")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.strip().lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _stated(row: Mapping[str, str], line: str, *, zone: ZoneInfo, now: datetime, currency: str) -> Stated:
    kind = KINDS.get(_plain(row.get("kind", "")))
    if kind is None:
        raise Invalid(f"The type '{row['kind'][:40]}' is neither a visit nor a conversion.")
    amount = money(row.get("amount", ""))
    reference = row.get("reference") or sha256(line.encode()).hexdigest()[:32]
    return Stated(kind, _at(row.get("date", ""), zone, now), row.get("note", "")[:1000], reference[:200], amount,
                  (row.get("currency", "").upper() or currency)[:3] if amount is not None else None)  # fmt: skip


def _at(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    found = _moment(text)
    if found is None:
        raise Invalid(f"The date '{text[:40]}' is neither 31/12/2026 nor 2026-12-31.")
    if not FIRST_YEAR <= found.year <= now.year + 1:
        raise Invalid(f"The date '{text[:40]}' is of another time.")
    if isinstance(found, datetime):  # in UTC: PostgreSQL refuses offsets of 16 hours and more, which Python knows
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    end_of_day = datetime.combine(found, time(23, 59, 59), zone)
    return now if found == now.astimezone(zone).date() else end_of_day


def _moment(text: str) -> datetime | date | None:
    for form in DATES:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007  (the zone is the tenant's)
        except ValueError:
            continue
        return found if "%H" in form else found.date()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def money(text: str) -> Decimal | None:
    """The amount in R$ 1.234,56 or 1234.56, which are equal: the last of the two signs is the decimal one.

    Money never has three decimals, so R$ 1.500 is one thousand five hundred.
    """
    bare = text.upper().replace("R$", "").replace(" ", "").replace("\u00a0", "")
    if not bare:
        return None
    if THOUSANDS.fullmatch(bare):
        bare = re.sub("[.,]", "", bare)
    brazilian = bare.rfind(",") > bare.rfind(".")
    plain = bare.replace(".", "").replace(",", ".") if brazilian else bare.replace(",", "")
    try:
        amount = Decimal(plain).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        raise Invalid(f"The amount '{text[:40]}' is no number.")
    return amount


def _find(conn: Conn, tenant: TenantId, row: Mapping[str, str], at: datetime) -> int:
    """The contact's conversation by phone, or else by e-mail."""
    phone, email = row.get("phone") or None, row.get("email") or None
    found = conversions.find_conversation(conn, tenant, phone=phone, at=at) if phone else None
    if found is None and email:
        found = conversions.find_conversation(conn, tenant, email=email, at=at)
    if found is None:
        raise Invalid("No conversation with this phone or e-mail.")
    return found

"""The customers, new and returning, with the oddities of Brazilian phone numbers and of merges."""

from dataclasses import dataclass, field
from random import Random

from prosa.demo.cast import API, EMAIL, FACEBOOK, INSTAGRAM, TWILIO, WEB, WHATSAPP, Company, Inbox
from prosa.demo.dialect import without_accents
from prosa.demo.names import AREA_CODES, FIRST, LAST, MAIL_HOSTS, NICKNAMES
from prosa.demo.rhythm import DAY, stamp
from prosa.demo.rows import NULL, Writer, json_text, text

REMEMBERED = 600
"""Customers per inbox who may come back; older ones are written and forgotten, so that memory stays flat."""

COMES_BACK, NINTH_DIGIT_MISSING, SECOND_NUMBER_FORM, MERGED = 0.2, 0.18, 0.03, 0.03


@dataclass(slots=True)
class Contact:
    """A customer, until the row is written."""

    id: int
    account_id: int
    created: float
    last_seen: float
    name: str
    home_inbox_id: int
    first_name: str
    """Empty where the name is none: a nickname, a phone number."""
    email: str | None = None
    phone: str | None = None
    identifier: str | None = None
    links: dict[int, int] = field(default_factory=dict)
    """Inbox id to the id of the row in `contact_inboxes`."""
    merged_id: int | None = None
    """The id of a second contact that was merged into this one and no longer exists."""
    doubled: bool = False


class People:
    """Hands out the customer of each conversation, and writes customers when they are forgotten."""

    def __init__(self, writer: Writer, rng: Random) -> None:
        self._writer, self._rng = writer, rng
        self._known: dict[int, list[Contact]] = {}
        self._phones = 0

    def someone(self, company: Company, inbox: Inbox, at: float) -> Contact:
        """Who writes to `inbox` at this moment: now and then a known customer, otherwise a new one."""
        rng, known = self._rng, self._known.setdefault(inbox.id, [])
        if known and rng.random() < COMES_BACK:
            contact = known[int(rng.random() * len(known))]
            if contact.last_seen < at - DAY:
                return contact
        merged = self._merged(company, inbox, at)
        if merged:
            return merged
        contact = self._new(company, inbox, at)
        if len(known) < REMEMBERED:
            known.append(contact)
        else:
            place = int(rng.random() * REMEMBERED)
            self._write(known[place])
            known[place] = contact
        return contact

    def write_all(self) -> None:
        """Write everybody who is still remembered."""
        for known in self._known.values():
            for contact in known:
                self._write(contact)
        self._known.clear()

    def _merged(self, company: Company, inbox: Inbox, at: float) -> Contact | None:
        """Somebody known from another inbox, whose second contact was merged away: that id is gone."""
        others = [i.id for i in company.inboxes if i.id != inbox.id and self._known.get(i.id)]
        if not others or self._rng.random() >= MERGED:
            return None
        contact = self._rng.choice(self._known[self._rng.choice(others)])
        if contact.merged_id or contact.last_seen > at - DAY:
            return None
        contact.merged_id = self._writer.next_id("contacts")
        self._make_reachable(contact, company, inbox)
        self._link(contact, inbox, at)
        return contact

    def _new(self, company: Company, inbox: Inbox, at: float) -> Contact:
        rng = self._rng
        first, last = rng.choice(FIRST), rng.choice(LAST)
        contact_id = self._writer.next_id("contacts")
        contact = Contact(contact_id, company.account.account_id, at, at, f"{first} {last}", inbox.id, first)
        self._make_reachable(contact, company, inbox)
        oddity = rng.random()
        if oddity < 0.06:
            contact.name, contact.first_name = rng.choice(NICKNAMES), ""
        elif oddity < 0.11 and contact.phone:
            contact.name, contact.first_name = contact.phone, ""
        elif oddity < 0.22:
            contact.name = first
        elif oddity < 0.40:
            contact.name = f"{first} {rng.choice(LAST)} {last}"
        self._link(contact, inbox, at)
        return contact

    def _make_reachable(self, contact: Contact, company: Company, inbox: Inbox) -> None:
        """Give the contact what this channel identifies people by."""
        rng, kind = self._rng, inbox.channel_type
        if kind in (WHATSAPP, TWILIO) or (kind == API and rng.random() < 0.5):
            contact.phone = contact.phone or self._phone(company, inbox)
        elif kind == EMAIL or (kind == WEB and rng.random() < 0.6):
            handle = without_accents(contact.name.replace(" ", ".")).lower()
            handle = "".join(c for c in handle if c.isascii() and (c.isalnum() or c == ".")) or "contato"
            contact.email = contact.email or f"{handle}{contact.id}@{rng.choice(MAIL_HOSTS)}"
        if kind == API:
            contact.identifier = contact.identifier or f"cliente-{contact.id:07d}"

    def _phone(self, company: Company, inbox: Inbox) -> str:
        """A mobile number, unique by construction; some lack the ninth digit, as WhatsApp often reports them.

        Now and then it is a known customer's number in its other form: one person, two contacts.
        """
        rng, known = self._rng, self._known.get(inbox.id)
        if known and rng.random() < SECOND_NUMBER_FORM:
            other = known[int(rng.random() * len(known))]
            if other.phone and len(other.phone) == len("+551187654321") and not other.doubled:
                other.doubled = True
                return f"{other.phone[:5]}9{other.phone[5:]}"
        self._phones += 1
        local = 60_000_000 + self._phones * 7_368_787 % 40_000_000
        ninth = "" if rng.random() < NINTH_DIGIT_MISSING else "9"
        return f"+55{rng.choice(AREA_CODES[company.account.segment])}{ninth}{local}"

    def _link(self, contact: Contact, inbox: Inbox, at: float) -> None:
        """The row that ties a contact to an inbox, under the id by which the channel knows it."""
        number = contact.links[inbox.id] = self._writer.next_id("contact_inboxes")
        source = {
            WHATSAPP: (contact.phone or "").removeprefix("+"),
            TWILIO: f"whatsapp:{contact.phone}",
            INSTAGRAM: str(1_780_000_000_000_000 + number * 7919),
            FACEBOOK: str(6_400_000_000_000_000 + number * 7907),
            EMAIL: contact.email or "",
        }.get(inbox.channel_type) or f"{self._rng.getrandbits(128):032x}"
        token = f"{self._rng.getrandbits(96):024x}"
        rest = f"{contact.id}\t{inbox.id}\t{source}\t{token}\t{stamp(at)}\t{stamp(at)}"
        self._writer.add("contact_inboxes", number, rest)

    def _write(self, contact: Contact) -> None:
        additional: dict[str, object] = {}
        if not (contact.phone or contact.email or contact.identifier):
            additional = {"social_profiles": {"instagram": f"perfil{contact.id}"}}
        fields = (
            str(contact.account_id),
            text(contact.name),
            contact.email or NULL,
            contact.phone or NULL,
            contact.identifier or NULL,
            "1" if contact.phone or contact.email else "0",
            json_text(additional),
            "{}",
            "BR" if contact.phone else "",
            "f",
            stamp(contact.last_seen),
            stamp(contact.created),
            stamp(contact.last_seen),
        )
        self._writer.add("contacts", contact.id, "\t".join(fields))

"""Rules of docs/metrics.md as conditions on `conversation_facts f`. Each is written here once, for every query that counts it."""

NEVER_ANSWERED = "f.messages_contact > 0 and f.messages_agent = 0"
BOT_RESOLVED = "f.closed and f.messages_agent = 0 and f.messages_bot > 0"
REOPENED = "f.times_reopened > 0"
AWAITING_REPLY = "f.last_sender = 'contact' and not f.closed"
OURS_LAST = "f.last_sender in ('agent', 'bot') and f.messages_agent > 0"  # a person has answered, and we wrote last

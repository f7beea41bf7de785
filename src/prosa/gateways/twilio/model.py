"""A Twilio account as the gateway needs it."""

from dataclasses import dataclass, field

from prosa.errors import Invalid, Unavailable

CONSOLE = "console://"  # as TWILIO_API_BASE_URL


@dataclass(frozen=True)
class Account:
    """Credentials of an account or subaccount. `base_url` stands for https://api.twilio.com: an emulator or an edge."""

    sid: str
    token: str = field(repr=False)
    messaging_service_sid: str | None = None
    base_url: str | None = None

    @property
    def is_console(self) -> bool:
        """Whether messages are only printed: nothing leaves this machine, and nobody can be asked anything."""
        return self.base_url == CONSOLE


@dataclass(frozen=True)
class AccountFound:
    """What Twilio says about an account. `token` is the account's own, `parent_sid` None for a main account."""

    sid: str
    name: str
    token: str = field(repr=False)
    parent_sid: str | None


class BadCredentials(Invalid):
    """Twilio does not know this SID with this token."""


class TwilioUnreachable(Unavailable):
    """Twilio did not answer."""

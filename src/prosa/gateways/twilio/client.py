"""Twilio's REST API through its official client."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from prosa.errors import Invalid
from prosa.gateways.twilio.model import Account, AccountFound, BadCredentials, TwilioUnreachable

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT_SECONDS = 15


class TooManyRequests(Exception):
    """Twilio turned the call away: it has not done what was asked. A later try may work."""

    def __init__(self, retry_after: str) -> None:
        super().__init__("Twilio has had too many requests.")
        self.retry_after_seconds = float(retry_after) if retry_after.isdecimal() else None


def client(account: Account) -> "Client":
    """Twilio's client for this account, at its base_url where it has one."""
    from twilio.http.http_client import TwilioHttpClient  # noqa: PLC0415  (slow to import; most processes never call)
    from twilio.rest import Client  # noqa: PLC0415

    class Elsewhere(TwilioHttpClient):  # type: ignore[misc]  # twilio publishes no types
        """Sends what is meant for Twilio's hosts to the account's base_url."""

        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            answer = super().request(method, moved(url, account.base_url), *args, **kwargs)
            if answer.status_code == 429:  # the client's own error would not have the headers
                raise TooManyRequests(answer.headers.get("Retry-After", ""))
            return answer

    return Client(account.sid, account.token, http_client=Elsewhere(timeout=TIMEOUT_SECONDS))


def moved(url: str, base_url: str | None) -> str:
    """The same path and query at `base_url`."""
    if base_url is None:
        return url
    base = urlsplit(base_url)
    return urlunsplit(urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc))


def fetch_account(account: Account, *, subaccount: str | None = None) -> AccountFound:
    """The account behind the credentials, or a subaccount of it with its own token.

    Raises BadCredentials, Invalid where there is no such subaccount, or the account is not active, TwilioUnreachable.
    """
    import requests  # noqa: PLC0415
    from twilio.base.exceptions import TwilioRestException  # noqa: PLC0415

    if account.is_console:
        raise TwilioUnreachable("Nothing is sent to Twilio here, so nobody can check the credentials: use --no-check.")
    sid = subaccount or account.sid
    try:
        found = client(account).api.v2010.accounts(sid).fetch()
    except TwilioRestException as error:
        if error.status in (401, 403):
            raise BadCredentials("Twilio does not accept this account SID with this auth token.") from None
        if error.status == 404:
            raise Invalid(f"Twilio knows no account {sid} that these credentials may see.") from None
        raise TwilioUnreachable(f"Twilio answered {error.status}: {error.msg}") from None
    except TooManyRequests:
        raise TwilioUnreachable("Twilio has had too many requests. Try again in a minute.") from None
    except requests.RequestException as error:
        raise TwilioUnreachable(f"Twilio does not answer: {type(error).__name__}.") from None
    if found.status != "active":
        raise Invalid(f"The Twilio account {sid} is {found.status}, not active.")
    parent = found.owner_account_sid if found.owner_account_sid != found.sid else None
    token = found.auth_token if subaccount else account.token
    return AccountFound(sid, found.friendly_name or "", token or account.token, parent)

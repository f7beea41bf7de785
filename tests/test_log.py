"""The log keeps no secrets."""

from prosa.log import hide_secrets


def test_secrets_and_bodies_are_left_out() -> None:
    secret = {"password": "p", "api_key": "k", "Authorization": "Bearer t", "body": "olá", "chatwoot_dsn": "d"}
    cleaned = hide_secrets(None, "info", {"event": "x", "n": 3, **secret})
    assert cleaned == {"event": "x", "n": 3, **dict.fromkeys(secret, "[hidden]")}


def test_a_phone_number_keeps_its_country_and_last_four_digits() -> None:
    event = hide_secrets(None, "info", {"event": "to whatsapp:+5511987654321", "more": {"to": ["+551140028922"]}})
    assert event == {"event": "to whatsapp:+55…4321", "more": {"to": ["+55…8922"]}}


def test_a_connection_string_loses_its_password() -> None:
    event = hide_secrets(None, "error", {"event": "postgresql://reader:hunter2@db.example:5432/chatwoot failed"})
    assert event["event"] == "postgresql://reader:[hidden]@db.example:5432/chatwoot failed"

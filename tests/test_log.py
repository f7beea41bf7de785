"""The log keeps no secrets."""

from prosa.log import hide_secrets


def test_secrets_and_bodies_are_left_out() -> None:
    event = {"event": "x", "password": "p", "api_key": "k", "Authorization": "Bearer t", "body": "olá", "n": 3}
    assert hide_secrets(None, "info", dict(event)) == {
        "event": "x", "password": "[hidden]", "api_key": "[hidden]", "Authorization": "[hidden]", "body": "[hidden]", "n": 3,
    }  # fmt: skip


def test_a_phone_number_keeps_its_country_and_last_four_digits() -> None:
    event = hide_secrets(None, "info", {"event": "to whatsapp:+5511987654321", "more": {"to": ["+551140028922"]}})
    assert event == {"event": "to whatsapp:+55…4321", "more": {"to": ["+55…8922"]}}


def test_a_connection_string_loses_its_password() -> None:
    event = hide_secrets(None, "error", {"event": "postgresql://reader:hunter2@db.example:5432/chatwoot failed"})
    assert event["event"] == "postgresql://reader:[hidden]@db.example:5432/chatwoot failed"

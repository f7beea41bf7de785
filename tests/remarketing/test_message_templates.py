"""What a template is filled with."""

import pytest

from prosa.remarketing.message_templates import first_name


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("Ana Souza", "Ana"), ("✨Duda✨", "Duda"), ("D'Ávila Moraes", "D'Ávila"), ("Ana-Lia 🌻", "Ana-Lia"),
        ("+5592996065398", ""), ("+", ""), ("🌻", ""), ("", ""), ("M.", ""),
    ],
)  # fmt: skip
def test_nobody_is_addressed_by_a_number_or_a_sign(profile: str, name: str) -> None:
    assert first_name(profile) == name

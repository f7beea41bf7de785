from random import Random

import pytest

from prosa.demo.cast import COMPANIES, EMAIL
from prosa.demo.grammar import AGENT_NAME, CONTACT_NAME, GREETING
from prosa.demo.library import Library, cast


def test_a_customer_without_a_name_is_not_addressed() -> None:
    assert cast(f"Oi, {CONTACT_NAME}! Sou {AGENT_NAME}.", "", "Ana", 9) == "Oi! Sou Ana."
    assert cast(f"Oi, {CONTACT_NAME}!", "Bia", "Ana", 9) == "Oi, Bia!"


@pytest.mark.parametrize(("hour", "greeting"), [(8, "Bom dia"), (12, "Boa tarde"), (19, "Boa noite"), (1, "Boa noite")])
def test_people_greet_by_the_hour(hour: int, greeting: str) -> None:
    assert cast(GREETING, "", "", hour) == greeting


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.account.segment)
def test_thirty_conversations_in_a_row_are_thirty_different_ones(company) -> None:
    library = Library(company.account.segment, Random(5))
    told = [library.dialogue(company.inboxes[0]).turns for _ in range(30)]
    long = [tuple(turn.text for turn in turns) for turns in told if len(turns) > 2]
    assert len(set(long)) == len(long)


def test_e_mail_has_conversations_of_its_own() -> None:
    for company in COMPANIES:
        library = Library(company.account.segment, Random(5))
        for inbox in company.inboxes:
            only = {library.dialogue(inbox).scenario.only for _ in range(60)}
            assert only == ({"email"} if inbox.channel_type == EMAIL else {None, "bot"} if inbox.bot else {None})

"""Who may see what: tenants that share a Chatwoot database, or an account of it, see their own part only."""

from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl

from prosa.sources.model import Mode


def names(etl: Etl, tenant: int) -> set[str]:
    return {row["name"] for row in etl.rows(tenant)["contacts"]}


def test_inboxes_of_one_account_stay_apart(etl: Etl, chatwoot: FakeChatwoot) -> None:
    """Contacts, conversations, messages and what is put aside: nothing of the other's, in every mode."""
    account = chatwoot.account()
    sales, support = chatwoot.inbox(account, "Vendas"), chatwoot.inbox(account, "Suporte")
    one, two = etl.connect(chatwoot, account, inboxes=[sales]), etl.connect(chatwoot, account, inboxes=[support])
    whole = etl.connect(chatwoot, account)

    def talk(inbox: int, name: str) -> int:
        conversation = chatwoot.conversation(inbox, chatwoot.contact(account, name))
        chatwoot.message(conversation, text=name)
        chatwoot.message(conversation, text=f"{name}, unreadable", message_type=9)
        chatwoot.conversation(inbox, chatwoot.contact(account, f"{name}'s friend"), status=9)
        return conversation

    talk(sales, "Ana")
    talk(support, "Bia")
    chatwoot.contact(account, "nobody's")
    for expected, mode in (
        ({"Ana"}, Mode.INCREMENTAL), ({"Ana", "Ana again"}, Mode.INCREMENTAL),
        ({"Ana", "Ana again", "Ana full"}, Mode.FULL), ({"Ana", "Ana again", "Ana full", "Ana last"}, Mode.RECONCILE),
    ):  # fmt: skip
        etl.run(mode=mode)
        for tenant, mine in ((one, expected), (two, {n.replace("Ana", "Bia") for n in expected})):
            assert {row["body"] for row in etl.rows(tenant)["messages"]} == mine
            assert names(etl, tenant) == mine | {f"{n}'s friend" for n in mine}
            aside = etl.select(tenant, "select source_row ->> 'content' from etl_rejects where stream = 'messages'")
            assert {text for (text,) in aside} == {f"{n}, unreadable" for n in mine}
        assert len(names(etl, whole)) == 4 * len(expected) + 1
        following = {1: "again", 2: "full", 3: "last"}.get(len(expected), "")
        for inbox, name in ((sales, "Ana"), (support, "Bia")):
            if following:
                talk(inbox, f"{name} {following}")

"""Incremental equals full: after any changes, what a tenant has is what a fresh load gives, row by row."""

from collections.abc import Sequence
from functools import partial
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences
from tests.sources.world import VERBS, World

from prosa.db.connection import TenantId
from prosa.facts.refresh import refresh
from prosa.sources import connect as connecting
from prosa.sources import follow
from prosa.sources.model import Mode

Change = tuple[str, int, int]

number = st.integers(0, 30)
change = st.tuples(st.sampled_from([*VERBS, "write", "write", "run", "run", "run"]), number, number)
changes = st.lists(change, min_size=24, max_size=36)
# A failure prints the sequence and a blob that repeats it. It is not shrunk: each try costs a second.
several = partial(
    settings, deadline=None, print_blob=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
@several(max_examples=10)
@given(changes, st.booleans())
def test_what_changed_is_found_by_an_incremental_run(
    etl: Etl, chatwoot: FakeChatwoot, changes: Sequence[Change], touches: bool
) -> None:
    """All but hard deletions and edits of messages older than a day in conversations that did not change."""
    _compare(etl, chatwoot, changes, touches, unseen=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
@several(max_examples=10)
@given(changes, st.booleans())
def test_what_no_timestamp_shows_is_found_by_a_reconciliation(
    etl: Etl, chatwoot: FakeChatwoot, changes: Sequence[Change], touches: bool
) -> None:
    _compare(etl, chatwoot, changes, touches, unseen=True)


@several(max_examples=4)
@given(changes, st.booleans(), st.booleans())
def test_incremental_equals_full(
    etl: Etl, chatwoot: FakeChatwoot, changes: Sequence[Change], touches: bool, unseen: bool
) -> None:
    """A few of the same, for every day: the quick tests have these alone."""
    _compare(etl, chatwoot, changes, touches, unseen)


def _compare(etl: Etl, chatwoot: FakeChatwoot, changes: Sequence[Change], touches: bool, unseen: bool) -> None:
    """Three tenants share the account: one has it all, two have an inbox each."""
    chatwoot.touches_conversation = touches
    world = World(chatwoot, unseen)
    tenants = _connect(etl, world)
    for verb, a, b in changes:
        if verb == "run":
            with patch.object(follow, "MUCH", 1 if a % 2 else follow.MUCH):  # half of the runs in two lanes
                etl.run()
            world.read()
        else:
            world.happen(verb, a, b)
    world.finish()
    etl.run(mode=Mode.RECONCILE if unseen else Mode.INCREMENTAL)
    with etl.db.operator() as conn:
        conn.execute("update sources set enabled = false")
    fresh = _connect(etl, world)
    etl.run()
    for followed, loaded in zip(tenants, fresh, strict=True):
        assert differences(etl.rows(followed), etl.rows(loaded)) == []
    with etl.db.operator() as conn:
        conn.execute("update sources set enabled = false")


def _connect(etl: Etl, world: World) -> list[TenantId]:
    """The first two inboxes are chosen by a tenant each; the third agent is a program."""
    tenants = [etl.connect(world.chatwoot, world.account, inboxes=inboxes)
               for inboxes in ([], world.inboxes[:1], world.inboxes[1:2])]  # fmt: skip
    for tenant in tenants:
        with etl.db.tenant(tenant) as conn:
            connecting.mark_bots(conn, tenant, 1, [world.agents[2]], refresh=refresh)
    return tenants

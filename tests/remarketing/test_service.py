"""Drafts: what is approved is what was read, and only the table's steps are taken."""

from datetime import timedelta

import pytest
from tests.remarketing.conftest import NOW, Company

from prosa.errors import Invalid
from prosa.remarketing.model import MAY_BECOME, DraftState, IllegalStep, NoSuchDraft, StaleDraft
from prosa.remarketing.whatsapp_templates import BadVariables

S = DraftState


def test_a_draft_goes_from_its_wording_to_the_schedule(company: Company) -> None:
    draft = company.write(company.hears())
    assert (draft.state, draft.via, draft.contact_key) == (S.DRAFTED, "twilio", "+5511987654321")
    [approved] = company.approve(draft).drafts
    assert (approved.state, approved.approved_by, approved.approved_at) == (S.APPROVED, "user:1", NOW)
    [scheduled] = company.schedule(approved, at=NOW + timedelta(hours=1)).drafts
    assert (scheduled.state, scheduled.due_at) == (S.SCHEDULED, NOW + timedelta(hours=1))
    assert company.log(draft.id) == [S.DRAFTED, S.APPROVED, S.SCHEDULED]


def test_an_edit_takes_the_approval_back(company: Company) -> None:
    scheduled = company.scheduled(company.hears())
    edited = company.edit(scheduled, body="Outra coisa")
    assert (edited.state, edited.body, edited.approved_by, edited.due_at) == (S.DRAFTED, "Outra coisa", None, None)


def test_nobody_approves_a_text_that_he_has_not_read(company: Company) -> None:
    seen = company.write(company.hears())
    company.edit(seen, body="Mudou enquanto você lia")
    done = company.approve(seen)
    assert (done.drafts, done.refused) == ([], [seen.id])
    with pytest.raises(StaleDraft):
        company.edit(seen, body="E eu mudo também")


def test_many_at_once_says_which_it_could_not_move(company: Company) -> None:
    first, second, third = (company.write(company.hears(f"+55119876543{n}0")) for n in range(3))
    company.reject(second)
    done = company.approve(first, second, third)
    assert [draft.id for draft in done.drafts] == [first.id, third.id]
    assert done.refused == [second.id]


def test_unscheduled_drafts_stay_approved(company: Company) -> None:
    [draft] = company.unschedule(company.scheduled(company.hears())).drafts
    assert (draft.state, draft.due_at) == (S.APPROVED, None)


def test_an_approval_is_taken_back_and_on_record(company: Company) -> None:
    approved, scheduled = company.write(company.hears()), company.scheduled(company.hears("+5511987654310"))
    company.approve(approved)
    for draft in company.take_back(approved, scheduled).drafts:
        assert (draft.state, draft.approved_by, draft.approved_at, draft.due_at) == (S.DRAFTED, None, None, None)
        assert company.log(draft.id)[-1] is S.DRAFTED
    with company.db.tenant(company.tenant) as conn:
        acts = conn.execute("select object from audit_log where action = 'draft.take_back' order by id").fetchall()
    assert [object for (object,) in acts] == [f"draft:{approved.id}", f"draft:{scheduled.id}"]
    assert company.schedule(approved).refused == [approved.id], "it must be approved anew"


def test_approving_twice_does_not_take_a_draft_off_the_schedule(company: Company) -> None:
    """Scheduled may become approved again, but only because somebody unscheduled it."""
    scheduled = company.scheduled(company.hears())
    assert company.approve(scheduled).refused == [scheduled.id]
    assert company.draft(scheduled.id).state is S.SCHEDULED


def test_what_is_rejected_is_never_edited_or_scheduled(company: Company) -> None:
    [rejected] = company.reject(company.write(company.hears())).drafts
    with pytest.raises(IllegalStep):
        company.edit(rejected, body="De novo")
    assert company.schedule(rejected).refused == [rejected.id]


@pytest.mark.parametrize("body", ["", "   ", "x" * 1601, "nul\0"])
def test_a_text_that_cannot_be_sent_is_refused(company: Company, body: str) -> None:
    with pytest.raises(Invalid):
        company.write(company.hears(), body)


def test_a_template_reads_with_its_variables_filled_in(company: Company) -> None:
    template = company.template()
    draft = company.write(company.hears(), whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar\n já"})
    assert (draft.body, draft.variables) == ("Oi Ana! Ainda quer nadar já?", {"1": "Ana", "2": "nadar já"})
    edited = company.edit(draft, variables={"1": "Bia", "2": "correr"})
    assert edited.body == "Oi Bia! Ainda quer correr?"
    with pytest.raises(Invalid):
        company.edit(edited, body="Um texto meu")


@pytest.mark.parametrize("variables", [{"1": "Ana"}, {"1": "Ana", "2": " "}, {"1": "Ana", "2": "x", "3": "y"},
                                       {"1": "Ana", "2": "x" * 1000}])  # fmt: skip
def test_variables_that_whatsapp_would_refuse_are_refused_here(company: Company, variables: dict[str, str]) -> None:
    """Missing, empty, one too many; text and variables of more than 1,024 characters (Twilio's error 63021)."""
    template = company.template()
    with pytest.raises(BadVariables):
        company.write(company.hears(), whatsapp_template_id=template.id, variables=variables)


def test_a_draft_is_scheduled_for_the_next_opening(company: Company) -> None:
    """20:30 on the eve of a holiday that falls on a Friday: Saturday at nine."""
    company.rules(hours={"opens": "09:00", "closes": "20:00", "weekdays": [1, 2, 3, 4, 5, 6]})
    late = NOW.replace(month=4, day=2, hour=23, minute=30)  # 2026-04-03 is Good Friday
    draft = company.write(company.hears(at=late), now=late)
    company.approve(draft, now=late)
    [scheduled] = company.schedule(draft, now=late).drafts
    assert scheduled.due_at == late.replace(day=4, hour=12, minute=0)


def test_another_tenants_draft_does_not_exist(company: Company, make_tenant) -> None:
    draft = company.write(company.hears())
    stranger = Company(company.db, make_tenant())
    assert stranger.approve(draft).refused == [draft.id]
    with pytest.raises(NoSuchDraft):
        stranger.edit(draft, body="Meu")
    assert company.draft(draft.id).state is S.DRAFTED


def test_every_state_is_reached_and_the_ends_are_ends() -> None:
    reached = {after for targets in MAY_BECOME.values() for after in targets}
    assert reached == set(DraftState)
    assert {state for state in DraftState if not MAY_BECOME[state]} == {
        S.REJECTED, S.SUPPRESSED, S.FAILED}  # fmt: skip

"""The cache: a tenant never gets another tenant's answer."""

import pytest
from tests.dashboards.conftest import principal

from prosa.dashboards.cache import tenant_cache
from prosa.tenancy.model import Principal, UserRole


def test_tenants_and_roles_do_not_share_answers() -> None:
    calls: list[tuple[int, str]] = []

    @tenant_cache()
    def answer(me: Principal, days: int) -> str:
        calls.append((me.tenant_id, me.role))
        return f"{me.tenant_id} {me.role} {days}"

    people = [principal(1), principal(2), principal(1, UserRole.ADMIN), principal(1)]
    assert [answer(me, 7) for me in people] == ["1 client 7", "2 client 7", "1 admin 7", "1 client 7"]
    assert len(calls) == 3  # the fourth came from the cache


def test_arguments_are_part_of_the_key() -> None:
    @tenant_cache()
    def double(me: Principal, n: int, *, plus: int = 0) -> int:
        return 2 * n + plus

    assert [double(principal(1), 1), double(principal(1), 2), double(principal(1), 1, plus=5)] == [2, 4, 7]


def test_two_queries_with_the_same_arguments_do_not_share_answers() -> None:
    @tenant_cache()
    def first(me: Principal) -> str:
        return "first"

    @tenant_cache()
    def second(me: Principal) -> str:
        return "second"

    assert (first(principal(1)), second(principal(1))) == ("first", "second")


def test_a_query_whose_first_parameter_is_no_principal_is_refused() -> None:
    with pytest.raises(TypeError, match="must be a Principal"):

        @tenant_cache()  # type: ignore[arg-type]
        def leaking(tenant_id: int) -> int:
            return tenant_id


def test_a_call_without_a_principal_is_refused() -> None:
    @tenant_cache()
    def answer(me: Principal) -> int:
        return 1

    with pytest.raises(TypeError):
        answer(None)  # type: ignore[arg-type]

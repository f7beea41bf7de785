"""The addresses at which a tenant wants to be told what happens: /webhooks/endpoints (docs/webhooks.md)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from prosa.api.access import may
from prosa.api.conversations import clock
from prosa.api.limits import Id, LimitedRoute, in_utc
from prosa.api.paging import Cursor, Limit, only_id, page_of
from prosa.api.problems import PROBLEMS
from prosa.api.session import AppSettings, Caller, Db
from prosa.api.webhook_models import (
    EndpointChange,
    EndpointIn,
    EndpointList,
    EndpointOut,
    EndpointWithSecret,
    Replayed,
    ReplayIn,
    TestSent,
    WebhookDeliveryOut,
    WebhookDeliveryPage,
)
from prosa.errors import Invalid
from prosa.tenancy.webhooks import service, store
from prosa.tenancy.webhooks.model import DeliveryState

router = APIRouter(prefix="/webhooks/endpoints", tags=["webhooks"], route_class=LimitedRoute, responses=PROBLEMS)
Manager = Annotated[Caller, Depends(may("webhooks", write=True))]


@router.post("", status_code=201, summary="Add an endpoint")
def add(given: EndpointIn, caller: Manager, db: Db, settings: AppSettings) -> EndpointWithSecret:
    """The secret is in this answer and in no other. 409 where there are 20 already."""
    with db.tenant(caller.tenant_id) as conn:
        return EndpointWithSecret.of_new(
            service.add_endpoint(
                conn, caller.tenant_id, url=given.url, event_types=given.event_types, note=given.note, actor=caller.actor,
                secret_keys=settings.secret_keys, loopback=settings.api_debug,
            )
        )  # fmt: skip


@router.get("", summary="List endpoints")
def list_(caller: Manager, db: Db) -> EndpointList:
    """The oldest first."""
    with db.tenant(caller.tenant_id) as conn:
        return EndpointList(items=[EndpointOut.of(endpoint) for endpoint in store.all_of(conn, caller.tenant_id)])


@router.get("/{endpoint_id}", summary="One endpoint")
def get(endpoint_id: Id, caller: Manager, db: Db) -> EndpointOut:
    """404 where it does not exist or is another tenant's."""
    with db.tenant(caller.tenant_id) as conn:
        return EndpointOut.of(service.get_endpoint(conn, caller.tenant_id, endpoint_id))


@router.patch("/{endpoint_id}", summary="Change an endpoint, switch it on or off")
def change(endpoint_id: Id, given: EndpointChange, caller: Manager, db: Db, settings: AppSettings) -> EndpointOut:
    """What waits for an endpoint that is switched off fails, and may be replayed."""
    with db.tenant(caller.tenant_id) as conn:
        return EndpointOut.of(
            service.change_endpoint(
                conn, caller.tenant_id, endpoint_id, actor=caller.actor, url=given.url, note=given.note,
                event_types=given.event_types, enabled=given.enabled, loopback=settings.api_debug,
            )
        )  # fmt: skip


@router.delete("/{endpoint_id}", status_code=204, summary="Delete an endpoint")
def delete(endpoint_id: Id, caller: Manager, db: Db) -> None:
    """With its deliveries."""
    with db.tenant(caller.tenant_id) as conn:
        service.delete_endpoint(conn, caller.tenant_id, endpoint_id, actor=caller.actor)


@router.post("/{endpoint_id}/secret", summary="Rotate the secret")
def rotate(endpoint_id: Id, caller: Manager, db: Db, settings: AppSettings) -> EndpointWithSecret:
    """The new secret is in this answer and in no other. For a day the old one signs as well."""
    with db.tenant(caller.tenant_id) as conn:
        return EndpointWithSecret.of_new(
            service.rotate_secret(
                conn, caller.tenant_id, endpoint_id, actor=caller.actor, secret_keys=settings.secret_keys, now=clock()
            )
        )


@router.get("/{endpoint_id}/deliveries", summary="What was sent to an endpoint, and how it went")
def deliveries(
    endpoint_id: Id, caller: Manager, db: Db,
    state: Annotated[DeliveryState | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> WebhookDeliveryPage:  # fmt: skip
    """Newest first. They are kept for 30 days."""
    before = only_id(cursor) if cursor is not None else None
    with db.tenant(caller.tenant_id) as conn:
        service.get_endpoint(conn, caller.tenant_id, endpoint_id)
        found = store.deliveries(conn, caller.tenant_id, endpoint_id, state=state, before=before, limit=limit + 1)
    page, following = page_of(found, limit, lambda last: (last.id,))
    return WebhookDeliveryPage(
        items=[WebhookDeliveryOut.of(delivery) for delivery in page],
        next_cursor=following,
    )


@router.post("/{endpoint_id}/replay", status_code=202, summary="Send again")
def replay(endpoint_id: Id, given: ReplayIn, caller: Manager, db: Db) -> Replayed:
    """Under the same webhook-id: a receiver that has an event knows it. 409 where the endpoint is off."""
    if (given.delivery_id is None) == (given.failed_since is None):
        raise Invalid("Give either delivery_id or failed_since.")
    with db.tenant(caller.tenant_id) as conn:
        sent = service.replay(
            conn, caller.tenant_id, endpoint_id, actor=caller.actor, now=clock(), delivery_id=given.delivery_id,
            failed_since=in_utc(given.failed_since, "body.failed_since"),
        )  # fmt: skip
    return Replayed(deliveries=sent)


@router.post("/{endpoint_id}/test", status_code=202, summary="Send a test event")
def test(endpoint_id: Id, caller: Manager, db: Db) -> TestSent:
    """An event of the type `test`, whatever the endpoint has chosen. 409 where the endpoint is off."""
    with db.tenant(caller.tenant_id) as conn:
        return TestSent(delivery_id=service.send_test(conn, caller.tenant_id, endpoint_id, actor=caller.actor))

"""calendly-py, which Speakeasy made of Calendly's OpenAPI document: every field of an answer must have its documented type."""

import os
import sys
import warnings
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from calendly import Calendly
from calendly.models import operations, shared
from receiver import Receiver

# it holds what may be null for required and warns; what is missing or of another type fails
warnings.simplefilter("ignore", RuntimeWarning)

server, token = os.environ["FASTI"], os.environ["FASTI_TOKEN"]
security = shared.Security(personal_access_token=f"Bearer {token}")
client = Calendly(security=security, server_url=server)

KEY = "a key of calendly-py's user"


def uuid(uri):
    return uri.rsplit("/", 1)[-1]


def raw(method, path, body=None):
    """What it has no call for, through its own session."""
    answer = client._security_client.request(method, server + path, json=body)
    answer.raise_for_status()
    return answer.json()


def good(response, part, status=200):
    assert response.status_code == status, response.raw_response.text
    return getattr(response, part)


me = good(client.users.me(), "me_200_application_json_object").resource
user, organization = me.uri, me.current_organization
print("I am", me.name)
same = good(client.users.get(operations.GetUserRequest(uuid=uuid(user))), "get_user_200_application_json_object")
assert same.resource == me

ask = operations.ListEventTypesRequest(active=True, count=2, sort="name:asc", user=user)
listed = good(client.event_types.list(ask), "list_event_types_200_application_json_object")
assert len(listed.collection) == 2 and listed.pagination.next_page_token, listed
ask.page_token = listed.pagination.next_page_token
more = good(client.event_types.list(ask), "list_event_types_200_application_json_object")
assert more.collection[0].uri not in [it.uri for it in listed.collection]
event_types = listed.collection + more.collection
event_type = next(it for it in event_types if it.kind.value == "solo")
ask = operations.GetEventTypesUUIDRequest(uuid=uuid(event_type.uri))
shown = good(client.event_types.get(ask), "get_event_types_uuid_200_application_json_object")
assert shown.resource == event_type

start = datetime.now(timezone.utc) + timedelta(days=1)
stamp = "%Y-%m-%dT%H:%M:%S.%fZ"
ask = operations.GetEventTypeAvailableTimesRequest(
    event_type=event_type.uri,
    start_time=start.strftime(stamp),
    end_time=(start + timedelta(days=6)).strftime(stamp),
)
times = good(client.event_types.get_available_times(ask), "get_event_type_available_times_200_application_json_object")
first = times.collection[0]
assert first.status == "available" and first.invitees_remaining == 1, first

receiver = Receiver()
events = operations.PostUsersUUIDWebhooksRequestBodyEventsEnum
ask = operations.PostUsersUUIDWebhooksRequestBody(
    events=[events.INVITEE_CREATED, events.INVITEE_CANCELED],
    organization=organization,
    scope=operations.PostUsersUUIDWebhooksRequestBodyScopeEnum.ORGANIZATION,
    url=receiver.url,
    signing_key=KEY,
)
made = good(client.webhooks.create(ask), "post_users_uuid_webhooks_201_application_json_object", 201).resource
assert made.state.value == "active" and made.callback_url == receiver.url, made
again = client.webhooks.create(ask)
assert again.status_code == 409 and again.error_response.title == "Already Exists", again
ask = operations.ListWebhooksRequest(organization=organization, scope=operations.ListWebhooksScopeEnum.ORGANIZATION)
webhooks = good(client.webhooks.list(ask), "list_webhooks_200_application_json_object")
assert made.uri in [it.uri for it in webhooks.collection], webhooks

location = raw("GET", f"/event_types/{uuid(event_type.uri)}")["resource"]["locations"]
order = {
    "event_type": event_type.uri,
    "start_time": first.start_time.strftime(stamp),
    "invitee": {"name": "Emmy Noether", "email": "emmy@example.com", "timezone": "Europe/Berlin"},
}
booked = raw("POST", "/invitees", order | ({"location": location[0]} if location else {}))["resource"]
event = uuid(booked["event"])
ask = operations.ListScheduledEventsRequest(
    count=100, organization=organization, invitee_email="emmy@example.com", sort="start_time:asc"
)
events = good(client.scheduled_events.list(ask), "scheduled_events_response")
assert booked["event"] in [it.uri for it in events.collection], events
ask = operations.GetScheduledEventsUUIDRequest(uuid=event)
shown = good(client.scheduled_events.get_event_by_uuid(ask), "get_scheduled_events_uuid_200_application_json_object")
assert shown.resource.start_time == first.start_time, shown
ask = operations.GetInviteesRequest(uuid=event)
invitees = good(client.scheduled_events.get_invitees(ask), "get_invitees_200_application_json_object")
assert [it.uri for it in invitees.collection] == [booked["uri"]], invitees
ask = operations.GetScheduledEventsEventUUIDInviteesInviteeUUIDRequest(event, uuid(booked["uri"]))
one = client.scheduled_events.get_invitees_by_uuid(ask)
one = good(one, "get_scheduled_events_event_uuid_invitees_invitee_uuid_200_application_json_object").resource
assert one == invitees.collection[0], one

told = receiver.next(KEY)
assert (told["event"], told["payload"]["uri"]) == ("invitee.created", booked["uri"]), told
shared.Invitee.from_dict(told["payload"])
reason = operations.PostScheduledEventsUUIDCancellationApplicationJSON(reason="ill")
ask = operations.PostScheduledEventsUUIDCancellationRequest(uuid=event, request_body=reason)
canceled = client.scheduled_events.cancel(ask)
canceled = good(canceled, "post_scheduled_events_uuid_cancellation_201_application_json_object", 201)
assert canceled.resource.reason == "ill", canceled
told = receiver.next(KEY)
assert told["event"] == "invitee.canceled", told
assert told["payload"]["cancellation"]["reason"] == "ill", told
again = client.scheduled_events.cancel(ask)
assert again.status_code == 403, again
again = again.post_scheduled_events_uuid_cancellation_403_application_json_object
assert again.title.value == "Permission Denied", again

ask = operations.DeleteUsersUserUUIDWebhooksWebhookUUIDRequest(webhook_uuid=uuid(made.uri))
assert client.webhooks.delete(ask).status_code == 204
ask = operations.GetUsersUserUUIDWebhooksWebhookUUIDRequest(webhook_uuid=uuid(made.uri))
assert client.webhooks.get(ask).status_code == 404

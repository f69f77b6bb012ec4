"""PyCalendly, a wrapper that is written by hand: it sends the parameters of lists as JSON, in the body of a GET."""

import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import calendly.calendly as addresses
from calendly import CalendlyAPI
from calendly.exceptions import CalendlyException
from calendly.utils.constants import BASE
from receiver import Receiver

server, token = os.environ["FASTI"], os.environ["FASTI_TOKEN"]
for name, value in list(vars(addresses).items()):
    if isinstance(value, str) and value.startswith(BASE):
        setattr(addresses, name, value.replace(BASE, server))

KEY = "a key of PyCalendly's user"


def uuid(uri):
    return uri.rsplit("/", 1)[-1]


client = CalendlyAPI(token)
me = client.about()["resource"]
user, organization = me["uri"], me["current_organization"]
print("I am", me["name"])

first = client.list_event_types(count=1, user_uri=user, sort="name:asc")
assert len(first["collection"]) == 1 and first["pagination"]["next_page"], first
event_types = client.get_all_event_types(user)
assert len(event_types) > 1, event_types
event_type = next(it for it in event_types if it["active"] and it["kind"] == "solo")
shown = client.get_event_type(uuid(event_type["uri"]))["resource"]
assert shown == event_type, (shown, event_type)

# there is no call for it: its own way of sending requests
tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
asked = {
    "event_type": event_type["uri"],
    "start_time": tomorrow.isoformat(),
    "end_time": (tomorrow + timedelta(days=6)).isoformat(),
}
times = client.request.get(f"{server}/event_type_available_times", asked).json()
start = times["collection"][0]["start_time"]

receiver = Receiver()
made = client.create_webhook(receiver.url, "user", organization, KEY, user)
webhook = made["resource"]
assert webhook["events"] == ["invitee.canceled", "invitee.created"], webhook
listed = client.list_webhooks(organization, "user", user, count=10, sort="created_at:desc")
assert webhook["uri"] in [it["uri"] for it in listed["collection"]], listed
assert client.get_webhook(uuid(webhook["uri"]))["resource"] == webhook
try:
    client.create_webhook(receiver.url, "user", organization, KEY, user)
    raise AssertionError("the same webhook twice")
except CalendlyException as error:
    assert "Already Exists" in str(error), error

invitee = {"name": "Emmy Noether", "email": "emmy@example.com", "timezone": "Europe/Berlin"}
location = {"location": event_type["locations"][0]} if event_type["locations"] else {}
order = {"event_type": event_type["uri"], "start_time": start, "invitee": invitee} | location
booked = client.request.post(f"{server}/invitees", order).json()["resource"]
event = uuid(booked["event"])
events = client.get_all_scheduled_events(user)
assert booked["event"] in [it["uri"] for it in events], events
active = client.list_events(100, organization, "start_time:desc", user, "active")
assert booked["event"] in [it["uri"] for it in active["collection"]], active
assert client.get_event_details(event)["resource"]["event_type"] == event_type["uri"]
assert client.list_event_invitees(event)["collection"] == [booked]
assert client.get_event_invitee(event, uuid(booked["uri"]))["resource"] == booked
page = client.convert_event_to_original_url(event, user)
assert page == event_type["scheduling_url"], page

told = receiver.next(KEY)
assert (told["event"], told["payload"]["uri"]) == ("invitee.created", booked["uri"]), told
cancellation = f"{server}/scheduled_events/{event}/cancellation"
canceled = client.request.post(cancellation, {"reason": "ill"}).json()["resource"]
assert canceled["reason"] == "ill", canceled
told = receiver.next(KEY)
assert told["event"] == "invitee.canceled", told
assert told["payload"]["cancellation"]["reason"] == "ill", told
try:
    client.request.post(cancellation, {})
    raise AssertionError("canceled twice")
except CalendlyException as error:
    assert "Permission Denied" in str(error), error

client.delete_webhook(uuid(webhook["uri"]))
left = client.list_webhooks(organization, "user", user)
assert webhook["uri"] not in [it["uri"] for it in left["collection"]], left

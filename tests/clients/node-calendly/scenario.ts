// node-calendly, TypeScript: compiled against the types that it publishes.
import assert from "node:assert/strict";
import client from "node-calendly";
import { checked, receiver } from "../receiver.mjs";

const server = process.env["FASTI"] ?? "";
const token = process.env["FASTI_TOKEN"] ?? "";
const Calendly = client.default;
const KEY = "a key of node-calendly's user";

// its addresses are fixed: what it sends to Calendly goes to Fasti
const send = globalThis.fetch;
globalThis.fetch = (address, options) =>
  send(String(address).replace("https://api.calendly.com", server), options);

/** What it has no call for, by the function through which it sends its own. */
async function raw(method: string, path: string, body: object): Promise<any> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await fetch(`https://api.calendly.com${path}`, { method, headers, body: JSON.stringify(body) });
  assert(answer.ok, `${path}: ${answer.status}`);
  return answer.status === 204 ? null : (await answer.json()).resource;
}

const calendly = new Calendly(token);
const uuid = (uri: string) => Calendly.getUuidFromUri(uri) ?? "";
const me = await calendly.users.getCurrentUser();
assert.equal(me.uuid, uuid(me.uri));
console.log("I am", me.name);
const organization = await calendly.getOrganizationUri();

const mine = await calendly.eventTypes.listUsersEventTypes({ active: true, count: 2, sort: "name:asc" });
assert.equal(mine.collection.length, 2);
const page_token = mine.pagination.next_page_token;
const more = await calendly.eventTypes.listUsersEventTypes({ active: true, count: 2, sort: "name:asc", page_token });
assert.notEqual(more.collection[0].uri, mine.collection[0].uri);
const all = await calendly.eventTypes.listOrganisationEventTypes({ count: 100 });
assert(all.collection.length >= 3);
const type = mine.collection.concat(more.collection).find((it) => it.kind === "solo");
assert(type);
const shown = await calendly.eventTypes.getEventType({ uuid: uuid(type.uri) });
assert.equal(shown.scheduling_url, type.scheduling_url);
const day = 24 * 60 * 60 * 1000;
const times = await calendly.eventTypes.listEventAvailableTimes({
  event_type: type.uri,
  start_time: new Date(Date.now() + day),
  end_time: new Date(Date.now() + 7 * day),
});
const start_time = times.collection[0]?.start_time;
assert(start_time);

const inbox = await receiver();
const webhook = await raw("POST", "/webhook_subscriptions", {
  url: inbox.url,
  events: ["invitee.created", "invitee.canceled"],
  organization,
  user: me.uri,
  scope: "user",
  signing_key: KEY,
});
const { locations } = (await (await fetch(type.uri, { headers: { Authorization: `Bearer ${token}` } })).json()).resource;
const booked = await raw("POST", "/invitees", {
  event_type: type.uri,
  start_time,
  invitee: { name: "Emmy Noether", email: "emmy@example.com", timezone: "Europe/Berlin" },
  ...(locations?.length ? { location: locations[0] } : {}),
});
const events = await calendly.scheduledEvents.listEvents({
  user: me.uri,
  organization,
  invitee_email: "emmy@example.com",
  min_start_time: new Date(),
  max_start_time: new Date(Date.now() + 8 * day),
  status: "active",
  sort: "asc",
  count: 100,
});
assert(events.collection.some((it) => it.uri === booked.event));
const invitees = await calendly.scheduledEvents.listEventInvitees(uuid(booked.event), { status: "active" });
assert.deepEqual(invitees.collection, [booked]);

let told = checked(await inbox.next(), KEY);
assert.equal(told.event, "invitee.created");
assert.equal(told.payload.uri, booked.uri);
await raw("POST", `/scheduled_events/${uuid(booked.event)}/cancellation`, { reason: "ill" });
told = checked(await inbox.next(), KEY);
assert.equal(told.event, "invitee.canceled");
assert.equal(told.payload.cancellation.reason, "ill");
await assert.rejects(calendly.users.getUser({ uuid: "AAAAAAAAAAAAAAAA" }), /Resource Not Found/);
await raw("DELETE", `/webhook_subscriptions/${uuid(webhook.uri)}`, {});

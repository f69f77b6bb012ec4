// Pipedream's components for Calendly, JavaScript: their actions book nothing, their sources subscribe by themselves and
// check signatures.
import assert from "node:assert/strict";
import app from "@pipedream/calendly_v2";
import cancelEvent from "@pipedream/calendly_v2/actions/cancel-event/cancel-event.mjs";
import getEvent from "@pipedream/calendly_v2/actions/get-event/get-event.mjs";
import getInvitee from "@pipedream/calendly_v2/actions/get-invitee/get-invitee.mjs";
import listEventInvitees from "@pipedream/calendly_v2/actions/list-event-invitees/list-event-invitees.mjs";
import listEventTypes from "@pipedream/calendly_v2/actions/list-event-types/list-event-types.mjs";
import listEvents from "@pipedream/calendly_v2/actions/list-events/list-events.mjs";
import noShow from "@pipedream/calendly_v2/actions/create-invitee-no-show/create-invitee-no-show.mjs";
import schedulingLink from "@pipedream/calendly_v2/actions/create-scheduling-link/create-scheduling-link.mjs";
import webhooks from "@pipedream/calendly_v2/actions/list-webhook-subscriptions/list-webhook-subscriptions.mjs";
import inviteeCanceled from "@pipedream/calendly_v2/sources/invitee-canceled/invitee-canceled.mjs";
import inviteeCreated from "@pipedream/calendly_v2/sources/invitee-created/invitee-created.mjs";
import { receiver } from "../receiver.mjs";

const { FASTI: server, FASTI_TOKEN: token } = process.env;
const calendly = {
  ...app.methods,
  _baseUri: () => server,
  $auth: { oauth_access_token: token },
};
const $ = { export() {} };
const act = (action, props) => action.run.call({ ...action.methods, calendly, ...props }, { $ });
const uuid = (uri) => uri.split("/").pop();
console.debug = () => {};

/** What a source is within a workflow. */
function workflow(source, url) {
  const kept = new Map();
  const emitted = [];
  const instance = {
    ...source.methods,
    app: calendly,
    scope: "user",
    http: { endpoint: url },
    db: { get: (key) => kept.get(key), set: (key, value) => kept.set(key, value) },
    $emit: (body) => emitted.push(body),
  };
  return {
    start: () => source.hooks.activate.call(instance),
    stop: () => source.hooks.deactivate.call(instance),
    webhook: () => kept.get("webhook"),
    async take({ headers, body }) {
      const event = { headers, body: JSON.parse(body), bodyRaw: body };
      // it throws if the signature is wrong
      await source.run.call(instance, event);
      return emitted.pop();
    },
  };
}

const log = console.log;
console.log = () => {};
const me = (await calendly.getUserInfo()).resource;
log("I am", me.name);
const [user, organization] = [me.uri, me.current_organization];

const { collection } = await act(listEventTypes, { user, paginate: true, maxResults: 100 });
const type = collection.find((it) => it.active && it.kind === "solo");
const day = 24 * 60 * 60 * 1000;
const times = await calendly._makeSingleRequest({
  path: "/event_type_available_times",
  params: {
    event_type: type.uri,
    start_time: new Date(Date.now() + day).toISOString(),
    end_time: new Date(Date.now() + 7 * day).toISOString(),
  },
});
const start_time = times.collection[0].start_time;

const [created, canceled] = await Promise.all([receiver(), receiver()]);
const told = workflow(inviteeCreated, created.url);
const gone = workflow(inviteeCanceled, canceled.url);
await told.start();
await gone.start();
const subscribed = await act(webhooks, { organizationUri: organization, userUri: user, scope: "user" });
for (const { uri } of [told.webhook(), gone.webhook()]) {
  assert(subscribed.collection.some((it) => it.uri === uri), uri);
}

const booked = (await calendly._makeSingleRequest({
  method: "post",
  path: "/invitees",
  data: {
    event_type: type.uri,
    start_time,
    invitee: { name: "Emmy Noether", email: "emmy@example.com", timezone: "Europe/Berlin" },
    ...(type.locations?.length ? { location: type.locations[0] } : {}),
  },
})).resource;
const eventId = uuid(booked.event);
const events = await act(listEvents, { paginate: true, maxResults: 1000, status: "active" });
assert(events.collection.some((it) => it.uri === booked.event));
const event = await act(getEvent, { eventId });
assert.equal(event.resource.start_time, start_time);
const props = { eventId, eventUuid: eventId, paginate: true, maxResults: 10 };
const invitees = await act(listEventInvitees, props);
assert.deepEqual(invitees.collection, [booked]);
const invitee = await act(getInvitee, { ...props, inviteeUuid: uuid(booked.uri) });
assert.deepEqual(invitee.resource, booked);

const message = await told.take(await created.next());
assert.equal(message.payload.uri, booked.uri);
const forged = { headers: { "calendly-webhook-signature": `t=${Math.floor(Date.now() / 1000)},v1=${"0".repeat(64)}` } };
await assert.rejects(told.take({ ...forged, body: JSON.stringify(message) }), /Invalid HMAC/);

const link = await act(schedulingLink, { owner: uuid(type.uri), maxEventCount: 1 });
assert.equal(link.resource.owner, type.uri);
const mark = await act(noShow, { inviteeUri: booked.uri });
assert.equal(mark.resource.invitee, booked.uri);

const cancellation = await act(cancelEvent, { eventUuid: eventId, reason: "ill" });
assert.equal(cancellation.resource.reason, "ill");
const last = await gone.take(await canceled.next());
assert.equal(last.payload.cancellation.reason, "ill");
await assert.rejects(act(cancelEvent, { eventUuid: eventId }));

await told.stop();
await gone.stop();
const left = await act(webhooks, { organizationUri: organization, userUri: user, scope: "user" });
assert.deepEqual(left.collection.filter((it) => it.callback_url === created.url), []);

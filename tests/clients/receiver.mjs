// A receiver of webhooks, and what Calendly documents of their signatures.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const TOLERANCE = 180;

export async function receiver() {
  const messages = [];
  const server = createServer(async (request, response) => {
    const chunks = await all(request);
    response.end();
    messages.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    server.emit("message");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // only whoever waits keeps the script from ending
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}/calendly`,
    async next() {
      const minute = AbortSignal.timeout(60_000);
      server.ref();
      while (messages.length === 0) await once(server, "message", { signal: minute });
      server.unref();
      return messages.shift();
    },
  };
}

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export function checked({ headers, body }, key) {
  const signature = headers["calendly-webhook-signature"];
  const { t, v1 } = Object.fromEntries(signature.split(",").map((part) => part.split("=")));
  const expected = createHmac("sha256", key).update(`${t}.${body}`).digest("hex");
  assert.equal(v1, expected, signature);
  assert(Math.abs(Date.now() / 1000 - Number(t)) < TOLERANCE, signature);
  return JSON.parse(body);
}

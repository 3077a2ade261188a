"use strict";

// Webhooks: a receiver that fails at first is told everything, signed, once for
// each id that it keeps.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { createHmac } = require("node:crypto");
const { createServer } = require("node:http");
const { once } = require("node:events");
const { accountId, admin, agent, refused, until, request, startConversation } = require("./relevo");

// receiver answers 500 as often as it is told to, then takes what comes. It
// ends with the test.
async function receiver(t, failures) {
  const told = [];
  const server = createServer((req, res) => {
    const parts = [];
    req.on("data", (part) => parts.push(part));
    req.on("end", () => {
      if (failures-- > 0) {
        res.writeHead(500).end();
        return;
      }
      told.push({ headers: req.headers, raw: Buffer.concat(parts).toString(), body: JSON.parse(Buffer.concat(parts)) });
      res.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { told, url: `http://127.0.0.1:${server.address().port}/hook` };
}

function verify(secret, { headers, raw }) {
  const stamp = headers["webhook-timestamp"];
  assert.ok(Math.abs(Date.now() / 1000 - Number(stamp)) < 300, "the time of a delivery");
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const standard = createHmac("sha256", key).update(`${headers["webhook-id"]}.${stamp}.${raw}`).digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${standard}`);
  const chatwoot = createHmac("sha256", secret).update(`${headers["x-chatwoot-timestamp"]}.${raw}`).digest("hex");
  assert.equal(headers["x-chatwoot-signature"], `sha256=${chatwoot}`);
  assert.equal(headers["x-chatwoot-delivery"], headers["webhook-id"]);
}

test("a webhook of the account", async (t) => {
  const there = await receiver(t, 0);
  const inbox = await admin.inboxes.create({ accountId, data: { name: "Con webhook", channel: { type: "api" } } });
  const { payload } = await admin.webhooks.create({ accountId, data: { url: there.url, subscriptions: ["message_created", "conversation_status_changed"] } });
  const hook = payload.webhook;
  assert.deepEqual([hook.url, hook.account_id, hook.enabled], [there.url, accountId, true]);
  const { conversationId } = await startConversation(inbox, "Lucía");
  await admin.messages.create({ accountId, conversationId, data: { content: "¿En qué te ayudo?" } });
  await admin.messages.create({ accountId, conversationId, data: { content: "difícil", private: true } });
  await admin.conversations.toggleStatus({ accountId, conversationId, data: { status: "resolved" } });
  const mine = () => there.told.filter((d) => (d.body.conversation ?? d.body).id === conversationId);
  await until("three deliveries", async () => (mine().length >= 3 ? true : undefined));
  mine().forEach((t) => verify(hook.secret, t));
  const messages = mine()
    .filter((t) => t.body.event === "message_created")
    .sort((a, b) => a.body.seq - b.body.seq);
  assert.deepEqual(
    messages.map((t) => [t.body.content, t.body.message_type, t.body.private]),
    [
      ["¿En qué te ayudo?", "outgoing", false],
      ["difícil", "outgoing", true],
    ],
  );
  const [resolved] = mine().filter((t) => t.body.event === "conversation_status_changed");
  assert.deepEqual([resolved.body.status, resolved.body.changed_attributes[0].status.current_value], ["resolved", "resolved"]);
  assert.ok(resolved.body.version > messages[0].body.version);

  const changed = await admin.webhooks.update({ accountId, webhookId: hook.id, data: { subscriptions: ["contact_created"] } });
  assert.deepEqual(changed.payload.webhook.subscriptions, ["contact_created"]);
  const listed = await admin.webhooks.list({ accountId });
  assert.ok(listed.payload.webhooks.some((w) => w.id === hook.id));
  await refused(admin.webhooks.create({ accountId, data: { url: there.url } }), 422, "taken");
  await refused(admin.webhooks.create({ accountId, data: { url: "http://10.0.0.1/" } }), 422, "invalid");
  await refused(agent.webhooks.list({ accountId }), 401, "forbidden");
  await admin.webhooks.delete({ accountId, webhookId: hook.id });
});

test("the connector of an API inbox", async (t) => {
  const there = await receiver(t, 1); // what failed is tried again, 15 seconds later
  const inbox = await request("POST", "/inboxes", { name: "SMS", channel: { type: "api", webhook_url: there.url } });
  assert.equal(inbox.webhook_url, there.url);
  const { source, conversationId } = await startConversation(inbox, "Omar");
  await admin.messages.create({ accountId, conversationId, data: { content: "una nota", private: true } });
  await admin.messages.create({ accountId, conversationId, data: { content: "Hola, Omar" } });
  const has = (event) => there.told.some((t) => t.body.event === event);
  await until("the agent's message and the conversation", async () => (has("message_created") && has("conversation_created") ? true : undefined));
  there.told.forEach((t) => verify(inbox.secret, t));
  const answer = there.told.find((t) => t.body.event === "message_created");
  assert.deepEqual([answer.body.content, answer.body.conversation.contact_inbox.source_id], ["Hola, Omar", source]);
  assert.ok(!there.told.some((t) => t.raw.includes("una nota")), "notes are not for the customer's side");
  assert.equal(new Set(there.told.map((t) => t.headers["webhook-id"])).size, there.told.length);
});

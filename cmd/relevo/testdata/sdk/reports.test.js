"use strict";

// Reports, saved filters, definitions of custom attributes.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin, agent, inboxNamed, startConversation, refused } = require("./relevo");

const now = () => Math.floor(Date.now() / 1000);

test("reports count what happens", async () => {
  const inbox = await admin.inboxes.create({ accountId, data: { name: "Informes", channel: { type: "api" } } });
  const of = { accountId, type: "inbox", id: String(inbox.id), since: String(now() - 3600), until: String(now() + 3600) };
  const empty = await admin.reports.listSummaries(of);
  assert.deepEqual([empty.conversations_count, empty.resolutions_count], [0, 0]);

  const { conversationId } = await startConversation(inbox, "Lucía");
  await admin.messages.create({ accountId, conversationId, data: { content: "Hola", message_type: "incoming" } });
  await admin.messages.create({ accountId, conversationId, data: { content: "¿Qué tal?" } });
  await admin.messages.create({ accountId, conversationId, data: { content: "nota", private: true } });
  await admin.conversations.toggleStatus({ accountId, conversationId, data: { status: "resolved" } });

  const summary = await admin.reports.listSummaries(of);
  assert.deepEqual(
    [summary.conversations_count, summary.incoming_messages_count, summary.outgoing_messages_count, summary.resolutions_count],
    [1, 1, 1, 1],
  );
  assert.equal(summary.previous.conversations_count, 0);
  const series = await admin.reports.list({ ...of, metric: "resolutions_count" });
  assert.equal(
    series.reduce((sum, point) => sum + Number(point.value), 0),
    1,
  );
  assert.ok(series.every((point) => Number.isInteger(point.timestamp)));
  await refused(admin.reports.list({ ...of, metric: "words" }), 422, "invalid");
  await refused(agent.reports.listSummaries(of), 401, "forbidden");
});

test("how conversations stand now", async () => {
  const inbox = await inboxNamed("Informes de ahora");
  const before = await admin.reports.getMetrics({ accountId, type: "account" });
  const { conversationId } = await startConversation(inbox, "Omar");
  const after = await admin.reports.getMetrics({ accountId, type: "account" });
  assert.ok(after.open >= before.open && after.unattended <= after.open, JSON.stringify([before, after]));
  const people = await admin.reports.getAgentMetrics({ accountId, type: "agent" });
  assert.ok(people.some((person) => person.email === "ana@example.com" && Number.isInteger(person.metric.open)));
  await admin.conversations.toggleStatus({ accountId, conversationId, data: { status: "resolved" } });
});

test("saved filters", async () => {
  const query = { payload: [{ attribute_key: "status", filter_operator: "equal_to", values: ["open"], query_operator: null }] };
  const made = await admin.customFilters.create({ accountId, filterType: "conversation", data: { name: "Abiertas", type: "conversation", query } });
  assert.deepEqual([made.name, made.type, made.query], ["Abiertas", "conversation", query]);
  const at = { accountId, customFilterId: made.id };
  assert.deepEqual(await admin.customFilters.get(at), made);
  assert.equal((await admin.customFilters.update({ ...at, data: { name: "Otras" } })).name, "Otras");
  assert.deepEqual(
    (await admin.customFilters.list({ accountId, filterType: "conversation" })).map((filter) => filter.name),
    ["Otras"],
  );
  await refused(agent.customFilters.get(at), 404, "not_found");
  await admin.customFilters.delete(at);
  assert.deepEqual(await admin.customFilters.list({ accountId, filterType: "conversation" }), []);
});

test("definitions of custom attributes", async () => {
  const data = { attribute_display_name: "Pedido", attribute_display_type: 1, attribute_description: "Número", attribute_key: "pedido_sdk", attribute_values: [], attribute_model: 0 };
  const made = await admin.customAttributes.create({ accountId, data });
  assert.deepEqual([made.attribute_key, made.attribute_display_type, made.attribute_model], ["pedido_sdk", "number", "conversation_attribute"]);
  const at = { accountId, id: made.id };
  assert.deepEqual(await agent.customAttributes.get(at), made);
  assert.equal((await admin.customAttributes.update({ ...at, data: { attribute_display_name: "El pedido" } })).attribute_display_name, "El pedido");
  assert.ok((await admin.customAttributes.list({ accountId, attributeModel: "0" })).some((one) => one.id === made.id));
  await refused(agent.customAttributes.create({ accountId, data }), 401, "forbidden");
  await admin.customAttributes.delete(at);
  await refused(admin.customAttributes.get(at), 404, "not_found");
});

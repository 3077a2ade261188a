"use strict";

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin, agent, request, refused, inboxNamed, me, startConversation } = require("./relevo");

let inbox, first, second, team;

before(async () => {
  inbox = await inboxNamed("Conversaciones");
  team = await admin.teams.create({ accountId, data: { name: "devoluciones", description: "Lo que vuelve" } });
  first = await startConversation(inbox, "Ada", {
    custom_attributes: { pedido: 17 },
    additional_attributes: { campaign: "otoño" },
    message: { content: "Hola Ada, ¿llegó bien?" },
  });
  second = await startConversation(inbox, "Beto", { status: "pending" }).catch((error) => error);
});

test("create and get", async () => {
  const made = first.conversation;
  assert.equal(made.inbox_id, inbox.id);
  assert.equal(made.account_id, accountId);
  assert.equal(made.status, "open");
  assert.deepEqual(made.custom_attributes, { pedido: 17 });
  assert.deepEqual(made.additional_attributes, { campaign: "otoño" });
  assert.equal(made.meta.sender.id, first.contact.id);
  assert.equal(made.meta.channel, "Channel::Api");
  assert.equal(made.last_non_activity_message.content, "Hola Ada, ¿llegó bien?");
  assert.equal(made.can_reply, true);
  assert.ok(Math.abs(made.created_at - Date.now() / 1000) < 600, "unix seconds");

  const { conversationId } = first;
  const got = await admin.conversations.get({ accountId, conversationId });
  assert.equal(got.uuid, made.uuid);
  assert.deepEqual(got.meta.sender, made.meta.sender);
  await refused(admin.conversations.get({ accountId, conversationId: 999_999 }), 404, "not_found");
  await refused(admin.conversations.get({ accountId: 2, conversationId }), 404, "not_found");
  await refused(admin.conversations.create({ accountId, data: { inbox_id: 999_999, contact_id: 1 } }), 422, "invalid");
});

test("an agent outside the inbox is kept out", async () => {
  await refused(agent.conversations.get({ accountId, conversationId: first.conversationId }), 401, "forbidden");
  const { data } = await agent.conversations.list({ accountId, status: "all", inboxId: inbox.id });
  assert.deepEqual(data.payload, []);
});

test("list, and how many there are", async () => {
  assert.ok(second instanceof Error, "an inbox without a bot has nothing pending");
  second = await startConversation(inbox, "Beto", { message: { content: "Hola Beto" } });
  const ofInbox = { accountId, inboxId: inbox.id };
  const { data } = await admin.conversations.list(ofInbox);
  assert.equal(data.meta.all_count, 2);
  assert.equal(data.meta.assigned_count + data.meta.unassigned_count, 2);
  assert.deepEqual(
    data.payload.map((c) => c.id),
    [second.conversationId, first.conversationId],
    "the latest activity first",
  );
  assert.deepEqual(
    data.payload.map((c) => c.meta.sender.name),
    ["Beto", "Ada"],
  );
  assert.equal(data.payload[0].messages.length, 1);

  const { meta } = await admin.conversations.getMeta(ofInbox);
  for (const count of ["mine_count", "assigned_count", "unassigned_count", "all_count"]) {
    assert.equal(meta[count], data.meta[count], count);
  }
  const none = await admin.conversations.list({ ...ofInbox, status: "resolved" });
  assert.deepEqual(none.data.payload, []);
  assert.equal(none.data.meta.all_count, 0);
  const beyond = await admin.conversations.list({ ...ofInbox, page: 2 });
  assert.deepEqual(beyond.data.payload, []);
  assert.equal(beyond.data.meta.all_count, 2);
});

test("list by what was said", async () => {
  const found = async (of, q, more) => {
    const { data } = await of.conversations.list({ accountId, q, ...more });
    assert.equal(data.meta.all_count, data.payload.length);
    const { meta } = await of.conversations.getMeta({ accountId, q, ...more });
    assert.equal(meta.all_count, data.payload.length);
    return data.payload.map((c) => c.id);
  };
  await admin.messages.create({ accountId, conversationId: first.conversationId, data: { content: "El paquete es 100% azul_marino" } });
  assert.deepEqual(await found(admin, "PAQUETE"), [first.conversationId]);
  assert.deepEqual(await found(admin, "0% azul_"), [first.conversationId], "% and _ are themselves");
  assert.deepEqual(await found(admin, "hola beto", { inboxId: inbox.id }), [second.conversationId]);
  assert.deepEqual(await found(admin, "paquete", { status: "resolved" }), [first.conversationId], "whatever the status");
  assert.deepEqual(await found(admin, "paquete", { labels: ["nadie"] }), []);
  assert.deepEqual(await found(admin, "p_quete"), []);
  assert.deepEqual(await found(agent, "paquete"), [], "of another inbox");
});

test("labels", async () => {
  const at = { accountId, conversationId: first.conversationId };
  assert.deepEqual((await admin.conversationLabels.add({ ...at, data: { labels: ["vip", "envío"] } })).payload.sort(), ["envío", "vip"]);
  assert.deepEqual((await admin.conversationLabels.list(at)).payload.sort(), ["envío", "vip"]);
  const { data } = await admin.conversations.list({ accountId, inboxId: inbox.id, labels: ["vip", "nadie"] });
  assert.deepEqual(
    data.payload.map((c) => c.id),
    [first.conversationId],
    "labels=… several times over",
  );
  assert.deepEqual((await admin.conversationLabels.add({ ...at, data: { labels: ["vip"] } })).payload, ["vip"], "replaced as a whole");
  assert.deepEqual((await admin.conversations.get(at)).labels, ["vip"]);
});

test("assignment to an agent, to a team, to nobody", async () => {
  const at = { accountId, conversationId: first.conversationId };
  const boss = await me(admin);
  const given = await admin.conversationAssignment.assign({ ...at, data: { assignee_id: boss.id } });
  assert.equal(given.id, boss.id);
  assert.equal(given.email, "jefa@example.com");
  let seen = await admin.conversations.get(at);
  assert.equal(seen.meta.assignee.id, boss.id);
  assert.equal(seen.meta.assignee_type, "User");

  const mine = await admin.conversations.list({ accountId, inboxId: inbox.id, assigneeType: "me" });
  assert.deepEqual(
    mine.data.payload.map((c) => c.id),
    [first.conversationId],
  );
  assert.equal(mine.data.meta.mine_count, 1);
  const nobodys = await admin.conversations.list({ accountId, inboxId: inbox.id, assigneeType: "unassigned" });
  assert.deepEqual(
    nobodys.data.payload.map((c) => c.id),
    [second.conversationId],
  );

  const toTeam = await admin.conversationAssignment.assign({ ...at, data: { team_id: team.id } });
  assert.equal(toTeam.id, team.id);
  assert.equal(toTeam.name, "devoluciones");
  seen = await admin.conversations.get(at);
  assert.equal(seen.meta.team.name, "devoluciones");
  const ofTeam = await admin.conversations.list({ accountId, teamId: team.id });
  assert.deepEqual(
    ofTeam.data.payload.map((c) => c.id),
    [first.conversationId],
  );

  assert.equal(await admin.conversationAssignment.assign({ ...at, data: { assignee_id: null } }), null);
  assert.equal(await admin.conversationAssignment.assign({ ...at, data: { team_id: 0 } }), null);
  seen = await admin.conversations.get(at);
  assert.equal(seen.meta.assignee, undefined);
  assert.equal(seen.meta.team, undefined);
  const outside = await me(agent);
  await refused(admin.conversationAssignment.assign({ ...at, data: { assignee_id: outside.id } }), 422, "invalid");
});

test("priority and custom attributes", async () => {
  const path = `/conversations/${first.conversationId}`;
  const at = { accountId, conversationId: first.conversationId };
  assert.equal((await request("PATCH", path, { priority: "urgent" })).priority, "urgent");
  assert.equal((await admin.conversations.get(at)).priority, "urgent");
  await request("POST", `${path}/toggle_priority`, { priority: "none" });
  assert.equal((await admin.conversations.get(at)).priority, null);
  await request("POST", `${path}/custom_attributes`, { custom_attributes: { pedido: 18, urgente: true } });
  assert.deepEqual((await admin.conversations.get(at)).custom_attributes, { pedido: 18, urgente: true });
});

test("filter", async () => {
  const filter = (...payload) => admin.conversations.filter({ accountId, payload, page: 1 });
  const condition = (attribute_key, filter_operator, values, query_operator = null, more = {}) => ({
    attribute_key,
    filter_operator,
    values,
    query_operator,
    ...more,
  });
  const found = await filter(condition("inbox_id", "equal_to", [inbox.id], "AND"), condition("labels", "equal_to", ["vip"]));
  assert.deepEqual(
    found.payload.map((c) => c.id),
    [first.conversationId],
  );
  assert.equal(found.meta.all_count, 1);
  const bare = await filter(condition("inbox_id", "equal_to", [inbox.id], "AND"), condition("labels", "is_not_present", []));
  assert.deepEqual(
    bare.payload.map((c) => c.id),
    [second.conversationId],
  );
  const custom = await filter(
    condition("status", "equal_to", ["all"], "AND"),
    condition("pedido", "equal_to", [18], null, { custom_attribute_type: "conversation_attribute" }),
  );
  assert.deepEqual(
    custom.payload.map((c) => c.id),
    [first.conversationId],
  );
  await refused(filter(condition("salary", "equal_to", [1])), 422, "invalid");
});

test("every status", async () => {
  const at = { accountId, conversationId: second.conversationId };
  const to = (data) => admin.conversations.toggleStatus({ ...at, data });
  const resolved = await to({ status: "resolved" });
  assert.deepEqual([resolved.payload.success, resolved.payload.current_status, resolved.payload.conversation_id], [true, "resolved", at.conversationId]);
  const { data } = await admin.conversations.list({ accountId, inboxId: inbox.id, status: "resolved" });
  assert.deepEqual(
    data.payload.map((c) => c.id),
    [at.conversationId],
  );

  assert.equal((await to({ status: "open" })).payload.current_status, "open");
  const opened = await admin.conversations.get(at);
  assert.equal(opened.meta.assignee.email, "jefa@example.com", "who opens gets it");

  const until = Math.floor(Date.now() / 1000) + 3600;
  assert.equal((await to({ status: "snoozed", snoozed_until: until })).payload.current_status, "snoozed");
  const snoozed = await admin.conversations.get(at);
  assert.equal(Date.parse(snoozed.snoozed_until), until * 1000);
  assert.equal((await to({})).payload.current_status, "open", "nothing said: turned around");
  assert.equal((await admin.conversations.get(at)).snoozed_until, null);

  await refused(to({ status: "pending" }), 422, "inbox_has_no_bot");
  await refused(to({ status: "closed" }), 422, "invalid");

  const lines = (await admin.messages.list(at)).payload.filter((m) => m.message_type === 2).map((m) => m.content);
  assert.ok(lines.some((line) => line.includes("resuelta") || line.includes("resolved")), lines.join("\n"));
});

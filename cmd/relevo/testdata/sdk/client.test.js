"use strict";

// The client (public) API: a customer, the bot, and a person.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin, visitor, refused, until } = require("./relevo");

const inboxIdentifier = "tienda"; // has a bot that hands over when asked

test("a customer is known by the source id", async () => {
  const made = await visitor.client.contacts.create({
    inboxIdentifier,
    data: { name: "Lucía", email: "Lucia@Example.com", custom_attributes: { talla: "L" } },
  });
  assert.ok(made.source_id.length > 20, "cannot be guessed");
  assert.ok(made.pubsub_token);
  assert.equal(made.name, "Lucía");
  assert.equal(made.email, "lucia@example.com");
  const contactIdentifier = made.source_id;

  const changed = await visitor.client.contacts.update({ inboxIdentifier, contactIdentifier, data: { phone_number: "+525512345678", custom_attributes: { pies: 38 } } });
  assert.equal(changed.phone_number, "+525512345678");
  assert.deepEqual(changed.custom_attributes, { pies: 38 }, "what was sent, nothing that the business noted");
  const known = await admin.contacts.get({ accountId, id: made.id });
  assert.deepEqual(known.payload.custom_attributes, { talla: "L", pies: 38 });
  const got = await visitor.client.contacts.get({ inboxIdentifier, contactIdentifier });
  assert.deepEqual(got, { ...made, phone_number: "+525512345678" });

  await refused(visitor.client.contacts.get({ inboxIdentifier, contactIdentifier: "somebody-else" }), 404, "not_found");
  await refused(visitor.client.contacts.create({ inboxIdentifier: "nowhere", data: {} }), 404, "not_found");
});

test("the bot answers, hands over, and a person goes on", async () => {
  const { source_id: contactIdentifier, id: contact } = await visitor.client.contacts.create({ inboxIdentifier, data: { name: "Hugo" } });
  const at = { inboxIdentifier, contactIdentifier };
  const started = await visitor.client.conversations.create(at);
  assert.equal(started.status, "pending");
  assert.deepEqual(started.messages, []);
  assert.equal(started.contact.id, contact);
  const conversationId = started.id;
  const thread = () => visitor.client.messages.list({ ...at, conversationId });

  const said = await visitor.client.messages.create({ ...at, conversationId, data: { content: "Hola 👋", echo_id: "a1" } });
  assert.equal(said.content, "Hola 👋");
  assert.equal(said.message_type, 0);
  assert.equal(said.conversation_id, conversationId);
  assert.equal(said.echo_id, "a1");
  assert.equal(said.sender.id, contact);
  const again = await visitor.client.messages.create({ ...at, conversationId, data: { content: "Hola 👋", echo_id: "a1" } });
  assert.equal(again.id, said.id, "sent twice, stored once");

  const handedOver = await until("the handoff", async () => {
    const all = await thread();
    return all.some((m) => m.content === "Te paso con una persona.") ? all : undefined;
  });
  assert.deepEqual(
    handedOver.map((m) => [m.message_type, m.content]),
    [
      [0, "Hola 👋"],
      [3, "¡Bienvenida, bienvenido!"],
      [1, "Soy el asistente de Tienda."],
      [1, "Te paso con una persona."],
    ],
  );
  const seen = await admin.conversations.get({ accountId, conversationId });
  assert.equal(seen.status, "open");
  assert.equal(seen.meta.sender.name, "Hugo");
  assert.equal(seen.inbox_id, started.inbox_id);

  await admin.messages.create({ accountId, conversationId, data: { content: "Cliente nuevo", private: true } });
  await admin.messages.create({ accountId, conversationId, data: { content: "Hola Hugo" } });
  const now = await thread();
  assert.equal(now.at(-1).content, "Hola Hugo");
  assert.equal(now.at(-1).sender.type, "user");
  assert.ok(!now.some((m) => m.content === "Cliente nuevo"), "a note is no customer's business");
});

test("a customer chooses", async () => {
  const { source_id: contactIdentifier } = await visitor.client.contacts.create({ inboxIdentifier, data: { name: "Rosa" } });
  const at = { inboxIdentifier, contactIdentifier };
  const { id: conversationId } = await visitor.client.conversations.create(at);
  const items = [
    { title: "Chica", value: "S" },
    { title: "Grande", value: "L" },
  ];
  const asked = await admin.messages.create({
    accountId,
    conversationId,
    data: { content: "¿Qué talla?", content_type: "input_select", content_attributes: { items } },
  });
  assert.equal(asked.content_type, "input_select");
  assert.deepEqual(asked.content_attributes.items, items);

  const chosen = await visitor.client.messages.update({
    ...at,
    conversationId,
    messageId: asked.id,
    data: { submitted_values: [{ title: "Grande", value: "L" }] },
  });
  assert.deepEqual(chosen.content_attributes.submitted_values, [{ title: "Grande", value: "L" }]);
  const thread = await visitor.client.messages.list({ ...at, conversationId });
  assert.deepEqual(
    thread.filter((m) => m.message_type === 0).map((m) => m.content),
    ["Grande"],
    "a choice is a word",
  );

  const all = await visitor.client.conversations.list(at);
  assert.deepEqual(
    all.map((c) => c.id),
    [conversationId],
  );
  assert.equal(all[0].messages[0].id, thread.at(-1).id);
});

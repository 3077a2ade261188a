"use strict";

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin, request, refused, inboxNamed } = require("./relevo");

let inbox, dora;

before(async () => {
  inbox = await inboxNamed("Contactos");
});

test("create and get", async () => {
  const data = {
    inbox_id: inbox.id,
    name: "Dora Ñúñez",
    email: "Dora@Example.com",
    phone_number: "+34600111222",
    identifier: "cliente-77",
    custom_attributes: { nivel: "oro" },
  };
  const { payload } = await admin.contacts.create({ accountId, data });
  dora = payload.contact;
  assert.deepEqual(
    [dora.name, dora.email, dora.phone_number, dora.identifier, dora.blocked],
    ["Dora Ñúñez", "dora@example.com", "+34600111222", "cliente-77", false],
  );
  assert.deepEqual(dora.custom_attributes, { nivel: "oro" });
  assert.equal(payload.contact_inbox.inbox.id, inbox.id);
  assert.equal(dora.contact_inboxes[0].source_id, payload.contact_inbox.source_id);

  const got = await admin.contacts.get({ accountId, id: dora.id });
  assert.deepEqual(got.payload, dora);
  await refused(admin.contacts.create({ accountId, data: { ...data, email: "otra@example.com", phone_number: undefined } }), 422, "taken");
  await refused(admin.contacts.get({ accountId, id: 999_999 }), 404, "not_found");
});

test("update", async () => {
  const { payload } = await admin.contacts.update({ accountId, id: dora.id, data: { name: "Dora N.", custom_attributes: { nivel: "plata" } } });
  assert.equal(payload.name, "Dora N.");
  assert.equal(payload.email, "dora@example.com", "what is not sent stays");
  assert.deepEqual(payload.custom_attributes, { nivel: "plata" });
});

test("list, search, filter", async () => {
  const { payload: other } = await admin.contacts.create({ accountId, data: { name: "AAA primera" } });
  const byName = await admin.contacts.list({ accountId, sort: "name" });
  assert.equal(byName.meta.current_page, 1);
  assert.ok(byName.meta.count >= 2);
  assert.equal(byName.payload[0].id, other.contact.id);
  const backwards = await admin.contacts.list({ accountId, sort: "-name" });
  assert.notEqual(backwards.payload[0].id, other.contact.id);

  for (const q of ["dora n", "dora@example", "600111222", "cliente-77"]) {
    const found = await admin.contacts.search({ accountId, q });
    assert.deepEqual(
      found.payload.map((c) => c.id),
      [dora.id],
      q,
    );
    assert.equal(found.meta.count, 1);
  }
  const filtered = await admin.contacts.filter({
    accountId,
    payload: [
      { attribute_key: "email", filter_operator: "equal_to", values: ["dora@example.com"], query_operator: "AND" },
      { attribute_key: "nivel", filter_operator: "equal_to", values: ["plata"], query_operator: null, custom_attribute_type: "contact_attribute" },
    ],
  });
  assert.deepEqual(
    filtered.payload.map((c) => c.id),
    [dora.id],
  );
  await refused(admin.contacts.filter({ accountId, payload: [] }), 422, "invalid");
});

test("where a contact can be written to", async () => {
  const second = await inboxNamed("Contactos, segunda");
  const connected = await admin.contact.create({ accountId, id: dora.id, data: { inbox_id: second.id, source_id: "dora-en-otra-parte" } });
  assert.equal(connected.source_id, "dora-en-otra-parte");
  assert.equal(connected.inbox.id, second.id);
  const { payload } = await admin.contact.getContactable({ accountId, id: dora.id });
  assert.deepEqual(
    payload.map((p) => p.inbox.id).sort((a, b) => a - b),
    [inbox.id, second.id].sort((a, b) => a - b),
  );
});

test("conversations, labels, merge, removal", async () => {
  const made = await admin.conversations.create({ accountId, data: { inbox_id: inbox.id, contact_id: dora.id } });
  const { payload } = await admin.contacts.listConversations({ accountId, id: dora.id });
  assert.deepEqual(
    payload.map((c) => c.id),
    [made.id],
  );
  await refused(admin.contacts.delete({ accountId, id: dora.id }), 422, "invalid");

  assert.deepEqual(await request("POST", `/contacts/${dora.id}/labels`, { labels: ["vip"] }), { payload: ["vip"] });
  assert.deepEqual(await request("GET", `/contacts/${dora.id}/labels`), { payload: ["vip"] });

  const { payload: twin } = await admin.contacts.create({ accountId, data: { name: "Dora otra vez", email: "dora2@example.com" } });
  const merged = await request("POST", "/actions/contact_merge", { base_contact_id: dora.id, mergee_contact_id: twin.contact.id });
  assert.equal(merged.id, dora.id);
  await refused(admin.contacts.get({ accountId, id: twin.contact.id }), 404, "not_found");

  const { payload: gone } = await admin.contacts.create({ accountId, data: { name: "De paso" } });
  await admin.contacts.delete({ accountId, id: gone.contact.id });
  await refused(admin.contacts.get({ accountId, id: gone.contact.id }), 404, "not_found");
});

"use strict";

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin, visitor, refused, inboxNamed, me, startConversation } = require("./relevo");

let at, inbox, talk;

before(async () => {
  inbox = await inboxNamed("Mensajes");
  talk = await startConversation(inbox, "Carla");
  at = { accountId, conversationId: talk.conversationId };
});

test("an answer", async () => {
  const boss = await me(admin);
  const said = await admin.messages.create({ ...at, data: { content: "Hola **Carla** 😀", message_type: "outgoing", private: false } });
  assert.equal(said.content, "Hola **Carla** 😀");
  assert.equal(said.message_type, 1);
  assert.equal(said.private, false);
  assert.equal(said.status, "sent");
  assert.equal(said.inbox_id, inbox.id);
  assert.equal(said.conversation_id, at.conversationId);
  assert.deepEqual([said.sender.id, said.sender.name, said.sender.type], [boss.id, "Jefa", "user"]);
  assert.ok((await admin.conversations.get(at)).first_reply_created_at > 0);
  await refused(admin.messages.create({ ...at, data: { content: "" } }), 422, "invalid");
});

test("a note", async () => {
  const note = await admin.messages.create({ ...at, data: { content: "Paga siempre tarde", private: true } });
  assert.equal(note.private, true);
});

test("a customer's word that a connector brings", async () => {
  const data = { content: "¿Cuánto cuesta?", message_type: "incoming", source_id: "wamid-1" };
  const word = await admin.messages.create({ ...at, data });
  assert.equal(word.message_type, 0);
  assert.equal(word.source_id, "wamid-1");
  assert.equal(word.sender.id, talk.contact.id);
  assert.equal(word.sender.type, "contact");
  assert.equal((await admin.messages.create({ ...at, data })).id, word.id, "the connector's id is known already");
  assert.equal((await admin.conversations.get(at)).unread_count, 1);
});

test("a file", async () => {
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const sent = await admin.messages.create({
    ...at,
    data: {
      content: "Así se ve",
      attachments: [
        { content: png.toString("base64"), encoding: "base64", filename: "foto mía.png" },
        { content: "uno\ndos\n", encoding: "utf8", filename: "lista.txt" },
      ],
    },
  });
  assert.equal(sent.content, "Así se ve");
  assert.deepEqual(
    sent.attachments.map((a) => [a.file_type, a.extension, a.file_size, a.message_id]),
    [
      ["image", "png", png.length, sent.id],
      ["file", "txt", 8, sent.id],
    ],
  );
  const file = await fetch(sent.attachments[0].data_url);
  assert.equal(file.headers.get("Content-Type"), "image/png");
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), png);

  const theirs = await visitor.client.messages.list({
    inboxIdentifier: inbox.inbox_identifier,
    contactIdentifier: talk.source,
    conversationId: at.conversationId,
  });
  assert.equal(theirs.at(-1).attachments.length, 2, "the customer has them, too");
});

test("the thread, and what is left of a deleted message", async () => {
  const { meta, payload } = await admin.messages.list(at);
  assert.equal(meta.contact.id, talk.contact.id);
  const said = payload.filter((m) => m.message_type !== 2);
  assert.deepEqual(
    said.map((m) => m.content),
    ["Hola **Carla** 😀", "Paga siempre tarde", "¿Cuánto cuesta?", "Así se ve"],
  );
  assert.deepEqual(
    payload.map((m) => m.id),
    payload.map((m) => m.id).sort((a, b) => a - b),
    "in order",
  );

  await admin.messages.delete({ ...at, messageId: said[0].id });
  const left = (await admin.messages.list(at)).payload.find((m) => m.id === said[0].id);
  assert.equal(left.content_attributes.deleted, true);
  assert.ok(!left.content.includes("Carla"));
  await refused(admin.messages.delete({ ...at, messageId: 999_999 }), 404, "not_found");
});

test("a connector reports that a message failed", async () => {
  const said = await admin.messages.create({ ...at, data: { content: "¿Sigue ahí?" } });
  const failed = await admin.messages.update({ ...at, messageId: said.id, data: { status: "failed", external_error: "131047" } });
  assert.equal(failed.id, said.id);
  assert.equal(failed.status, "failed");
  assert.equal(failed.content_attributes.external_error, "131047");
});

"use strict";

// Canned responses, labels.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin, request, refused } = require("./relevo");

test("canned responses", async () => {
  const made = await admin.cannedResponses.create({ accountId, data: { short_code: "horario", content: "Abrimos a las 9, {{contact.name}}." } });
  assert.deepEqual([made.short_code, made.content, made.account_id], ["horario", "Abrimos a las 9, {{contact.name}}.", accountId]);
  await admin.cannedResponses.create({ accountId, data: { short_code: "envios", content: "Enviamos en nuestro horario." } });
  const changed = await admin.cannedResponses.update({ accountId, id: made.id, data: { content: "Abrimos a las 10." } });
  assert.deepEqual([changed.id, changed.short_code, changed.content], [made.id, "horario", "Abrimos a las 10."]);
  const listed = await admin.cannedResponses.list({ accountId });
  assert.deepEqual(listed.map((c) => c.short_code).sort(), ["envios", "horario"]);
  const found = await request("GET", "/canned_responses?search=horario");
  assert.deepEqual(
    found.map((c) => c.short_code),
    ["horario", "envios"],
    "the short code first",
  );
  await refused(admin.cannedResponses.create({ accountId, data: { short_code: "horario", content: "x" } }), 422, "taken");
  await refused(admin.cannedResponses.create({ accountId, data: { short_code: "vacio", content: " " } }), 422, "invalid");
  await admin.cannedResponses.delete({ accountId, id: made.id });
  assert.deepEqual(
    (await admin.cannedResponses.list({ accountId })).map((c) => c.short_code),
    ["envios"],
  );
});

test("the labels that agents are offered", async () => {
  const made = await request("POST", "/labels", { title: "mayoreo", description: "Grandes pedidos", color: "#00aa00", show_on_sidebar: true });
  assert.deepEqual([made.title, made.description, made.color, made.show_on_sidebar], ["mayoreo", "Grandes pedidos", "#00aa00", true]);
  const { payload } = await request("GET", "/labels");
  assert.ok(payload.some((label) => label.id === made.id));
  await request("DELETE", `/labels/${made.id}`);
});

"use strict";

// What the tests share: the SDK's clients, for the server at RELEVO_BASE and
// the people whose tokens the environment holds.

const assert = require("node:assert/strict");
const { default: ChatwootClient, ApiError } = require("@figuro/chatwoot-sdk");

const accountId = 1;
const base = process.env.RELEVO_BASE;

function client(token, more = {}) {
  return new ChatwootClient({ config: { basePath: base, with_credentials: false, credentials: "omit", token, ...more } });
}

const admin = client(process.env.RELEVO_ADMIN_TOKEN);
const agent = client(process.env.RELEVO_AGENT_TOKEN);
const visitor = client(undefined);

// Some of the SDK's paths are served by no server of the dialect: those of a
// team's members lack "/api/v1", and taking agents off an inbox has the inbox's
// id at the end of the path. These two clients mend them on the way.
const forTeamMembers = client(process.env.RELEVO_ADMIN_TOKEN, { basePath: `${base}/api/v1` });
const nothing = "nothing"; // as an id: leaves its place in the path empty
const withoutIds = client(process.env.RELEVO_ADMIN_TOKEN, { encode_path: (part) => (part === nothing ? "" : encodeURI(part)) });

// request calls what the SDK has no method for, with an administrator's token.
async function request(method, path, body) {
  const answer = await fetch(`${base}/api/v1/accounts/${accountId}${path}`, {
    method,
    headers: { api_access_token: process.env.RELEVO_ADMIN_TOKEN, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

// refused expects that the SDK's call fails with a status and a code.
async function refused(call, status, code) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, status, JSON.stringify(error.body));
    assert.equal(error.body.code, code);
    return true;
  });
}

// until asks again and again, for half a minute at most, and returns the first
// answer that is not undefined.
async function until(what, ask) {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    await new Promise((again) => setTimeout(again, 20));
  }
  assert.fail(`waited in vain: ${what}`);
}

// inboxNamed returns an inbox of relevo.yaml, or makes one of the API.
async function inboxNamed(name) {
  const { payload } = await admin.inboxes.list({ accountId });
  const known = payload.find((inbox) => inbox.name === name);
  return known ?? admin.inboxes.create({ accountId, data: { name, channel: { type: "api" } } });
}

// me is the agent behind a client.
function me(of) {
  return of.profile.profile();
}

// startConversation makes a contact at an inbox and an open conversation.
async function startConversation(inbox, name, more = {}) {
  const { payload } = await admin.contacts.create({ accountId, data: { inbox_id: inbox.id, name } });
  const conversation = await admin.conversations.create({
    accountId,
    data: { inbox_id: inbox.id, contact_id: payload.contact.id, source_id: payload.contact_inbox.source_id, ...more },
  });
  return { contact: payload.contact, source: payload.contact_inbox.source_id, conversation, conversationId: conversation.id };
}

module.exports = { accountId, base, client, admin, agent, visitor, forTeamMembers, nothing, withoutIds, request, refused, until, inboxNamed, me, startConversation };

"use strict";

// What the SDK can ask for and Relevo does not have: said with 404, or 405
// where the path has other operations, never with a page of words or an error
// of the inside. What is served one day leaves this list and gets a test.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin } = require("./relevo");

const at = { accountId, id: 1, data: {} };
const unserved = {
  "automation rules": [() => admin.automationRule.list(at), () => admin.automationRule.create(at), () => admin.automationRule.get(at)],
  integrations: [() => admin.integrations.list(at), () => admin.integrations.create(at)],
  "the platform": [() => admin.platform.accounts.get(at), () => admin.platform.users.get(at), () => admin.platform.agentBots.get(at)],
};

for (const [name, calls] of Object.entries(unserved)) {
  test(`not served: ${name}`, async () => {
    for (const call of calls) {
      await assert.rejects(call, (error) => {
        assert.ok([404, 405].includes(error.status), `${error.url}: ${error.status}`);
        assert.ok(["not_found", "method_not_allowed"].includes(error.body.code), JSON.stringify(error.body));
        return true;
      });
    }
  });
}

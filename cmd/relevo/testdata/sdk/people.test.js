"use strict";

// Agents, teams, inboxes, bots outside, the profile.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { accountId, admin, agent, client, forTeamMembers, nothing, withoutIds, refused, me } = require("./relevo");

const ids = (list) => list.map((one) => one.id).sort((a, b) => a - b);

test("the profile behind a token", async () => {
  const boss = await me(admin);
  assert.deepEqual([boss.email, boss.name, boss.role, boss.account_id], ["jefa@example.com", "Jefa", "administrator", accountId]);
  assert.deepEqual([boss.accounts[0].id, boss.accounts[0].role], [accountId, "administrator"]);
  assert.equal((await me(agent)).role, "agent");
  await assert.rejects(me(client("wrong")), (error) => error.status === 401);
  await assert.rejects(me(client(undefined)), (error) => error.status === 401);
});

test("agents", async () => {
  const eva = await admin.agents.create({ accountId, data: { name: "Eva", email: "Eva@Example.com", role: "agent" } });
  assert.deepEqual([eva.name, eva.email, eva.role, eva.account_id, eva.confirmed], ["Eva", "eva@example.com", "agent", accountId, true]);
  assert.ok(ids(await admin.agents.list({ accountId })).includes(eva.id));
  const raised = await admin.agents.update({ accountId, id: eva.id, data: { role: "administrator", auto_offline: false, availability: "busy" } });
  assert.deepEqual([raised.role, raised.auto_offline, raised.availability_status], ["administrator", false, "busy"]);
  await refused(admin.agents.create({ accountId, data: { name: "Eva", email: "eva@example.com", role: "agent" } }), 422, "taken");
  await refused(agent.agents.create({ accountId, data: { name: "X", email: "x@example.com", role: "agent" } }), 401, "forbidden");
  await admin.agents.delete({ accountId, id: eva.id });
  assert.ok(!ids(await admin.agents.list({ accountId })).includes(eva.id));
  await refused(admin.agents.update({ accountId, id: eva.id, data: { role: "agent" } }), 404, "not_found");
  await refused(admin.agents.delete({ accountId, id: 999_999 }), 404, "not_found");
});

test("teams and their members", async () => {
  const team = await admin.teams.create({ accountId, data: { name: "posventa", description: "Reparaciones", allow_auto_assign: false } });
  assert.deepEqual(
    [team.name, team.description, team.allow_auto_assign, team.account_id, team.is_member],
    ["posventa", "Reparaciones", false, accountId, false],
  );
  const teamId = team.id;
  assert.deepEqual(await admin.teams.get({ accountId, teamId }), team);
  const changed = await admin.teams.update({ accountId, teamId, data: { description: "Arreglos" } });
  assert.deepEqual([changed.name, changed.description], ["posventa", "Arreglos"]);
  assert.ok(ids(await admin.teams.list({ accountId })).includes(teamId));

  const [boss, ana] = [await me(admin), await me(agent)];
  const at = { accountId, teamId };
  assert.deepEqual(ids(await forTeamMembers.teams.addAgent({ ...at, data: { user_ids: [boss.id] } })), [boss.id]);
  assert.deepEqual(ids(await forTeamMembers.teams.updateAgentsInTeam({ ...at, data: { user_ids: [boss.id, ana.id] } })), ids([boss, ana]));
  await forTeamMembers.teams.removeAgent({ ...at, data: { user_ids: [ana.id] } });
  assert.deepEqual(ids(await forTeamMembers.teams.listMembers(at)), [boss.id]);
  assert.equal((await admin.teams.get(at)).is_member, true);

  await refused(agent.teams.delete(at), 401, "forbidden");
  await admin.teams.delete(at);
  await refused(admin.teams.get(at), 404, "not_found");
});

test("inboxes and their members", async () => {
  const web = await admin.inboxes.create({
    accountId,
    data: { name: "Web", channel: { type: "web_widget", website_url: "https://shop.example.com", widget_color: "#112233", welcome_title: "¡Hola!" } },
  });
  assert.deepEqual(
    [web.name, web.channel_type, web.website_url, web.widget_color, web.welcome_title, web.enable_auto_assignment],
    ["Web", "Channel::WebWidget", "https://shop.example.com", "#112233", "¡Hola!", true],
  );
  assert.ok(web.website_token);
  const changed = await admin.inboxes.update({
    accountId,
    id: web.id,
    data: { name: "Web nueva", enable_auto_assignment: false, channel: { welcome_tagline: "Pregunta" } },
  });
  assert.deepEqual([changed.name, changed.enable_auto_assignment, changed.welcome_title, changed.welcome_tagline], ["Web nueva", false, "¡Hola!", "Pregunta"]);
  assert.deepEqual(await admin.inboxes.get({ accountId, id: web.id }), changed);

  const { payload } = await admin.inboxes.list({ accountId });
  const fromFile = payload.find((inbox) => inbox.name === "Tienda");
  await assert.rejects(admin.inboxes.update({ accountId, id: fromFile.id, data: { name: "Otra" } }), (error) => {
    assert.equal(error.status, 422);
    assert.equal(error.body.code, "read_only");
    assert.match(error.body.error, /relevo\.yaml/, "the file is named");
    return true;
  });

  const [boss, ana] = [await me(admin), await me(agent)];
  const inbox_id = web.id;
  assert.deepEqual(ids((await admin.inboxes.addAgent({ accountId, data: { inbox_id, user_ids: [boss.id] } })).payload), [boss.id]);
  assert.deepEqual(ids((await admin.inboxes.updateAgentsInInbox({ accountId, data: { inbox_id, user_ids: [ana.id, boss.id] } })).payload), ids([ana, boss]));
  assert.ok(ids((await agent.inboxes.list({ accountId })).payload).includes(web.id), "a member sees it");
  await withoutIds.inboxes.removeAgent({ accountId, inboxId: nothing, data: { inbox_id, user_ids: [ana.id] } });
  assert.deepEqual(ids((await admin.inboxes.listAgents({ accountId, inboxId: web.id })).payload), [boss.id]);
  await refused(agent.inboxes.get({ accountId, id: web.id }), 401, "forbidden");
});

test("a bot outside", async () => {
  const bot = await admin.accountAgentBots.create({ accountId, data: { name: "Rasa", description: "De fuera", outgoing_url: "https://bot.example.com/hook" } });
  assert.deepEqual([bot.name, bot.description, bot.outgoing_url], ["Rasa", "De fuera", "https://bot.example.com/hook"]);
  assert.ok(bot.access_token, "shown this once");
  const at = { accountId, id: bot.id };
  assert.equal((await admin.accountAgentBots.update({ ...at, data: { name: "Rasa 2" } })).name, "Rasa 2");
  assert.equal((await admin.accountAgentBots.get(at)).name, "Rasa 2");
  assert.ok(ids(await admin.accountAgentBots.list({ accountId })).includes(bot.id));

  const inbox = await admin.inboxes.create({ accountId, data: { name: "Con bot de fuera", channel: { type: "api" } } });
  await admin.inboxes.updateAgentBot({ accountId, id: inbox.id, data: { agent_bot: bot.id } });
  assert.equal((await admin.inboxes.getAgentBot({ accountId, id: inbox.id })).agent_bot.id, bot.id);
  const { payload } = await admin.contacts.create({ accountId, data: { inbox_id: inbox.id, name: "Fermín" } });
  const made = await admin.conversations.create({ accountId, data: { inbox_id: inbox.id, contact_id: payload.contact.id } });
  assert.equal(made.status, "pending", "the bot has it");

  const itself = client(bot.access_token);
  const conversationId = made.id;
  const said = await itself.messages.create({ accountId, conversationId, data: { content: "Soy un bot" } });
  assert.equal(said.sender.type, "agent_bot");
  assert.equal((await admin.conversations.get({ accountId, conversationId })).status, "pending", "a bot takes nothing over");
  await itself.conversations.toggleStatus({ accountId, conversationId, data: { status: "open" } });
  assert.equal((await admin.conversations.get({ accountId, conversationId })).status, "open");
  await assert.rejects(itself.contacts.list({ accountId }), (error) => error.status === 401);

  await admin.accountAgentBots.delete(at);
  await refused(admin.accountAgentBots.get(at), 404, "not_found");
});

-- 10,000 conversations in people's hands in the inbox "bench", for both databases.
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO contacts (name, custom_attributes, additional_attributes, created_at, updated_at)
  SELECT 'Customer ' || i, '{}', '{}', '2026-01-02 03:04:05+00:00', '2026-01-02 03:04:05+00:00' FROM n;
INSERT INTO contact_inboxes (contact_id, inbox_id, source_id, pubsub_token, created_at)
  SELECT p.id, x.id, 'bench-visitor-' || p.id, 'bench-pubsub-' || p.id, p.created_at
  FROM contacts p, inboxes x WHERE x.identifier = 'bench' AND p.name LIKE 'Customer %';
INSERT INTO conversations (uuid, inbox_id, contact_id, contact_inbox_id, status, custom_attributes, additional_attributes,
    last_activity_at, created_at, updated_at)
  SELECT 'bench-conversation-' || v.id, v.inbox_id, v.contact_id, v.id, 'open', '{}', '{}', v.created_at, v.created_at, v.created_at
  FROM contact_inboxes v WHERE v.source_id LIKE 'bench-visitor-%';

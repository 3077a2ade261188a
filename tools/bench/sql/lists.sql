-- Conversations {from} to {to} in five inboxes, for both databases: one in twenty is open, one in twenty the bot's, one in
-- three is somebody's, one in ten has a team and a label. {at} is a time, three seconds later for each.
WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
INSERT INTO contacts (name, email, custom_attributes, additional_attributes, created_at, updated_at)
  SELECT 'Listed ' || i, 'listed-' || i || '@example.com', '{}', '{}', {at}, {at} FROM n WHERE i % 5 = 0;
INSERT INTO contact_inboxes (contact_id, inbox_id, source_id, pubsub_token, created_at)
  SELECT p.id, x.id, 'listed-' || p.id, 'listed-pubsub-' || p.id, p.created_at FROM contacts p
  JOIN inboxes x ON x.identifier = 'list-' || (p.id % 5)
  WHERE p.name LIKE 'Listed %' AND NOT EXISTS (SELECT 1 FROM contact_inboxes v WHERE v.contact_id = p.id);
WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to}),
  visitors AS (SELECT v.*, row_number() OVER (ORDER BY v.id) - 1 AS number FROM contact_inboxes v WHERE v.source_id LIKE 'listed-%'),
  agent AS (SELECT min(id) AS first, count(*) AS all_of_them FROM agents WHERE email LIKE 'listed-%')
INSERT INTO conversations (uuid, inbox_id, contact_id, contact_inbox_id, status, assignee_id, team_id, seq, customer_seq, bot_seq,
    last_word_seq, custom_attributes, additional_attributes, last_activity_at, created_at, updated_at)
  SELECT 'listed-' || i, v.inbox_id, v.contact_id, v.id, CASE i / 5 % 20 WHEN 0 THEN 'open' WHEN 1 THEN 'pending' ELSE 'resolved' END,
    CASE WHEN i / 5 % 20 <> 1 AND i % 3 = 0 THEN agent.first + i / 300 % agent.all_of_them END,
    CASE WHEN i / 7 % 10 = 0 THEN (SELECT min(id) FROM teams) END, 1, 1, 1, 1, '{}', '{}', {at}, {at}, {at}
  FROM n CROSS JOIN agent JOIN visitors v ON v.number = i / 5 - 1;
INSERT INTO messages (conversation_id, inbox_id, seq, message_type, content, content_type, content_attributes, sender_type, sender_id,
    created_at, updated_at)
  SELECT c.id, c.inbox_id, 1, 0, 'Hello, I would like to know where my order number 12345 is and when it arrives ok', 'text', '{}',
    'contact', c.contact_id, c.created_at, c.created_at
  FROM conversations c WHERE c.seq = 1 AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id);
INSERT INTO conversation_labels (conversation_id, label)
  SELECT c.id, CASE WHEN c.id % 10000 = 0 THEN 'rare' ELSE 'common' END FROM conversations c
  WHERE c.seq = 1 AND c.id % 10 = 0 AND NOT EXISTS (SELECT 1 FROM conversation_labels l WHERE l.conversation_id = c.id);
WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
INSERT INTO ruler_list (id, inbox_id, contact_id, assignee_id, status, unread, contact_name, last_message, custom, last_activity_at)
  SELECT i, i % 5, i / 5, CASE WHEN i % 3 = 0 THEN i % 40 END, CASE i / 5 % 20 WHEN 0 THEN 0 WHEN 1 THEN 1 ELSE 2 END, i % 4, 'Listed ' || i,
    'Hello, I would like to know where my order number 12345 is and when it arrives ok', '{}', {at} FROM n

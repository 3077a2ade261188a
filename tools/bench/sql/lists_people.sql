-- Who the conversations of lists.sql may belong to, and the ruler's table: what a row of a list shows, in one place.
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO agents (name, email, role, created_at, updated_at)
  SELECT 'Agent ' || i, 'listed-' || i || '@example.com', 'agent', '2026-01-02 03:04:05+00:00', '2026-01-02 03:04:05+00:00' FROM n;
INSERT INTO teams (name, created_at) VALUES ('listed', '2026-01-02 03:04:05+00:00');
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4)
INSERT INTO inboxes (identifier, name, channel, origin, settings, created_at, updated_at)
  SELECT 'list-' || i, 'List ' || i, 'api', 'api', '{}', '2026-01-02 03:04:05+00:00', '2026-01-02 03:04:05+00:00' FROM n;
CREATE TABLE ruler_list (id bigint PRIMARY KEY, inbox_id bigint NOT NULL, contact_id bigint NOT NULL, assignee_id bigint,
  status smallint NOT NULL, unread integer NOT NULL, contact_name text NOT NULL, last_message text NOT NULL, custom {json} NOT NULL,
  last_activity_at {time} NOT NULL);
CREATE INDEX ruler_list_list ON ruler_list (status, last_activity_at DESC, id DESC)

-- +goose Up
-- What ended while a bot had it is told apart: by the bot, by the customer, by silence, by an agent. The events say who.

UPDATE report_events SET class = 'ended_by_customer' WHERE kind = 'conversation_resolved' AND class = 'contained' AND reason = 'contact';
UPDATE report_events SET class = 'abandoned' WHERE kind = 'conversation_resolved' AND class = 'contained' AND reason = 'system';
UPDATE report_events SET class = CASE reason WHEN 'bot' THEN 'contained' WHEN 'contact' THEN 'ended_by_customer' WHEN 'system' THEN 'abandoned' ELSE 'closed' END
    WHERE kind = 'conversation_bot_left' AND class = 'resolved';

-- Of what was reopened, and of what may be, the class is that of the resolution before.
UPDATE report_events SET class = coalesce((SELECT r.class FROM report_events r WHERE r.conversation_id = report_events.conversation_id
        AND r.id < report_events.id AND r.kind = 'conversation_resolved' ORDER BY r.id DESC LIMIT 1), class)
    WHERE kind = 'conversation_reopened' AND class = 'contained';
UPDATE conversations SET round_class = coalesce((SELECT r.class FROM report_events r WHERE r.conversation_id = conversations.id
        AND r.kind = 'conversation_resolved' ORDER BY r.id DESC LIMIT 1), round_class)
    WHERE round_class = 'contained';

CREATE INDEX report_events_at ON report_events (at, id);

-- +goose Down
DROP INDEX report_events_at;
UPDATE conversations SET round_class = 'contained' WHERE round_class IN ('ended_by_customer', 'abandoned');
UPDATE report_events SET class = 'resolved' WHERE kind = 'conversation_bot_left' AND class IN ('contained', 'ended_by_customer', 'abandoned', 'closed');
UPDATE report_events SET class = 'contained' WHERE class IN ('ended_by_customer', 'abandoned');

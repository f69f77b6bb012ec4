-- Hours that count for one event type only.

-- the event type; null: hours that their owner has for any
alter table user_availability_schedules add column event_type_id {uuid};

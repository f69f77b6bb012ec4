-- Hours that count for one event type only, and event types for one occasion.

-- the event type; null: hours that their owner has for any
alter table user_availability_schedules add column event_type_id {uuid};

-- of an event type for one occasion: the random part of its address; null: it is no such one
alter table event_types add column code text;

-- Whom an event concerns is known when its messages are made, and is asked at no other time.

alter table feed_events drop column users;

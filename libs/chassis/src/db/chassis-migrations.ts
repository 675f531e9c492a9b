import type { Migration } from './migration.js';

/** The tables that every service has in its own schema. */
export const CHASSIS_MIGRATIONS: readonly Migration[] = [
  {
    name: '0000-outbox-inbox',
    sql: `
      create table outbox (
        position     bigint      generated always as identity,
        event_id     text        collate "C" not null,
        event_name   text        collate "C" not null,
        body         text        not null,
        appended_at  timestamptz not null default now(),
        published_at timestamptz,
        constraint outbox_event_once primary key (event_id)
      );
      create index outbox_unpublished on outbox (position) where published_at is null;
      comment on table outbox is 'Facts on their way to the bus, written in the transaction of the fact.';

      create table inbox (
        consumer   text        collate "C" not null,
        event_id   text        collate "C" not null,
        handled_at timestamptz not null default now(),
        constraint inbox_handled_once primary key (consumer, event_id)
      );
      comment on table inbox is 'One row per event a consumer has handled, written in the transaction of its effect.';

      create table dead_letters (
        consumer  text        collate "C" not null,
        event_id  text        collate "C" not null,
        subject   text        not null,
        body      bytea       not null,
        reason    text        not null,
        parked_at timestamptz not null default now(),
        constraint dead_letters_parked_once primary key (consumer, event_id)
      );
      comment on table dead_letters is 'Messages that can never be handled, as they came. Never deleted by a program.';

      create table answers (
        caller      text        collate "C" not null,
        request     text        collate "C" not null,
        key         text        collate "C" not null,
        body_digest text        not null,
        answer      jsonb,
        answered_at timestamptz not null default now(),
        constraint answers_given_once primary key (caller, request, key)
      );
      comment on table answers is 'What was answered under an idempotency key, in the transaction of the effect.';`,
  },
  {
    name: '0000-trace',
    sql: `
      alter table outbox add column traceparent text collate "C";
      comment on column outbox.traceparent is 'The request a fact came from (W3C Trace Context); nothing decides by it.';`,
  },
  {
    name: '0370-operation',
    sql: `
      create table said_migrations (
        name text collate "C" not null,
        constraint said_migrations_once primary key (name)
      );
      comment on table said_migrations is 'Steps of this schema that stand in the log of the operator, marked in the transaction that wrote the record.';

      alter table dead_letters add column handled_at timestamptz;
      alter table dead_letters add column handled_how text;
      comment on column dead_letters.handled_at is 'When a person dealt with it; null again where it came and failed once more.';`,
  },
];

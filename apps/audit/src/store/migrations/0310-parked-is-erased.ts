import { migration } from '@interlock/chassis/db';

/**
 * A parked record is in no log, and what it says of persons may not stay longer than the rule of its log for that. It is emptied where it is parked
 * and where it was appended, and there only what is parked: everything else is written once as before.
 */
export const parkedIsErased = migration(
  '0310-parked-is-erased',
  `
  alter table parked add column log text collate "C";
  alter table parked add column position bigint;
  create index parked_by_position on parked (position) where position is not null;
  comment on column parked.log is 'The log it was meant for, where it named one.';
  comment on column parked.position is 'Where it was appended; null where the door itself parked it.';
  update parked set log = substring(body from '"log": ?"(agr_[0-9a-hjkmnp-tv-z]{26}|operator)"');

  create function refuse_change_unless_parked() returns trigger language plpgsql as $$
  begin
    if tg_op = 'UPDATE' and new.body = 'null'::jsonb and new.opened is null
      and (new.position, new.id, new.log, new.writer, new.appended_at) = (old.position, old.id, old.log, old.writer, old.appended_at)
      and exists (select from parked p where p.position = old.position)
      and not exists (select from pending q where q.position = old.position) then
      return new;
    end if;
    raise exception 'rows of %.% are never changed', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
  end $$;
  drop trigger appended_is_written_once on appended;
  create trigger appended_is_written_once before truncate on appended
    for each statement execute function refuse_change();
  create trigger appended_is_emptied_only_where_parked
    before update of position, id, log, writer, body, appended_at or delete on appended
    for each row execute function refuse_change_unless_parked();

  create or replace function append_again(record jsonb, fault text) returns bigint language plpgsql as $$
  declare
    place  bigint;
    acting text := coalesce(current_setting('interlock.organisation', true), '');
    meant  text := coalesce(record ->> 'log', record -> 'record' ->> 'log');
  begin
    -- From here on for the service; whoever the caller acts for is put back before it returns.
    perform set_config('interlock.organisation', '*', true);
    if fault is null then
      -- Appended before: the same record again is the same record; another one under its id is a finding.
      select a.position into place from appended a where a.id = record ->> 'id' and a.body = record;
      fault := case when place is null then 'other_content' end;
    end if;
    if fault is not null then
      insert into parked as p (reason, writer, digest, body, log)
        values (fault, session_user, sha256(convert_to(coalesce(record::text, ''), 'UTF8')), coalesce(record::text, ''),
          case when meant ~ '^(agr_[0-9a-hjkmnp-tv-z]{26}|operator)$' then meant end)
        on conflict (digest, reason, writer) do update set times = p.times + 1
        returning -p.no into place;
    end if;
    perform set_config('interlock.organisation', acting, true);
    return place;
  end $$;
`,
);

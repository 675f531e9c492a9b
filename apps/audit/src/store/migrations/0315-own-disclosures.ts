import { migration } from '@interlock/chassis/db';

/**
 * What one company keeps from the other lies in a table of its own, whose rows the other never sees, whatever asks for them. It can be taken
 * away; a part of what tells of persons can be too, when a person of a company asks for it.
 */
export const ownDisclosures = migration(
  '0315-own-disclosures',
  `
  create table own_disclosure (
    position     bigint not null,
    organisation text   collate "C" not null,
    opened       jsonb  not null,
    constraint own_disclosure_one_a_record primary key (position)
  );
  comment on table own_disclosure is 'Disclosures of the members of a record that belong to one company alone.';
  alter table own_disclosure enable row level security;
  alter table own_disclosure force row level security;
  create policy owner_reads on own_disclosure using (
    current_setting('interlock.organisation', true) in ('*', organisation));
  create policy door_inserts on own_disclosure for insert with check (true);
  create trigger own_disclosure_is_written_once before update or truncate on own_disclosure
    for each statement execute function refuse_change();

  drop trigger appended_is_only_erased on appended;
  create trigger appended_is_only_erased before update of opened on appended for each row
    when (new.opened is not null and not (coalesce(new.opened <@ old.opened, false))) execute function refuse_change();

  drop function evidence.append(jsonb, jsonb);
  create function evidence.append(record jsonb, opened jsonb default null, own jsonb default null) returns bigint
    language plpgsql security definer
    set search_path = audit, pg_temp
  as $$
  declare
    place bigint;
    fault text := case
      when jsonb_typeof(record) is distinct from 'object' then 'not_an_object'
      when pg_column_size(record) > 49152 or pg_column_size(opened) > 16384 or pg_column_size(own) > 16384 then 'too_large'
      when coalesce(record ->> 'id', '') !~ '^evd_[0-9a-hjkmnp-tv-z]{26}$' then 'no_id'
      when coalesce(record ->> 'log', '') !~ '^(agr_[0-9a-hjkmnp-tv-z]{26}|operator)$' then 'no_log'
      when own is not null and record ->> 'belongsTo' is null then 'no_owner'
    end;
  begin
    if fault is null then
      place := nextval('appended_position');
      insert into appended (position, id, log, writer, body, opened)
        values (place, record ->> 'id', record ->> 'log', session_user, record, opened)
        on conflict do nothing;
      if found then
        insert into pending (position) values (place);
        if own is not null then
          insert into own_disclosure (position, organisation, opened) values (place, record ->> 'belongsTo', own);
        end if;
        return place;
      end if;
    end if;
    return append_again(case when fault in ('too_large', 'no_owner') and (opened is not null or own is not null)
      then jsonb_build_object('record', record, 'opened', opened, 'own', own) else record end, fault);
  end $$;
  comment on function evidence.append is 'Writes one evidence record in the transaction of its fact; beside it what opens what it tells of persons, and apart from that what one company keeps from the other. A negative answer is a parked record.';
  revoke execute on function evidence.append from public;
  grant execute on function evidence.append to interlock_trust_registry, interlock_grants, interlock_data_router, interlock_federation_api;
`,
);

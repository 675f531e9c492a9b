import { migration } from '@interlock/chassis/db';

/**
 * A draft is a row of its own company. It takes no number of the agreement: whoever writes one keeps nobody from proposing, and shows nobody that
 * he writes. Its moves are those of an agreement version.
 */
export const drafts = migration(
  '0205-drafts',
  `
  alter table agreement_moves disable trigger agreement_moves_are_closed;
  insert into agreement_moves (from_status, to_status) values ('none', 'draft'), ('draft', 'proposed');
  alter table agreement_moves enable trigger agreement_moves_are_closed;
  alter table agreements add constraint agreement_is_no_draft check (status <> 'draft');

  create table drafts (
    organisation  text    collate "C" not null,
    agreement_id  text    collate "C" not null,
    version       integer not null,
    digest        text    collate "C" not null,
    status        text    collate "C" not null,
    status_before text    collate "C" not null,
    kept_at       bigint  not null,
    body          text    not null,
    constraint draft_one_per_version primary key (organisation, agreement_id, version),
    constraint draft_begins_as_one check (status = 'draft' or (status = 'proposed' and status_before = 'draft')),
    constraint draft_moves_as_agreed foreign key (status_before, status) references agreement_moves (from_status, to_status)
  );
  comment on table drafts is 'Versions that one company writes. Written over until proposed; then they stay as they were proposed.';

  create function keep_draft_life() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then
      new.status_before := 'none';
      return new;
    end if;
    if old.status <> 'draft' then
      raise exception 'what was proposed is no draft any more' using errcode = 'restrict_violation';
    end if;
    if tg_op = 'DELETE' then
      return old;
    end if;
    if (new.organisation, new.agreement_id, new.version) is distinct from (old.organisation, old.agreement_id, old.version)
       or (new.status <> 'draft' and (new.digest, new.body) is distinct from (old.digest, old.body)) then
      raise exception 'a draft keeps its name, and is proposed as it was kept' using errcode = 'restrict_violation';
    end if;
    new.status_before := case when new.status = old.status then old.status_before else old.status end;
    return new;
  end $$;
  create trigger draft_keeps_life before insert or update or delete on drafts for each row execute function keep_draft_life();
  create trigger drafts_stay before truncate on drafts for each statement execute function refuse_change();

  alter table drafts enable row level security;
  alter table drafts force row level security;
  create policy author_only on drafts using (current_setting('interlock.organisation', true) = organisation);
`,
);

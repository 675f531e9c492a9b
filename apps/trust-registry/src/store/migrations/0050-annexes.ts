import { migration } from '@interlock/chassis/db';

/**
 * annexes: signed documents beside an agreement's text ──< annex_notices: what both were told of their end
 * machines: where each machine stands at its owner, moved by its records and transfers along machine_moves
 */
export const annexTables = migration(
  '0050-annexes',
  `
  create table annexes (
    agreement_id text   collate "C" not null,
    digest       text   collate "C" not null,
    kind         text   collate "C" not null,
    parties      text[] collate "C" not null,
    signers      text[] collate "C" not null,
    clause       text   collate "C",
    warn_at      bigint,
    ends_at      bigint,
    body         text   not null,
    held_at      bigint not null,
    constraint annex_once primary key (agreement_id, digest),
    constraint annex_warns_before_it_ends check (warn_at is null or warn_at <= ends_at)
  );
  create index annexes_by_end on annexes (warn_at) where warn_at is not null;
  comment on table annexes is 'Verified documents that hang on an agreement: a set, never changed.';

  create table annex_notices (
    agreement_id text   collate "C" not null,
    digest       text   collate "C" not null,
    notice       text   collate "C" not null,
    given_at     bigint not null,
    constraint annex_notice_once primary key (agreement_id, digest, notice),
    constraint annex_notice_is_of_an_annex foreign key (agreement_id, digest) references annexes (agreement_id, digest),
    constraint annex_notice_is_known check (notice in ('expiring', 'ended'))
  );
  comment on table annex_notices is 'Each end of an annex is announced once before and once when it comes.';

  create table machine_moves (
    from_state text collate "C" not null,
    to_state   text collate "C" not null,
    constraint machine_move_once primary key (from_state, to_state)
  );
  insert into machine_moves (from_state, to_state) values
    ('none', 'commissioned'),
    ('commissioned', 'commissioned'), ('commissioned', 'decommissioned'), ('commissioned', 'transferred');
  comment on table machine_moves is 'The only moves in the life of a machine there are; a test compares them with MACHINE_TRANSITIONS.';

  create table machines (
    owner        text    collate "C" not null,
    id           text    collate "C" not null,
    sequence     bigint  not null,
    digest       text    collate "C" not null,
    state        text    collate "C" not null,
    state_before text    collate "C" not null,
    constraint machine_is_of_its_owner primary key (owner, id),
    constraint machine_moves_as_life_goes foreign key (state_before, state) references machine_moves (from_state, to_state)
  );
  comment on table machines is 'Where each machine stands at its owner, by the newest record or transfer.';

  create function keep_machine_life() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then
      new.state_before := 'none';
      return new;
    end if;
    if (new.owner, new.id) is distinct from (old.owner, old.id) or new.sequence <> old.sequence + 1 then
      raise exception 'a machine keeps its name, and its records follow each other' using errcode = 'restrict_violation';
    end if;
    new.state_before := old.state;
    return new;
  end $$;
  create trigger machine_keeps_life before insert or update on machines for each row execute function keep_machine_life();

  create trigger annexes_stay before update or delete or truncate on annexes for each statement execute function refuse_change();
  create trigger annex_notices_stay before update or delete or truncate on annex_notices
    for each statement execute function refuse_change();
  create trigger machines_stay before delete or truncate on machines for each statement execute function refuse_change();
  create trigger machine_moves_stay before insert or update or delete or truncate on machine_moves
    for each statement execute function refuse_change();
`,
);

const ASKER = `current_setting('interlock.organisation', true)`;

/** A party sees the annexes of its agreements; a machine is seen by its owner, and by nobody before somebody is named. */
export const annexRowSecurity = migration(
  '0051-annex-row-security',
  `
  alter table annexes enable row level security;
  alter table annexes force row level security;
  create policy parties_only on annexes using (${ASKER} = '*' or ${ASKER} = any (parties));
  alter table annex_notices enable row level security;
  alter table annex_notices force row level security;
  create policy parties_only on annex_notices using (${ASKER} = '*' or exists (
    select from annexes x where x.agreement_id = annex_notices.agreement_id and x.digest = annex_notices.digest));
  alter table machines enable row level security;
  alter table machines force row level security;
  create policy owner_only on machines using (${ASKER} in ('*', owner));
`,
);

/** Every step of annexes, in order. */
export const ANNEX_MIGRATIONS = [annexTables, annexRowSecurity];

import { migration } from '@interlock/chassis/db';
import { decisions } from './0070-decisions.js';
import { tokens } from './0073-tokens.js';
import { signals } from './0351-signals.js';

/**
 * grants ──< signatures          acts: a set by agreement          sessions ──> grants
 *   status moves along             verdicts: newest of each kind     login_proofs: how often each was used
 *   grant_moves                    status_lists: newest of each party
 *
 * `parties` stands on every row, copied from the agreement when the row is written: row-level security asks nothing else.
 */
export const grantTables = migration(
  '0001-grants',
  `
  create table grants (
    id               text   collate "C" not null,
    digest           text   collate "C" not null,
    agreement_id     text   collate "C" not null,
    agreement_digest text   collate "C" not null,
    kind             text   collate "C" not null,
    owner            text   collate "C" not null,
    subject_side     text   collate "C" not null,
    parties          text[] collate "C" not null,
    status           text   collate "C" not null,
    status_before    text   collate "C" not null,
    asked_at         bigint not null,
    ends_at          bigint not null,
    body             text   not null,
    constraint grant_once primary key (id),
    constraint grant_has_one_digest unique (digest)
  );
  create index grants_by_agreement on grants (agreement_id, status);
  create index grants_by_party on grants using gin (parties);
  create index grants_by_end on grants (ends_at) where status in ('asked', 'active');
  comment on table grants is 'Every grant ever asked for. Nothing but its status ever changes.';

  create table signatures (
    grant_id     text collate "C" not null,
    organisation text collate "C" not null,
    kid          text collate "C" not null,
    body         text not null,
    constraint signature_one_per_key primary key (grant_id, organisation, kid),
    constraint signature_is_of_a_grant foreign key (grant_id) references grants (id)
  );
  comment on table signatures is 'Verified signatures over a grant: of the one who asks and of those who approve.';

  create table denials (
    grant_id     text   collate "C" not null,
    organisation text   collate "C" not null,
    by_holder    text   collate "C",
    reason       text   not null,
    denied_at    bigint not null,
    constraint denial_one_per_grant primary key (grant_id),
    constraint denial_is_of_a_grant foreign key (grant_id) references grants (id)
  );
  comment on table denials is 'Who said no to a grant that was asked for, and why.';

  create table acts (
    digest       text   collate "C" not null,
    agreement_id text   collate "C" not null,
    organisation text   collate "C" not null,
    target_kind  text   collate "C" not null,
    target_id    text   collate "C" not null,
    signers      text[] collate "C" not null,
    parties      text[] collate "C" not null,
    body         text   not null,
    held_at      bigint not null,
    constraint act_once primary key (digest)
  );
  create index acts_by_agreement on acts (agreement_id);
  comment on table acts is 'Verified acts on grants, sessions, persons, machines, workloads and keys: a set, never changed.';

  create table verdicts (
    grant_digest text   collate "C" not null,
    organisation text   collate "C" not null,
    kind         text   collate "C" not null,
    agreement_id text   collate "C" not null,
    parties      text[] collate "C" not null,
    issued_at    bigint not null,
    expires_at   bigint not null,
    digest       text   collate "C" not null,
    body         text   not null,
    constraint verdict_newest_of_each_kind primary key (grant_digest, organisation, kind)
  );
  create index verdicts_by_agreement on verdicts (agreement_id);
  comment on table verdicts is 'The newest verdict of each company about each grant.';

  create table status_lists (
    agreement_id text   collate "C" not null,
    organisation text   collate "C" not null,
    parties      text[] collate "C" not null,
    sequence     bigint not null,
    issued_at    bigint not null,
    digest       text   collate "C" not null,
    body         text   not null,
    constraint status_list_newest_of_each_party primary key (agreement_id, organisation)
  );
  comment on table status_lists is 'The newest status list of each party, relayed as it was signed.';

  create table sessions (
    id           text   collate "C" not null,
    grant_id     text   collate "C" not null,
    parties      text[] collate "C" not null,
    jkt          text   collate "C" not null,
    subject      text   not null,
    resource     text   not null,
    action       text   collate "C" not null,
    gateway      text   collate "C" not null,
    proof        text   collate "C" not null,
    admitted_at  bigint not null,
    constraint session_once primary key (id),
    constraint session_is_of_a_grant foreign key (grant_id) references grants (id)
  );
  create index sessions_by_grant on sessions (grant_id);
  comment on table sessions is 'Every admission there was. Whether a session still runs is known at its gateway.';

  create table login_proofs (
    digest     text    collate "C" not null,
    jkt        text    collate "C" not null,
    uses       integer not null,
    expires_at bigint  not null,
    constraint login_proof_once primary key (digest),
    constraint login_proof_is_not_used_for_ever check (uses between 1 and 5)
  );
  create index login_proofs_by_end on login_proofs (expires_at);
  comment on table login_proofs is 'How often each login proof has opened a session.';
`,
);

/** The pairs of GRANT_TRANSITIONS in libs/domain, with the birth of a grant; a test compares the two. */
export const grantLifeCycle = migration(
  '0002-grant-life-cycle',
  `
  create table grant_moves (
    from_status text collate "C" not null,
    to_status   text collate "C" not null,
    constraint grant_move_once primary key (from_status, to_status)
  );
  insert into grant_moves (from_status, to_status) values
    ('none', 'asked'),
    ('asked', 'active'), ('asked', 'denied'), ('asked', 'revoked'), ('asked', 'expired'),
    ('active', 'revoked'), ('active', 'expired');
  comment on table grant_moves is 'The only moves of a grant there are.';
  alter table grants add constraint grant_moves_as_agreed
    foreign key (status_before, status) references grant_moves (from_status, to_status);

  create function keep_grant_life_cycle() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then
      new.status_before := 'none';
      return new;
    end if;
    if (new.id, new.digest, new.agreement_id, new.agreement_digest, new.kind, new.owner, new.subject_side, new.parties, new.asked_at, new.ends_at, new.body)
      is distinct from
       (old.id, old.digest, old.agreement_id, old.agreement_digest, old.kind, old.owner, old.subject_side, old.parties, old.asked_at, old.ends_at, old.body)
    then
      raise exception 'nothing but the status of a grant changes' using errcode = 'restrict_violation';
    end if;
    new.status_before := case when new.status = old.status then old.status_before else old.status end;
    return new;
  end $$;
  create trigger grant_keeps_life_cycle before insert or update on grants
    for each row execute function keep_grant_life_cycle();

  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'rows of % are never changed', tg_table_name using errcode = 'restrict_violation';
  end $$;
  create trigger grants_stay before delete or truncate on grants for each statement execute function refuse_change();
  ${['grant_moves', 'signatures', 'denials', 'acts', 'sessions']
    .map(
      (table) => `
  create trigger ${table}_stay before update or delete or truncate on ${table}
    for each statement execute function refuse_change();`,
    )
    .join('')}
`,
);

const ASKER = `current_setting('interlock.organisation', true)`;
const FORCED = (table: string, rule: string) => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy parties_only on ${table} using (${ASKER} = '*' or ${rule});`;

/** An organisation sees the grants of agreements it is party to; before `interlock.organisation` is set nobody sees anything. */
export const grantRowSecurity = migration(
  '0003-row-security',
  `
  ${['grants', 'acts', 'verdicts', 'status_lists', 'sessions'].map((table) => FORCED(table, `${ASKER} = any (parties)`)).join('')}
  ${['signatures', 'denials']
    .map((table) => FORCED(table, `exists (select from grants g where g.id = ${table}.grant_id)`))
    .join('')}
  ${FORCED('login_proofs', 'false')}
`,
);

/** A move that was not agreed when the tables were made is no move. */
export const grantMovesAreClosed = migration(
  '0004-grant-moves-are-closed',
  `create trigger grant_moves_are_closed before insert on grant_moves
     for each statement execute function refuse_change();`,
);

/** A delegation is a row like any other, under the right it hangs on; it lives under an active one only, and ends with it. */
export const delegations = migration(
  '0071-delegations',
  `
  alter table grants add column parent_digest text collate "C";
  alter table grants add constraint delegation_hangs_on_a_grant foreign key (parent_digest) references grants (digest);
  alter table grants add constraint delegation_is_not_its_own_parent check (parent_digest <> digest);
  create index grants_by_parent on grants (parent_digest) where parent_digest is not null;
  comment on column grants.parent_digest is 'The grant or delegation that a delegation hangs on; null for a grant.';

  create function keep_delegation() returns trigger language plpgsql as $$
  begin
    if tg_op = 'UPDATE' and new.parent_digest is distinct from old.parent_digest then
      raise exception 'nothing but the status of a grant changes' using errcode = 'restrict_violation';
    end if;
    if new.parent_digest is not null and new.status = 'active' and not exists
      (select from grants p where p.digest = new.parent_digest and p.status = 'active' and p.agreement_id = new.agreement_id)
    then
      raise exception 'a delegation is active under an active right only' using errcode = 'restrict_violation';
    end if;
    return new;
  end $$;
  create trigger grant_keeps_delegation before insert or update on grants for each row execute function keep_delegation();
`,
);

/** Every step of this schema, in order. */
export const MIGRATIONS = [
  grantTables,
  grantLifeCycle,
  grantRowSecurity,
  grantMovesAreClosed,
  decisions,
  delegations,
  tokens,
  signals,
];

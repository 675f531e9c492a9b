import { migration } from '@interlock/chassis/db';
import { ANNEX_MIGRATIONS } from './0050-annexes.js';
import { formerRoots } from './0201-former-roots.js';
import { drafts } from './0205-drafts.js';
import { gatewayReports } from './0207-gateway-reports.js';

/**
 * organisations ──< entities ──< certificates        agreements (one row per version) ──< signatures
 *   root, revision   versions     keys of holders      status moves along agreement_moves   acts by agreement id
 *
 * Documents are kept as JSON text: what was signed can be rebuilt from it, and a character that `jsonb` cannot hold is no fault.
 */
export const registryTables = migration(
  '0001-registry',
  `
  create table organisations (
    organisation  text   collate "C" not null,
    root          text   collate "C" not null,
    revision      bigint not null default 1,
    registered_at bigint not null,
    constraint organisation_first_come primary key (organisation),
    constraint organisation_root_is_its_own unique (root)
  );
  comment on table organisations is 'Who registered first under a name, and the root that alone can speak for it. revision grows with every publication.';

  create table entities (
    organisation text   collate "C" not null,
    sequence     bigint not null,
    digest       text   collate "C" not null,
    body         text   not null,
    expires_at   bigint not null,
    constraint entity_one_per_number primary key (organisation, sequence),
    constraint entity_once unique (digest),
    constraint entity_is_of_an_organisation foreign key (organisation) references organisations (organisation)
  );
  comment on table entities is 'Every version of every entity document, as its root signed it. Never changed.';

  create table certificates (
    organisation text    collate "C" not null,
    digest       text    collate "C" not null,
    entity       text    collate "C" not null,
    kid          text    collate "C" not null,
    holder_kind  text    collate "C" not null,
    holder_id    text    collate "C" not null,
    purposes     text[]  collate "C" not null,
    resources    text[]  collate "C" not null,
    not_before   bigint  not null,
    not_after    bigint  not null,
    is_current   boolean not null default true,
    body         text    not null,
    constraint certificate_once primary key (digest),
    constraint certificate_hangs_on_an_entity foreign key (entity) references entities (digest)
  );
  create index certificates_by_kid on certificates (organisation, kid) where is_current;
  create index certificates_by_holder on certificates (organisation, holder_kind, holder_id) where is_current;
  comment on table certificates is 'Verified key certificates. is_current is false once the newest entity document no longer carries them.';

  create table agreements (
    id             text    collate "C" not null,
    version        integer not null,
    digest         text    collate "C" not null,
    parties        text[]  collate "C" not null,
    status         text    collate "C" not null,
    status_before  text    collate "C" not null,
    effective_from bigint  not null,
    ends_at        bigint  not null,
    proposed_by    text    collate "C" not null,
    proposed_at    bigint  not null,
    body           text    not null,
    constraint agreement_one_per_version primary key (id, version),
    constraint agreement_once unique (digest)
  );
  create unique index agreement_one_version_in_force on agreements (id)
    where status in ('active', 'suspended', 'terminating');
  create index agreements_by_party on agreements using gin (parties);
  comment on table agreements is 'Every proposed version of every agreement. Nothing but its status ever changes.';

  create table signatures (
    agreement_id text    collate "C" not null,
    version      integer not null,
    organisation text    collate "C" not null,
    body         text    not null,
    constraint signature_one_per_party primary key (agreement_id, version, organisation),
    constraint signature_is_of_a_version foreign key (agreement_id, version) references agreements (id, version)
  );
  comment on table signatures is 'Verified signatures of parties over a version.';

  create table acts (
    digest       text   collate "C" not null,
    agreement_id text   collate "C" not null,
    organisation text   collate "C" not null,
    verb         text   collate "C" not null,
    signers      text[] collate "C" not null,
    parties      text[] collate "C" not null,
    body         text   not null,
    held_at      bigint not null,
    constraint act_once primary key (digest)
  );
  create index acts_by_agreement on acts (agreement_id);
  comment on table acts is 'Verified acts on agreements: a set, never changed.';

  create table revoked_keys (
    organisation text collate "C" not null,
    kid          text collate "C" not null,
    constraint revoked_key_once primary key (organisation, kid)
  );
  comment on table revoked_keys is 'Keys that their own organisation revoked: they call nothing any more.';
`,
);

/** The pairs of AGREEMENT_TRANSITIONS in libs/domain, with the birth of a version; a test compares the two. */
export const agreementLifeCycle = migration(
  '0002-agreement-life-cycle',
  `
  create table agreement_moves (
    from_status text collate "C" not null,
    to_status   text collate "C" not null,
    constraint agreement_move_once primary key (from_status, to_status)
  );
  insert into agreement_moves (from_status, to_status) values
    ('none', 'proposed'),
    ('proposed', 'active'), ('proposed', 'refused'),
    ('active', 'suspended'), ('active', 'terminating'), ('active', 'ended'),
    ('suspended', 'active'), ('suspended', 'terminating'), ('suspended', 'ended'),
    ('terminating', 'ended');
  comment on table agreement_moves is 'The only moves of an agreement version there are.';
  alter table agreements add constraint agreement_moves_as_agreed
    foreign key (status_before, status) references agreement_moves (from_status, to_status);

  create function keep_agreement_life_cycle() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then
      new.status_before := 'none';
      return new;
    end if;
    if (new.id, new.version, new.digest, new.parties, new.effective_from, new.ends_at, new.proposed_by, new.proposed_at, new.body)
      is distinct from
       (old.id, old.version, old.digest, old.parties, old.effective_from, old.ends_at, old.proposed_by, old.proposed_at, old.body)
    then
      raise exception 'nothing but the status of an agreement version changes' using errcode = 'restrict_violation';
    end if;
    new.status_before := case when new.status = old.status then old.status_before else old.status end;
    return new;
  end $$;
  create trigger agreement_keeps_life_cycle before insert or update on agreements
    for each row execute function keep_agreement_life_cycle();

  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'rows of % are never changed', tg_table_name using errcode = 'restrict_violation';
  end $$;
  create trigger agreements_stay before delete or truncate on agreements for each statement execute function refuse_change();
  create trigger agreement_moves_stay before update or delete or truncate on agreement_moves
    for each statement execute function refuse_change();
  create trigger signatures_stay before update or delete or truncate on signatures
    for each statement execute function refuse_change();
  create trigger acts_stay before update or delete or truncate on acts for each statement execute function refuse_change();
  create trigger entities_stay before update or delete or truncate on entities
    for each statement execute function refuse_change();
`,
);

const ASKER = `current_setting('interlock.organisation', true)`;
const FORCED = (table: string, policy: string) => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy ${policy};`;

/** An organisation sees what it is party to, and what its partners publish; before `interlock.organisation` is set nobody sees anything. */
export const registryRowSecurity = migration(
  '0003-row-security',
  `
  ${FORCED('agreements', `parties_only on agreements using (${ASKER} = '*' or ${ASKER} = any (parties))`)}
  ${FORCED('acts', `parties_only on acts using (${ASKER} = '*' or ${ASKER} = any (parties))`)}
  ${FORCED(
    'signatures',
    `parties_only on signatures using (${ASKER} = '*' or exists (
      select from agreements a where a.id = agreement_id and a.version = signatures.version))`,
  )}
  ${FORCED('revoked_keys', `owner_only on revoked_keys using (${ASKER} in ('*', organisation))`)}
  ${['organisations', 'entities', 'certificates']
    .map((table) =>
      FORCED(
        table,
        `self_and_partners on ${table} using (${ASKER} in ('*', organisation)
          or organisation = any (array(select unnest(a.parties) from agreements a where ${ASKER} = any (a.parties))))`,
      ),
    )
    .join('')}
`,
);

/** A move that was not agreed when the tables were made is no move. */
export const agreementMovesAreClosed = migration(
  '0004-agreement-moves-are-closed',
  `create trigger agreement_moves_are_closed before insert on agreement_moves
     for each statement execute function refuse_change();`,
);

/** A version that all have signed and that begins later is no longer a proposal: one side's next wish does not undo it. */
export const agreementCountersigned = migration(
  '0120-agreement-countersigned',
  `alter table agreement_moves disable trigger agreement_moves_are_closed;
   insert into agreement_moves (from_status, to_status) values
     ('proposed', 'countersigned'), ('countersigned', 'active'), ('countersigned', 'refused');
   alter table agreement_moves enable trigger agreement_moves_are_closed;`,
);

/** Every step of this schema, in order. */
export const MIGRATIONS = [
  registryTables,
  agreementLifeCycle,
  registryRowSecurity,
  agreementMovesAreClosed,
  ...ANNEX_MIGRATIONS,
  agreementCountersigned,
  drafts,
  formerRoots,
  gatewayReports,
];

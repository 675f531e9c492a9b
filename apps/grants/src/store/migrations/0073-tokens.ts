import { migration } from '@interlock/chassis/db';

const ASKER = `current_setting('interlock.organisation', true)`;

/** Tokens by their digest: what is kept cannot be shown as one. A token ends once, and nothing else of it ever changes. */
export const tokens = migration(
  '0073-tokens',
  `
  create table tokens (
    digest      text   collate "C" not null,
    grant_id    text   collate "C" not null,
    parties     text[] collate "C" not null,
    jkt         text   collate "C" not null,
    subject     text   not null,
    resource    text   not null,
    action      text   collate "C" not null,
    login_proof text,
    issued_at   bigint not null,
    expires_at  bigint not null,
    revoked_at  bigint,
    constraint token_once primary key (digest),
    constraint token_is_of_a_grant foreign key (grant_id) references grants (id),
    constraint token_is_short_lived check (expires_at - issued_at between 0 and 300000)
  );
  create index tokens_by_end on tokens (expires_at);
  create function end_token_once() returns trigger language plpgsql as $$
  begin
    if old.revoked_at is not null or new.revoked_at is null
       or to_jsonb(new) - 'revoked_at' is distinct from to_jsonb(old) - 'revoked_at' then
      raise exception 'a token ends once and changes in nothing else' using errcode = 'restrict_violation';
    end if;
    return new;
  end $$;
  create trigger tokens_end_once before update on tokens for each row execute function end_token_once();
  alter table tokens enable row level security;
  alter table tokens force row level security;
  create policy parties_only on tokens using (${ASKER} = '*' or ${ASKER} = any (parties));
  comment on table tokens is 'Advice to others'' enforcement points, by digest of the token. Nothing of ours opens by it.';
`,
);

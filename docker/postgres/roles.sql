-- Roles and schemas of the broker's services: each service has one role and one schema, and its role can touch
-- nothing else. Run it as administrator in the broker's database, any number of times.
--
-- Passwords are psql variables: psql -v interlock_grants_password=... ; another runner replaces :'name' by the quoted
-- password. They are in no file of the project.

do $$
declare
  name text;
begin
  -- Two runs at once would fail at "tuple concurrently updated".
  perform pg_advisory_xact_lock(hashtextextended('interlock roles', 0));
  foreach name in array array[
    'interlock_trust_registry', 'interlock_grants', 'interlock_data_router', 'interlock_audit', 'interlock_federation_api'
  ] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I', name);
    end if;
    execute format(
      'alter role %I login nosuperuser nocreatedb nocreaterole noinherit nobypassrls noreplication connection limit 60', name);
  end loop;
  execute format('revoke all on database %I from public', current_database());
end
$$;

alter role interlock_trust_registry password :'interlock_trust_registry_password';
alter role interlock_grants         password :'interlock_grants_password';
alter role interlock_data_router    password :'interlock_data_router_password';
alter role interlock_audit          password :'interlock_audit_password';
alter role interlock_federation_api password :'interlock_federation_api_password';

revoke all on schema public from public;

do $$
declare
  service text;
begin
  foreach service in array array['trust_registry', 'grants', 'data_router', 'audit', 'federation_api'] loop
    execute format('grant connect on database %I to %I', current_database(), 'interlock_' || service);
    execute format('create schema if not exists %I authorization %I', service, 'interlock_' || service);
    execute format('revoke all on schema %I from public', service);
    execute format('alter role %I in database %I set search_path = %I',
      'interlock_' || service, current_database(), service);
  end loop;
end
$$;

-- Evidence belongs to audit. The others may look the function evidence.append() up; audit's own migration grants them
-- its execution, and nothing on its tables.
create schema if not exists evidence authorization interlock_audit;
revoke all on schema evidence from public;
grant usage on schema evidence
  to interlock_trust_registry, interlock_grants, interlock_data_router, interlock_federation_api;

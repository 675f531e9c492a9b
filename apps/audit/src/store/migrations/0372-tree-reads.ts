import { migration } from '@interlock/chassis/db';

/**
 * What a proof is made of, read after one look whether the asking organisation is party to the log: row-level security would look for each of hundreds of leaves. The
 * plans of these functions are kept by the connection, so that a question is not planned anew each time.
 */
export const treeReads = migration(
  '0372-tree-reads',
  `
  alter table checkpoint add column edge bytea;
  comment on column checkpoint.edge is 'The complete nodes of this tree, left to right: what a proof under it needs beside the path inside one of them. Null for those of before.';

  create function is_party_to(log integer) returns boolean language sql stable as $$
    select current_setting('interlock.organisation', true) = '*'
      or exists (select from party p where p.organisation = current_setting('interlock.organisation', true) and p.log_no = log)
  $$;

  create function tree_of(log_name text, wanted bigint)
    returns table (no integer, size bigint, root bytea, note text, edge bytea, lines text)
    language plpgsql set plan_cache_mode = force_generic_plan as $$
  declare
    found  log%rowtype;
    acting text := coalesce(current_setting('interlock.organisation', true), '');
  begin
    -- Row-level security decides whether there is such a log for the one who asks.
    select * into found from log l where l.name = log_name;
    if found.no is null then return; end if;
    perform set_config('interlock.organisation', '*', true);
    return query
      select found.no, coalesce(wanted, found.checkpoint_size), c.root, c.note, c.edge,
        (select string_agg(s.line, '' order by s.organisation) from cosignature s where s.log_no = found.no and s.size = c.size)
      from (values (coalesce(wanted, found.checkpoint_size))) as asked (size)
        left join checkpoint c on c.log_no = found.no and c.size = asked.size;
    perform set_config('interlock.organisation', acting, true);
  end $$;
  comment on function tree_of is 'One signed tree of a log, the newest where no size is wanted; nothing for who is no party.';

  create function tiles_of(log integer, levels integer[], numbers bigint[])
    returns table (level integer, n bigint, hashes bytea, inner_nodes bytea) language plpgsql set plan_cache_mode = force_generic_plan as $$
  declare
    acting text := coalesce(current_setting('interlock.organisation', true), '');
  begin
    if not is_party_to(log) then return; end if;
    perform set_config('interlock.organisation', '*', true);
    return query
      select wanted.level, wanted.n, coalesce(t.hashes, case when wanted.level = 0 then (
          select string_agg(e.leaf_hash, ''::bytea order by e.idx) from entry e
          where e.log_no = log and e.idx >= wanted.n * 256 and e.idx < (wanted.n + 1) * 256) end), t.inner_nodes
      from unnest(levels, numbers) as wanted (level, n)
      left join tile t on t.log_no = log and t.level = wanted.level and t.n = wanted.n;
    perform set_config('interlock.organisation', acting, true);
  end $$;
  comment on function tiles_of is 'Hashes of tiles, of level 0 also where a tile is not full yet; nothing for who is no party.';

  create function leaves_at(log integer, indexes bigint[]) returns table (idx bigint, body jsonb) language plpgsql set plan_cache_mode = force_generic_plan as $$
  declare
    acting text := coalesce(current_setting('interlock.organisation', true), '');
  begin
    if not is_party_to(log) then return; end if;
    perform set_config('interlock.organisation', '*', true);
    return query
      select e.idx, a.body from unnest(indexes) as wanted (idx)
        join entry e on e.log_no = log and e.idx = wanted.idx join appended a on a.position = e.position;
    perform set_config('interlock.organisation', acting, true);
  end $$;
  comment on function leaves_at is 'Records of a log as it holds them; nothing for who is no party.';
`,
);

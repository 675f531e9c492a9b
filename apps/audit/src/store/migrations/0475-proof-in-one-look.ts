import { migration } from '@interlock/chassis/db';

/**
 * Everything that an inclusion proof is made of, in one look: the tree, the records, and the tiles on the ways from the leaves up. Each part is read by the function
 * that reads it alone, so that who is no party is told nothing, as there.
 */
export const proofInOneLook = migration(
  '0475-proof-in-one-look',
  `
  create function proof_of(log_name text, wanted bigint, indexes bigint[])
    returns table (no integer, size bigint, root bytea, note text, edge bytea, lines text,
      level integer, n bigint, hashes bytea, inner_nodes bytea, body jsonb)
    language plpgsql set plan_cache_mode = force_generic_plan as $$
  declare
    tree record;
    levels integer[];
    numbers bigint[];
  begin
    select * into tree from tree_of(log_name, wanted);
    if tree.no is null then return; end if;
    return query select tree.no::integer, tree.size::bigint, tree.root::bytea, tree.note::text, tree.edge::bytea, tree.lines::text,
      null::integer, null::bigint, null::bytea, null::bytea, null::jsonb;
    return query select null::integer, null::bigint, null::bytea, null::text, null::bytea, null::text,
      null::integer, l.idx, null::bytea, null::bytea, l.body from leaves_at(tree.no, indexes) l;
    -- A tile is 256 hashes wide; a level above it is there once 256 of the one below are full.
    select array_agg(t.high), array_agg(t.number) into levels, numbers from (
      select distinct high, i >> (8 * (high + 1)) as number from unnest(indexes) i, generate_series(0, 6) high
      where high = 0 or tree.size::bigint >> (8 * high) > 0) t;
    return query select null::integer, null::bigint, null::bytea, null::text, null::bytea, null::text,
      t.level, t.n, t.hashes, t.inner_nodes, null::jsonb from tiles_of(tree.no, levels, numbers) t;
  end $$;
  comment on function proof_of is 'What an inclusion proof of each of these leaves is made of: one row of the tree, then records, then tiles; nothing for who is no party.';
`,
);

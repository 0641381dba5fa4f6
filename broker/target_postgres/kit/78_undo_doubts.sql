-- What of the caller's transaction an undo may refuse, because it passes through every state that
-- the transaction passed through and foreign keys act in each.
--   own_key    keys were changed in a table whose foreign key to itself carries them on
--   deferred   a key of the table went and may have come again, while rows that referred to it
--              referred to nothing: when it goes by the undo, a foreign key would act on those rows
-- p_deferred: the script has deferred what can be deferred.
create function jit.undo_doubts(p_deferred boolean)
returns table (kind text, nsp text, tbl text, name text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with recorded as (
    select coalesce(c.root, c.rel) as rel, c.op, c.cause, c.key_changed, c.seq
    from jit.runner() g
    join jit.row_change c on c.login = g.login and c.xid = pg_current_xact_id()
  ), mine as (
    select r.rel, bool_or(r.op = 'U' and r.cause = 'cascade') as carried,
           min(r.seq) filter (where r.op = 'D') as first_deleted,
           max(r.seq) filter (where r.op = 'I') as last_inserted,
           min(r.seq) filter (where r.op = 'U') as first_updated,
           max(r.seq) filter (where r.op = 'U') as last_updated,
           min(r.seq) filter (where r.key_changed) as first_rekeyed,
           max(r.seq) filter (where r.key_changed) as last_rekeyed
    from recorded r group by r.rel
  ), doubt as (
    -- Whether another key than the primary one was changed is not recorded.
    select case
             when k.confrelid = k.conrelid and k.confupdtype in ('c', 'n', 'd')
                  and case when x.indisprimary then m.first_rekeyed is not null else m.carried end
               then 'own_key'
             when (k.condeferred or p_deferred and k.condeferrable)
                  and (k.confupdtype = 'a' and k.confdeltype in ('c', 'n', 'd')
                       and m.last_inserted > case when x.indisprimary then m.first_rekeyed
                                                  else m.first_updated end
                       or k.confdeltype = 'a' and k.confupdtype in ('c', 'n', 'd')
                          and m.first_deleted < case when x.indisprimary then m.last_rekeyed
                                                     else m.last_updated end)
               then 'deferred'
           end as kind, k.confrelid, k.conname
    from mine m
    join pg_constraint k on k.confrelid = m.rel and k.contype = 'f' and k.conparentid = 0
    left join pg_index x on x.indexrelid = k.conindid
  )
  select d.kind, n.nspname::text, c.relname::text, d.conname::text
  from doubt d join pg_class c on c.oid = d.confrelid join pg_namespace n on n.oid = c.relnamespace
  where d.kind is not null
  order by 1, 2, 3, 4;
end
$$;

-- Rights in an order of their own, without those of logins of ours.
create function jit.acl_text(p_acl aclitem[]) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(a::text, ',' order by a::text collate "C") from unnest(p_acl) a
  where a::text !~ '^"?jit_'
$$;

-- One hash per object of this database: what a statement of DDL can change, and nothing of ours, so
-- that leases which come and go do not change it. Data is not in it, nor statistics.
create function jit.schema_fingerprint()
returns table (kind text, id text, hash text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $fingerprint$
  with hidden_schema(oid) as (
    select n.oid from pg_namespace n
    where n.nspname in ('pg_catalog', 'information_schema', 'jit', 'jit_quarantine')
       or n.nspname ~ '^pg_(temp|toast)'
  ), relation as (
    select c.*, c.oid::regclass::text as id from pg_class c
    where c.relnamespace not in (select oid from hidden_schema) and c.relkind <> 't'
  ), object(kind, id, def) as (
    select 'function', p.oid::regprocedure::text,
           concat_ws('|', p.proowner::regrole, p.prokind, p.prosecdef, p.proleakproof,
                     p.provolatile, p.proparallel, jit.acl_text(p.proacl), p.proconfig, p.prosrc,
                     p.probin, p.prolang, p.prorettype::regtype, p.proargdefaults::text,
                     md5(p.prosqlbody::text))
    from pg_proc p where p.pronamespace not in (select oid from hidden_schema)
    union all
    select 'relation', r.id,
           concat_ws('|', r.relkind, r.relowner::regrole, jit.acl_text(r.relacl), r.relrowsecurity,
                     r.relforcerowsecurity, r.reloptions, r.relpersistence, r.relreplident,
                     r.relispartition, pg_get_expr(r.relpartbound, r.oid))
    from relation r
    union all
    select 'inheritance', format('%s<-%s', i.inhparent::regclass, i.inhrelid::regclass),
           i.inhseqno::text
    from pg_inherits i join relation r on r.oid = i.inhrelid
    union all
    select 'column', format('%s.%I', r.id, a.attname),
           concat_ws('|', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                     a.attidentity, a.attgenerated, a.attcollation, jit.acl_text(a.attacl),
                     pg_get_expr(d.adbin, d.adrelid))
    from relation r
    join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
    union all
    select 'trigger', format('%s.%I', r.id, t.tgname), concat(pg_get_triggerdef(t.oid), t.tgenabled)
    from pg_trigger t join relation r on r.oid = t.tgrelid
    join pg_proc p on p.oid = t.tgfoid
    where not t.tgisinternal and p.pronamespace <> 'jit'::regnamespace
    union all
    select 'rule', format('%s.%I', r.id, w.rulename), concat(w.ev_type, w.ev_enabled,
                  pg_get_ruledef(w.oid))
    from pg_rewrite w join relation r on r.oid = w.ev_class
    union all
    select 'policy', format('%s.%I', r.id, p.polname),
           concat_ws('|', p.polcmd, p.polpermissive, p.polroles::regrole[],
                     pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_policy p join relation r on r.oid = p.polrelid
    union all
    select 'constraint', format('%s.%I', coalesce(r.id, k.contypid::regtype::text), k.conname),
           concat_ws('|', pg_get_constraintdef(k.oid), k.convalidated)
    from pg_constraint k left join relation r on r.oid = k.conrelid
    where k.connamespace not in (select oid from hidden_schema)
    union all
    select 'index', r.id, concat_ws('|', pg_get_indexdef(x.indexrelid), x.indisvalid,
                                    x.indisclustered, x.indisreplident)
    from pg_index x join relation r on r.oid = x.indexrelid
    union all
    select 'sequence', s.seqrelid::regclass::text,
           concat_ws('|', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin,
                     s.seqcache, s.seqcycle)
    from pg_sequence s join relation r on r.oid = s.seqrelid
    union all
    select 'type', t.oid::regtype::text,
           concat_ws('|', t.typtype, t.typowner::regrole, jit.acl_text(t.typacl), t.typnotnull,
                     nullif(t.typbasetype, 0)::regtype, t.typdefault,
                     (select string_agg(e.enumlabel, ',' order by e.enumsortorder)
                      from pg_enum e where e.enumtypid = t.oid))
    from pg_type t
    where t.typnamespace not in (select oid from hidden_schema) and t.typcategory <> 'A'
      and (t.typrelid = 0 or exists (select from relation r where r.oid = t.typrelid
                                                              and r.relkind = 'c'))
    union all
    select 'cast', format('%s as %s', c.castsource::regtype, c.casttarget::regtype),
           concat_ws('|', nullif(c.castfunc, 0)::regprocedure, c.castcontext, c.castmethod)
    from pg_cast c where c.oid >= 16384
    union all
    select 'schema', n.nspname::text, concat_ws('|', n.nspowner::regrole, jit.acl_text(n.nspacl))
    from pg_namespace n
    where n.oid not in (select h.oid from hidden_schema h
                        where h.oid not in ('pg_catalog'::regnamespace,
                                            'information_schema'::regnamespace))
    union all
    select 'default acl', concat_ws('|', nullif(d.defaclnamespace, 0)::regnamespace,
                                    d.defaclrole::regrole, d.defaclobjtype),
           jit.acl_text(d.defaclacl)
    from pg_default_acl d
    union all
    select 'event trigger', e.evtname::text,
           concat_ws('|', e.evtevent, e.evtfoid::regproc, e.evtenabled, e.evttags)
    from pg_event_trigger e
    union all
    select 'extension', e.extname::text, concat_ws('|', e.extversion, e.extowner::regrole)
    from pg_extension e
    union all
    select 'publication', p.pubname::text,
           concat_ws('|', p.pubowner::regrole, p.puballtables, p.pubinsert, p.pubupdate,
                     p.pubdelete, p.pubtruncate,
                     (select string_agg(r.prrelid::regclass::text, ',' order by r.prrelid)
                      from pg_publication_rel r where r.prpubid = p.oid))
    from pg_publication p
    union all
    select 'database', d.datname::text,
           concat_ws('|', d.datdba::regrole, jit.acl_text(d.datacl), d.datallowconn, d.datconnlimit)
    from pg_database d where d.datname = current_database()
    union all
    select 'tablespace', t.spcname::text,
           concat_ws('|', t.spcowner::regrole, jit.acl_text(t.spcacl), t.spcoptions)
    from pg_tablespace t
    union all
    select 'language', l.lanname::text,
           concat_ws('|', l.lanowner::regrole, jit.acl_text(l.lanacl), l.lanpltrusted)
    from pg_language l
    union all
    select 'operator', o.oid::regoperator::text,
           concat_ws('|', o.oprowner::regrole, o.oprcode::oid::regprocedure, o.oprrest, o.oprjoin)
    from pg_operator o where o.oprnamespace not in (select oid from hidden_schema)
    union all
    select 'aggregate', a.aggfnoid::oid::regprocedure::text,
           concat_ws('|', a.aggtransfn::oid::regprocedure, a.aggfinalfn::oid, a.agginitval)
    from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid::oid
    where p.pronamespace not in (select oid from hidden_schema)
    union all
    select 'operator class', format('%I.%I using %s', n.nspname, o.opcname, m.amname),
           concat_ws('|', o.opcowner::regrole, o.opcintype::regtype, o.opcdefault)
    from pg_opclass o
    join pg_namespace n on n.oid = o.opcnamespace join pg_am m on m.oid = o.opcmethod
    where n.oid not in (select oid from hidden_schema)
    union all
    select 'collation', format('%I.%I', n.nspname, c.collname),
           concat_ws('|', c.collowner::regrole, c.collprovider, c.collisdeterministic,
                     c.collcollate)
    from pg_collation c join pg_namespace n on n.oid = c.collnamespace
    where n.oid not in (select oid from hidden_schema)
    union all
    select 'statistics', format('%I.%I', n.nspname, e.stxname),
           concat_ws('|', e.stxowner::regrole, e.stxkind, pg_get_statisticsobjdef(e.oid))
    from pg_statistic_ext e join pg_namespace n on n.oid = e.stxnamespace
    where n.oid not in (select oid from hidden_schema)
    union all
    select 'foreign data wrapper', w.fdwname::text,
           concat_ws('|', w.fdwowner::regrole, jit.acl_text(w.fdwacl), w.fdwoptions)
    from pg_foreign_data_wrapper w
    union all
    select 'user mapping', format('%s for %s', u.srvname, u.usename), ''
    from pg_user_mappings u where u.usename !~ '^jit_'
    union all
    select 'server', s.srvname::text,
           concat_ws('|', s.srvowner::regrole, jit.acl_text(s.srvacl), s.srvoptions)
    from pg_foreign_server s
    union all
    select 'setting',
           concat_ws('|', (select d.datname from pg_database d where d.oid = s.setdatabase),
                     nullif(s.setrole, 0)::regrole),
           (select string_agg(v, ',' order by v) from unnest(s.setconfig) v)
    from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
    where coalesce(r.rolname, '') !~ '^jit_'
    union all
    select 'membership', format('%s<-%s', g.rolname, m.rolname),
           string_agg(a.admin_option::text, ',' order by a.admin_option)
    from pg_auth_members a
    join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member
    where m.rolname !~ '^jit_' and g.rolname !~ '^jit_'
    group by 2
  )
  select o.kind, o.id, encode(sha256(convert_to(coalesce(o.def, ''), 'UTF8')), 'hex')
  from object o
  order by o.kind collate "C", o.id collate "C", 3
$fingerprint$;

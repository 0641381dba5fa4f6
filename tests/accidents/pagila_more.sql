-- Pagila as a company would run it: everything belongs to a group, and another group writes.
create role shop_owner nologin;
create role shop_writer nologin;
do $$
declare
  r record;
begin
  for r in select c.oid::regclass as name, c.relkind from pg_class c
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
             and not exists (select from pg_depend d
                             where d.objid = c.oid and d.deptype in ('a', 'i')
                               and d.classid = 'pg_class'::regclass and c.relkind = 'S') loop
    execute format('alter %s %s owner to shop_owner',
                   case r.relkind when 'v' then 'view' when 'm' then 'materialized view'
                     when 'S' then 'sequence' else 'table' end, r.name);
  end loop;
  for r in select p.oid::regprocedure as name from pg_proc p
           where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'a') loop
    execute format('alter routine %s owner to shop_owner', r.name);
  end loop;
  for r in select t.oid::regtype as name, t.typtype from pg_type t
           where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd') loop
    execute format('alter %s %s owner to shop_owner',
                   case r.typtype when 'd' then 'domain' else 'type' end, r.name);
  end loop;
end $$;
grant usage, create on schema public to shop_owner;
grant usage on schema public to shop_writer;
grant create on database shop to shop_owner;
grant select, insert, update, delete on all tables in schema public to shop_writer;
grant usage on all sequences in schema public to shop_writer;
set search_path = public;
refresh materialized view public.rental_by_category;
analyze;

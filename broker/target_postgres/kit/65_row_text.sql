-- Takes a row's text apart: its fields, null where they are null. Reads text and runs no type's
-- code, so it works for rows of tables that are gone.
create function jit.fields_of(p_row text) returns text[]
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(
           case when m[1] = '' then null
                when m[1] like '"%' then
                  regexp_replace(substr(m[1], 2, length(m[1]) - 2), '(["\\])(["\\])', '\2', 'g')
                else m[1] end order by i), '{}')
  from regexp_matches(substr(p_row, 2, length(p_row) - 2) || ',',
                      '("(?:[^"\\]|""|\\.)*"|[^",]*),', 'g') with ordinality as f(m, i)
$$;

-- A row for people, as JSON; columns that are masked show a mask.
create function jit.row_as_json(p_row text, p_columns text[], p_types text[], p_masked text[])
returns jsonb
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case when p_row is not null then (
    select jsonb_object_agg(c.name, case
      when c.name = any (p_masked) then to_jsonb('(masked)'::text)
      when f.field is null then 'null'::jsonb
      when c.type = 'boolean' then to_jsonb(f.field = 't')
      when c.type in ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision')
           and f.field ~ '^-?[0-9]+(\.[0-9]+)?$' then f.field::jsonb
      when c.type in ('json', 'jsonb') then f.field::jsonb
      else to_jsonb(f.field) end)
    from unnest(p_columns, p_types) with ordinality as c(name, type, i)
    join unnest(jit.fields_of(p_row)) with ordinality as f(field, i) using (i)) end
$$;

-- The primary key of a row, or the whole row when it has none.
create function jit.key_of(p_row text, p_columns text[], p_keys text[]) returns text
language sql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case when p_keys = '{}' then p_row
              else (select string_agg(format('%s=%s', c.name, f.field), ', ' order by i)
                    from unnest(p_columns) with ordinality as c(name, i)
                    join unnest(jit.fields_of(p_row)) with ordinality as f(field, i) using (i)
                    where c.name = any (p_keys)) end
$$;

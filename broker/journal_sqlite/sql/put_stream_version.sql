insert into streams (name, version) values (?1, ?2)
  on conflict (name) do update set version = excluded.version

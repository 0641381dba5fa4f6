insert into tree (one, frontier) values (1, ?1)
  on conflict (one) do update set frontier = excluded.frontier

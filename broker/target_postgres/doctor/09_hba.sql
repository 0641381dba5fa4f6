-- Lines of pg_hba.conf that let a login of ours in without its password. Asked as a superuser.
select 'danger', format('Line %s of pg_hba.conf lets %s into %s by %s, without a password:'
                        ' VALID UNTIL is not looked at there. NOLOGIN always is.',
                        h.line_number, array_to_string(h.user_name, ', '),
                        array_to_string(h.database, ', '), h.auth_method),
       'use scram-sha-256 in that line, or name the roles it is for'
from pg_hba_file_rules h
where h.error is null and h.auth_method not in ('scram-sha-256', 'reject', 'md5', 'password')
  and not h.database && array['replication']
  and exists (select from unnest(h.user_name) u
              where u = 'all' or u like 'jit\_%' or u like '+%' or u like '/%')
union all
select 'warning', format('Line %s of pg_hba.conf takes passwords in clear.', h.line_number),
       'use scram-sha-256 in that line'
from pg_hba_file_rules h
where h.error is null and h.auth_method = 'password'

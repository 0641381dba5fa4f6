-- The server: version, state, and settings that closing depends on.
select case when current_setting('server_version_num')::int < f.floor then 'danger' else 'ok' end,
       case when current_setting('server_version_num')::int < f.floor
            then format('PostgreSQL %s lacks fixes by which any user could run code as the server.',
                        current_setting('server_version'))
            else format('PostgreSQL %s is above the floor of known escalations.',
                        current_setting('server_version')) end,
       case when current_setting('server_version_num')::int < f.floor
            then 'upgrade to the latest minor release' else '' end
from (select case current_setting('server_version_num')::int / 10000
               when 14 then 140024 when 15 then 150019 when 16 then 160015
               when 17 then 170011 when 18 then 180006
               when 13 then 999999 else 0 end as floor) f
union all
select 'warning', 'This server is a standby: nothing can be opened or closed here.', ''
where pg_is_in_recovery()
union all
select 'warning', 'This database is read-only by default: nothing can be opened.',
       format('alter database %I reset default_transaction_read_only', current_database())
from pg_settings where name = 'default_transaction_read_only' and reset_val = 'on'
union all
select case when s.setting::int > 0 then 'warning' else 'ok' end,
       case when s.setting::int > 0
            then 'Prepared transactions are possible: a writer can leave one behind that keeps its'
                 ' locks without any session. The kit lends such a login, without any right left,'
                 ' to the broker, which rolls it back; where the broker cannot enter it stays.'
            else 'Nobody can leave a prepared transaction behind.' end,
       case when s.setting::int > 0
            then 'alter system set max_prepared_transactions = 0  -- and restart the server'
            else '' end
from pg_settings s where s.name = 'max_prepared_transactions'
union all
select 'warning', format('%s standbys follow this server. Logins exist on them too, and the broker'
                         ' ends no session there: keep them out of reach of the holders.',
                         count(*)), ''
from pg_stat_replication having count(*) > 0
union all
select case when setting = 'on' then 'ok' else 'warning' end,
       case when setting = 'on' then 'The server offers TLS.'
            else 'The server offers no TLS: sessions of holders travel in clear.' end,
       case when setting = 'on' then '' else 'alter system set ssl = on' end
from pg_settings where name = 'ssl'
union all
select 'warning', format('The server takes %s connections; a broker uses up to 20.', s.setting),
       'alter system set max_connections = 100'
from pg_settings s where s.name = 'max_connections' and s.setting::int < 40

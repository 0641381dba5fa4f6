-- Whether verifiers could get into the server's log. The broker binds them as parameters, so only
-- what logs parameters matters.
select case when quiet then 'ok' when talks then 'danger' else 'warning' end,
       case when quiet then 'The server does not log the values the broker binds.'
            when talks then 'The server logs statements with the values bound to them: verifiers'
                            ' get into the log.'
            else 'The server would log the values the broker binds as soon as it logs statements.'
       end,
       case when quiet then ''
            else format('alter role %I set log_parameter_max_length = 0', current_user) end
from (select current_setting('log_parameter_max_length', true) = '0' as quiet,
             current_setting('log_statement') = 'all'
               or current_setting('log_min_duration_statement') <> '-1'
               or coalesce(current_setting('log_min_duration_sample', true), '-1') <> '-1'
               or current_setting('log_transaction_sample_rate', true)::float8 > 0 as talks) s
union all
select 'danger', 'pg_stat_statements keeps the statements inside functions, CREATE ROLE with its'
                 ' verifier among them.',
       'alter system set pg_stat_statements.track = ''top'''
where current_setting('pg_stat_statements.track', true) = 'all'
  and coalesce(current_setting('pg_stat_statements.track_utility', true), 'on') = 'on'
union all
select 'warning', 'auto_explain logs statements inside functions.',
       'alter system set auto_explain.log_nested_statements = off'
where current_setting('auto_explain.log_nested_statements', true) = 'on'

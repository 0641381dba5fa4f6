-- Roles with names of ours that are not ours, and logins without an end.
select 'danger', format('The role %I has a name of ours and is not ours. It is never touched.',
                        i.login),
       format('drop role %I  -- after looking who made it', i.login)
from jit.inspect() i where not i.ours
union all
select 'danger', format('The login %I has no end any more.', i.login),
       format('alter role %I valid until ''-infinity''', i.login)
from jit.inspect() i where i.ours and i.valid_until_us is null

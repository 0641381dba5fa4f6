-- 20,000 customers, 1,000 products, 100,000 orders, 250,000 lines, 95,000 payments, 195,000 events.
-- No chance in it: every machine gets the same rows, so that the demonstration can check its
-- counts.

set role shop_owner;
set search_path = shop;
set timezone = 'UTC';

\echo '    customers and products'
insert into customers (email, full_name, country, created_at)
select format('customer%s@example.com', n),
       (array['Ada','Grace','Edsger','Barbara','Donald','Frances','Tony','Radia'])[1 + n % 8]
       || ' ' ||
       (array['Lovelace','Hopper','Dijkstra','Liskov','Knuth','Allen','Hoare','Perlman'])
         [1 + n / 8 % 8],
       (array['DE','FR','NL','SE','PL','IT','ES','AT'])[1 + n % 8],
       timestamptz '2025-01-01' + n * interval '25 minutes'
  from generate_series(1, 20000) n;

insert into products (sku, title, price_cents, in_stock)
select format('SKU-%s', lpad(n::text, 5, '0')),
       (array['Lamp','Chair','Desk','Shelf','Clock'])[1 + n % 5] || ' No. ' || n,
       500 + n * 7919 % 20000,
       n * 104729 % 500
  from generate_series(1, 1000) n;

\echo '    orders and their lines'
insert into orders (customer_id, status, placed_at)
select 1 + n * 7919 % 20000,
       case when n % 20 = 0 then 'placed' when n % 20 < 6 then 'paid'
            when n % 20 < 19 then 'shipped' else 'returned' end,
       timestamptz '2026-01-01' + n * interval '5 minutes'
  from generate_series(1, 100000) n;

insert into order_lines (order_id, line, product_id, quantity, price_cents)
select o, line, product, 1 + (o + line) % 4, 500 + product * 7919 % 20000
  from (select o, line, 1 + (o * 31 + line * 337) % 1000 as product
          from generate_series(1, 100000) o, generate_series(1, 1 + o % 4) line) lines;

\echo '    payments and events'
insert into payments (order_id, amount_cents, method, paid_at)
select o.id, sum(l.quantity * l.price_cents),
       (array['card','invoice','transfer'])[1 + o.id % 3], o.placed_at + interval '2 hours'
  from orders o join order_lines l on l.order_id = o.id
 where o.status <> 'placed'
 group by o.id;

insert into events (order_id, kind, happened_at)
select id, 'placed', placed_at from orders
union all
select order_id, 'paid', paid_at from payments;

reset role;
analyze;

-- A shop as one finds it in a real company: customers, products, orders with their lines, payments,
-- an event log partitioned by month, and a view that reports are made from.
-- Everything belongs to shop_owner, a group nobody logs in as.

create role shop_owner nologin;
create schema shop authorization shop_owner;
set role shop_owner;
set search_path = shop;

create table customers (
  id          integer generated always as identity primary key,
  email       text not null unique,
  full_name   text not null,
  country     text not null check (country ~ '^[A-Z]{2}$'),
  created_at  timestamptz not null
);

create table products (
  id          integer generated always as identity primary key,
  sku         text not null unique,
  title       text not null,
  price_cents integer not null check (price_cents > 0),
  in_stock    integer not null check (in_stock >= 0)
);

create table orders (
  id          integer generated always as identity primary key,
  customer_id integer not null references customers,
  status      text not null check (status in ('placed', 'paid', 'shipped', 'returned')),
  placed_at   timestamptz not null
);

create table order_lines (
  order_id    integer not null references orders,
  line        smallint not null,
  product_id  integer not null references products,
  quantity    smallint not null check (quantity > 0),
  price_cents integer not null check (price_cents > 0),
  primary key (order_id, line)
);

create table payments (
  id           integer generated always as identity primary key,
  order_id     integer not null unique references orders,
  amount_cents bigint not null check (amount_cents > 0),
  method       text not null check (method in ('card', 'invoice', 'transfer')),
  paid_at      timestamptz not null
);

create table events (
  id          bigint generated always as identity,
  order_id    integer not null references orders,
  kind        text not null,
  happened_at timestamptz not null,
  primary key (happened_at, id)
) partition by range (happened_at);

do $$
declare
  month date;
begin
  for month in
    select generate_series(date '2026-01-01', date '2026-12-01', interval '1 month')::date
  loop
    execute format(
      'create table %I partition of events for values from (%L) to (%L)',
      'events_' || to_char(month, 'YYYY_MM'),
      month::timestamp at time zone 'UTC',
      (month + interval '1 month')::timestamp at time zone 'UTC');
  end loop;
end
$$;

create view order_totals as
  select o.id as order_id, o.customer_id, o.status, o.placed_at,
         sum(l.quantity * l.price_cents)::bigint as total_cents,
         p.amount_cents as paid_cents
    from orders o
    join order_lines l on l.order_id = o.id
    left join payments p on p.order_id = o.id
   group by o.id, p.amount_cents;

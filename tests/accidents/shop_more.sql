-- What the accidents need beside the demonstration's shop: cascades, rules, triggers, functions,
-- views, and tables whose names or columns invite mistakes.
set role shop_owner;
set search_path = shop;

create table regions (id int primary key, name text not null);
create table branches (id int primary key,
                       region int not null references regions on delete cascade);
create table desks (id int primary key, branch int not null references branches on delete cascade);
create table calls (id int primary key, desk int not null references desks on delete cascade,
                    said text);
insert into regions select i, 'region ' || i from generate_series(1, 10) i;
insert into branches select i, 1 + i % 10 from generate_series(1, 20) i;
insert into desks select i, 1 + i % 20 from generate_series(1, 100) i;
insert into calls select i, 1 + i % 100, 'call ' || i from generate_series(1, 1000) i;

create table staff (id int primary key, name text not null, email text,
                    manager int references staff on delete set null);
insert into staff select i, 'person ' || i, case when i % 3 = 0 then null else 'p' || i || '@x' end,
                         nullif(i / 10, 0) from generate_series(1, 99) i;
create table badges (staff int primary key references staff on update cascade on delete cascade,
                     door text);
insert into badges select i, 'door ' || i % 7 from generate_series(1, 99) i;

create table price_log (id bigint generated always as identity primary key, product int, line int);
create function log_price() returns trigger language plpgsql as $$
begin
  insert into shop.price_log (product, line)
  select new.id, l.order_id from shop.order_lines l where l.product_id = new.id;
  return new;
end $$;
create trigger log_price after update of price_cents on products
  for each row execute function log_price();

create table discounts (id int primary key, percent int not null);
create table "Discounts" (id int primary key, percent int not null);
insert into discounts select i, i from generate_series(1, 60) i;
insert into "Discounts" select i, i from generate_series(1, 60) i;

create table carts (id int primary key, owner text);
create table cart_items (id int primary key, cart int not null, title text);
insert into carts select i, 'owner ' || i from generate_series(1, 50) i;
insert into cart_items select i, 1 + i % 50, 'item ' || i from generate_series(1, 500) i;
create rule empty_cart as on delete to carts
  do also delete from shop.cart_items where cart = old.id;

create table rates (id int primary key, rate numeric(10,4) not null, valid_at timestamptz not null,
                    note text, code varchar(20));
insert into rates select i, i * 1.2345, timestamptz '2026-03-01 12:00+00' + i * interval '1 day',
                         case when i % 4 = 0 then null else 'note ' || i end, 'code-' || i
from generate_series(1, 120) i;
create index rates_by_time on rates (valid_at);

create table leads (id int primary key, email text not null);
insert into leads select i, 'lead' || i % 40 || '@example.com' from generate_series(1, 80) i;

create table visits (page text, seen int);
insert into visits select 'page ' || i % 10, i from generate_series(1, 30) i;

create table scores (id int primary key, home int not null, away int not null);
insert into scores select i, i, 100 - i from generate_series(1, 30) i;

create sequence invoice_numbers;
select setval('invoice_numbers', 500);
create type mood as enum ('glad', 'sad');
create domain positive as int check (value > 0);
create table empty_columns (id int primary key, unused text, used text);
insert into empty_columns select i, null, 'x' || i from generate_series(1, 10) i;

create view german_customers as select * from customers where country = 'DE';
create view cheap_rates as select id, rate, note from rates where rate < 50;

create function purge_leads() returns void language sql as 'delete from shop.leads';
create function wipe_staff() returns void language sql security definer
  set search_path = pg_catalog, pg_temp as 'delete from shop.staff';
create procedure close_calls() language plpgsql as $$
begin
  update shop.calls set said = 'closed';
end $$;
create function loyalty(p int) returns int language sql as 'select p * 2';

create table reports (id int primary key, made date);
insert into reports select i, date '2026-01-01' + i from generate_series(1, 40) i;
create view fresh_reports as select * from reports where made > date '2026-01-20';
create materialized view report_count as select count(*) as n from reports;
reset role;

create schema archive authorization shop_owner;
create schema hollow authorization shop_owner;
set role shop_owner;
create table archive.staff (like shop.staff including all);
insert into archive.staff select * from shop.staff;
create table hollow.leaves (id int primary key);
insert into hollow.leaves select generate_series(1, 5);
reset role;

grant usage on schema shop, archive, hollow to shop_writer;
grant select, insert, update, delete on all tables in schema shop, archive, hollow to shop_writer;
grant usage on all sequences in schema shop to shop_writer;
grant create on database shop to shop_owner;
create extension dblink;
analyze;

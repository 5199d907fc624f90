-- A shop that has never heard of ecosystems: the tables of docs/guide/connect-a-core.md, with made-up people in them.
create table customer (
  customer_id int primary key,
  first_name  varchar(40) not null,
  last_name   varchar(20) not null,
  company     varchar(80),
  country     varchar(40),
  phone       varchar(24),
  email       varchar(60) not null
);
create table employee (
  employee_id int primary key,
  first_name  varchar(20) not null,
  last_name   varchar(20) not null,
  phone       varchar(24),
  email       varchar(60)
);
insert into customer values
  (1, 'Inés', 'Carrasco', 'Vinilos del Sur', 'Spain', '+34 600 111 222', 'ines@vinilos.test'),
  (2, 'Tomás', 'Vela', 'Vinilos del Sur', 'Spain', null, 'tomas@vinilos.test'),
  (3, 'Greta', 'Lund', null, 'Norway', '+47 22 44 22 22', 'greta@post.test'),
  (4, 'Zoë', 'Łęcka', 'Głos', 'Poland', '+48 22 828 37 39', 'zoë.łęcka@glos.test'),
  (5, 'Paul', 'Reed', 'Reed & Sons', 'USA', 'call after six', 'paul@reed.test');
insert into employee values (1, 'Olga', 'Prieto', '+34 600 333 444', 'olga@shop.test');

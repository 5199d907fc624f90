-- The sample Core: what the demo's vendor, Acme, already had before Amparo came (schema vendor), and the three views
-- through which Amparo reads it (schema amparo_core). An adopter writes only the second part, over their own tables.
-- Everyone here is made up. It runs at each start and keeps what was edited since: rows are only added, never changed,
-- and whoever leaves a clinic keeps an inactive seat (a deleted row would come back).

select pg_advisory_xact_lock(hashtext('demo/core.sql'));

create schema if not exists vendor;

create table if not exists vendor.plan (
  key text primary key,
  name text not null,
  features text[] not null
);

alter table vendor.plan add column if not exists seats integer not null default 5;

create table if not exists vendor.person (
  id text primary key,
  name text not null,
  email text not null,
  phone text,
  locale text,
  works_at_acme boolean not null default false,
  second_factor boolean not null default false,
  email_changed_at timestamptz,
  phone_changed_at timestamptz,
  last_sign_in_at timestamptz,
  deactivated_at timestamptz
);
-- Not unique: like many real Cores, this one has two people on one e-mail.
create index if not exists person_email on vendor.person (lower(email));

create table if not exists vendor.clinic (
  id text primary key,
  name text not null,
  city text not null,
  owner_id text not null references vendor.person,
  plan_key text not null references vendor.plan,
  billed_by_partner boolean not null default false,
  suspended_at timestamptz
);
create index if not exists clinic_owner on vendor.clinic (owner_id);
-- What the owner says of Acme's support in their clinic: null is allowed, else 'told', 'approve' or 'off'.
alter table vendor.clinic add column if not exists support_access text;

create table if not exists vendor.seat (
  clinic_id text not null references vendor.clinic,
  person_id text not null references vendor.person,
  role text not null check (role in ('owner', 'member')),
  title text not null,
  active boolean not null default true,
  primary key (clinic_id, person_id)
);
create index if not exists seat_person on vendor.seat (person_id);

create table if not exists vendor.invoice (
  id text primary key,
  clinic_id text not null references vendor.clinic,
  number text not null unique,
  issued_on date not null,
  amount_cents integer not null check (amount_cents > 0),
  currency text not null,
  state text not null check (state in ('open', 'paid', 'overdue'))
);
create index if not exists invoice_clinic on vendor.invoice (clinic_id, issued_on);

-- acted_by is the agent's id where the act was done during an assistance; only without it was it the person's own act.
create table if not exists vendor.activity (
  id bigint generated always as identity primary key,
  clinic_id text not null references vendor.clinic,
  person_id text not null references vendor.person,
  acted_by text,
  what text not null,
  at timestamptz not null default now()
);
-- Their name as it was then: the issuer tells it with every check, and nobody else knows it here.
alter table vendor.activity add column if not exists acted_by_name text;
create index if not exists activity_clinic on vendor.activity (clinic_id, at);
create index if not exists activity_own on vendor.activity (person_id, at) where acted_by is null;

-- What the Store knows of a clinic: who gets its bills, where parcels go, and how it pays (never a whole card number).
create table if not exists vendor.billing (
  clinic_id text primary key references vendor.clinic,
  contact text not null,
  delivery_note text not null default '',
  card_brand text,
  card_last4 text check (card_last4 ~ '^[0-9]{4}$'),
  card_expires text
);

create table if not exists vendor.purchase (
  number text primary key,
  clinic_id text not null references vendor.clinic,
  ordered_at timestamptz not null default now(),
  currency text not null,
  state text not null check (state in ('preparing', 'on_its_way', 'delivered', 'cancelled'))
);
create index if not exists purchase_clinic on vendor.purchase (clinic_id, ordered_at);

create table if not exists vendor.purchase_line (
  purchase_number text not null references vendor.purchase,
  item text not null,
  quantity integer not null check (quantity > 0),
  unit_cents integer not null check (unit_cents > 0),
  primary key (purchase_number, item)
);

insert into vendor.plan (key, name, features, seats) values
  ('solo', 'Solo', '{agenda}', 3),
  ('team', 'Team', '{agenda,billing}', 6),
  ('plus', 'Plus', '{agenda,billing,telehealth,app}', 12)
on conflict do nothing;

-- Customers whose record has a past: deactivated, or with a contact that was changed.
insert into vendor.person (id, name, email, phone, locale, last_sign_in_at, email_changed_at, phone_changed_at, deactivated_at) values
  ('per_arthur', 'Arthur Pym', 'arthur@harbour-quay.test', '+447400000061', 'en', '2026-01-09 09:09:00+00', null, null, '2026-02-01 12:00:00+00'),
  ('per_walter', 'Walter Finch', 'walter@northside.test', '+12125550105', 'en', '2025-11-14 20:10:00+00', null, null, '2025-12-01 12:00:00+00'),
  ('per_rocio', 'Rocío Ávila', 'rocio@nandu.test', '+525500000023', 'es', '2026-09-03 15:00:00+00', '2026-09-02 20:00:00+00', null, null),
  ('per_taras', 'Тарас Коваленко', 'taras@svitanok.test', '+447400000052', 'en', '2026-09-17 11:30:00+00', null, '2026-09-16 08:00:00+00', null)
on conflict do nothing;

-- Customers. Phones are valid for the libraries and belong to nobody we know of: 555 01xx, runs of zeros, Ofcom's drama numbers.
insert into vendor.person (id, name, email, phone, locale, second_factor, last_sign_in_at) values
  -- Clínica Sol
  ('per_marta', 'Marta Ruiz', 'marta@clinica-sol.test', '+34600000001', 'es', true, '2026-09-28 08:12:00+00'),
  ('per_leo', 'Leo Martín', 'leo@clinica-sol.test', '+34600000002', 'es', false, '2026-09-29 07:55:00+00'),
  ('per_inaki', 'Iñaki Etxeberria', 'inaki@clinica-sol.test', '+34600000003', 'es', false, '2026-09-25 15:40:00+00'),
  ('per_jose', 'José Peña Núñez', 'josé@clinica-sol.test', '+34600000004', 'es', false, '2026-09-22 10:05:00+00'),
  ('per_nuria', 'Núria Puigdomènech', 'nuria@clinica-sol.test', null, 'es', false, '2026-09-18 09:30:00+00'),
  ('per_ramon', 'Ramón Casas', 'ramon@clinica-sol.test', '+34910000005', 'es', false, '2026-08-30 11:11:00+00'),
  ('per_olga', 'Olga Prieto', 'olga@clinica-sol.test', '+34600000006', 'es', false, '2026-03-02 16:20:00+00'),
  -- Northside Medical
  ('per_grace', 'Grace Hall', 'grace@northside.test', '+12125550101', 'en', true, '2026-09-29 13:02:00+00'),
  ('per_tom', 'Tom Becker', 'tom+billing@northside.test', '+12125550102', 'en', false, '2026-09-27 14:45:00+00'),
  ('per_siobhan', 'Siobhán O''Neill', 'siobhan@northside.test', '+12125550103', 'en', true, '2026-09-26 18:31:00+00'),
  ('per_priya', 'Priya Nair', 'priya@northside.test', '+12125550104', 'en', false, '2026-09-29 12:00:00+00'),
  -- Centro Médico Lumbre (suspended)
  ('per_pilar', 'Pilar Vidal', 'pilar@lumbre.test', '+525500000011', 'es', false, '2026-07-04 17:25:00+00'),
  ('per_jorge', 'Jorge Ibáñez', 'jorge@lumbre.test', '+525500000012', 'es', false, '2026-06-21 19:08:00+00'),
  ('per_angeles', 'María de los Ángeles Fernández-Villaverde y Gómez de la Torre', 'angeles@lumbre.test', null, 'es', false, null),
  -- Consultorio Ñandú (payment overdue)
  ('per_ximena', 'Ximena Zúñiga', 'ximena@nandu.test', '+525500000021', 'es', false, '2026-09-20 16:00:00+00'),
  ('per_mateo', 'Mateo Güell', 'mateo@nandu.test', '+525500000022', null, false, '2026-09-11 22:15:00+00'),
  -- Gabinet Wiśniewski
  ('per_lukasz', 'Łukasz Wiśniewski', 'lukasz@wisniewski.test', '+447400000031', 'en', true, '2026-09-24 08:00:00+00'),
  ('per_zofia', 'Zofia Żak', 'zofia@wisniewski.test', '+447400000032', 'en', false, '2026-09-23 08:10:00+00'),
  ('per_sorin', 'Sorin Brânză', 'sorin@wisniewski.test', '+447400000033', null, false, '2026-09-15 12:40:00+00'),
  -- Ιατρείο Αθηνά
  ('per_eleni', 'Ελένη Παπαδοπούλου', 'eleni@athina.test', '+447400000041', 'en', false, '2026-09-21 06:50:00+00'),
  ('per_nikos', 'Νίκος Δημητρίου', 'nikos@athina.test', '+447400000042', 'en', false, '2026-09-19 07:20:00+00'),
  ('per_despina', 'Δέσποινα Λάμπρου', 'despina@athina.test', null, null, false, '2026-08-08 10:00:00+00'),
  -- Клініка Світанок
  ('per_oksana', 'Оксана Мельник', 'Oksana.Melnyk@Svitanok.test', '+447400000051', 'en', true, '2026-09-28 09:45:00+00'),
  ('per_bogdana', 'Богдана Сокіл', 'bogdana@svitanok.test', '+442079460053', 'en', false, '2026-09-12 13:05:00+00'),
  -- عيادة النور
  ('per_layla', 'ليلى حداد', 'layla@noor.test', '+12125550151', 'en', false, '2026-09-16 14:14:00+00'),
  ('per_yusuf', 'يوسف منصور', 'yusuf@noor.test', '+12125550152', 'en', false, '2026-09-14 15:15:00+00'),
  ('per_samira', 'سميرة قاسم', 'samira@noor.test', '+12125550153', null, false, null),
  -- 仁爱诊所
  ('per_chen', '陈雨桐', 'chen@renai.test', '+12125550161', 'en', true, '2026-09-13 01:00:00+00'),
  ('per_zhou', '周子墨', 'zhou@renai.test', '+12125550162', 'en', false, '2026-09-10 02:30:00+00'),
  ('per_lin', '林书瑶', 'lin@renai.test', '+12125550163', 'en', false, '2026-09-09 03:45:00+00'),
  -- 青山診療所
  ('per_misaki', '高橋実咲', 'misaki@aoyama.test', '+12125550171', 'en', false, '2026-09-08 00:20:00+00'),
  ('per_ken', '森田健', 'ken@aoyama.test', '+12125550172', 'en', false, '2026-09-07 00:40:00+00'),
  ('per_yui', 'いしい ゆい', 'yui@aoyama.test', '+12125550173', 'en', false, '2026-09-06 01:10:00+00'),
  -- Harbour & Quay Surgery (its owner is inactive)
  ('per_dora', 'Dora Wren', 'frontdesk@harbour-quay.test', '+447400000062', 'en', false, '2026-09-05 09:00:00+00'),
  ('per_edith', 'Edith Moss', 'frontdesk@harbour-quay.test', '+447400000063', 'en', false, '2026-09-04 09:00:00+00'),
  ('per_leila', 'Leila Brooks', 'leila@harbour-quay.test', '+447400000064', 'en', false, '2026-09-26 10:30:00+00'),
  ('per_gethin', 'Gethin Rhys-Llŷn', 'gethin@harbour-quay.test', '+442079460065', 'en', false, '2026-09-02 16:45:00+00'),
  -- Cabinet Lefèvre (its owner has no seat)
  ('per_helene', 'Hélène Lefèvre', 'helene@lefevre.test', '+12125550181', 'fr', false, '2026-09-01 13:30:00+00'),
  ('per_benoit', 'Benoît Carré', 'benoit@lefevre.test', '+12125550182', 'fr', false, '2026-08-31 13:50:00+00'),
  ('per_anais', 'Anaïs Roy', 'anais@lefevre.test', null, null, false, '2026-08-29 14:20:00+00'),
  -- In no clinic
  ('per_sam', 'Sam Doyle', 'sam@nowhere.test', '+12125550191', 'en', false, '2026-05-05 05:05:00+00'),
  ('per_ines', 'Inés Ferrer', 'ines@nowhere.test', null, 'es', false, null)
on conflict do nothing;

-- Acme's own people: the sample agents of demo/people.ts, and a trainer who has a seat at a customer's.
insert into vendor.person (id, name, email, phone, locale, works_at_acme, second_factor, last_sign_in_at) values
  ('per_acme_ana', 'Ana Robles', 'ana@acme.test', '+34600000901', 'es', true, true, '2026-09-29 06:30:00+00'),
  ('per_acme_ben', 'Ben Ortiz', 'ben@acme.test', '+34600000902', 'en', true, true, '2026-09-29 06:31:00+00'),
  ('per_acme_cleo', 'Cleo Park', 'cleo@acme.test', '+447400000903', 'en', true, true, '2026-09-29 06:32:00+00'),
  ('per_acme_sara', 'Sara Molina', 'sara@acme.test', '+34600000904', 'es', true, true, '2026-09-29 06:33:00+00'),
  ('per_acme_adam', 'Adam Frost', 'adam@acme.test', '+447400000905', 'en', true, true, '2026-09-29 06:34:00+00'),
  ('per_acme_ada', 'Ada Quintana', 'ada@acme.test', '+34600000906', 'en', true, true, '2026-09-29 06:35:00+00'),
  ('per_acme_pia', 'Pía Trainer', 'pia@acme.test', '+34600000907', 'es', true, true, '2026-09-29 06:36:00+00'),
  ('per_acme_sol', 'Sol Herrera', 'sol@acme.test', '+34600000908', 'es', true, true, '2026-09-29 06:37:00+00'),
  ('per_acme_tess', 'Tess Quinn', 'tess@acme.test', '+447400000909', 'en', true, true, '2026-09-29 06:38:00+00'),
  ('per_acme_dev01', 'Dev One', 'dev01@acme.test', '+34600000911', 'en', true, true, null),
  ('per_acme_dev02', 'Dev Two', 'dev02@acme.test', '+34600000912', 'en', true, true, null),
  ('per_acme_dev03', 'Dev Three', 'dev03@acme.test', '+34600000913', 'en', true, true, null),
  ('per_acme_dev04', 'Dev Four', 'dev04@acme.test', '+34600000914', 'en', true, true, null),
  ('per_acme_dev05', 'Dev Five', 'dev05@acme.test', '+34600000915', 'en', true, true, null),
  ('per_acme_dev06', 'Dev Six', 'dev06@acme.test', '+34600000916', 'en', true, true, null)
on conflict do nothing;

insert into vendor.clinic (id, name, city, owner_id, plan_key, billed_by_partner, suspended_at) values
  ('cli_sol', 'Clínica Sol', 'Madrid', 'per_marta', 'plus', false, null),
  ('cli_northside', 'Northside Medical', 'New York', 'per_grace', 'plus', false, null),
  ('cli_lumbre', 'Centro Médico Lumbre', 'Ciudad de México', 'per_pilar', 'team', false, '2026-07-05 08:00:00+00'),
  ('cli_nandu', 'Consultorio Ñandú', 'Ciudad de México', 'per_ximena', 'team', false, null),
  ('cli_wisniewski', 'Gabinet Wiśniewski', 'London', 'per_lukasz', 'team', false, null),
  ('cli_athina', 'Ιατρείο Αθηνά', 'London', 'per_eleni', 'team', false, null),
  ('cli_svitanok', 'Клініка Світанок', 'London', 'per_oksana', 'plus', false, null),
  ('cli_noor', 'عيادة النور', 'New York', 'per_layla', 'team', false, null),
  ('cli_renai', '仁爱诊所', 'New York', 'per_chen', 'plus', true, null),
  ('cli_aoyama', '青山診療所', 'New York', 'per_misaki', 'team', false, null),
  ('cli_harbour', 'Harbour & Quay Surgery', 'London', 'per_arthur', 'team', false, null),
  ('cli_lefevre', 'Cabinet Lefèvre', 'New York', 'per_helene', 'solo', false, null)
on conflict do nothing;

insert into vendor.seat (clinic_id, person_id, role, title, active) values
  ('cli_sol', 'per_marta', 'owner', 'Medical director', true),
  ('cli_sol', 'per_leo', 'member', 'Reception', true),
  ('cli_sol', 'per_grace', 'member', 'Visiting cardiologist', true),
  ('cli_sol', 'per_inaki', 'member', 'Nurse', true),
  ('cli_sol', 'per_jose', 'member', 'Physiotherapist', true),
  ('cli_sol', 'per_nuria', 'member', 'Paediatrician', true),
  ('cli_sol', 'per_ramon', 'member', 'Billing', true),
  ('cli_sol', 'per_acme_pia', 'member', 'Trainer', true),
  ('cli_sol', 'per_olga', 'member', 'Nurse', false),
  ('cli_northside', 'per_grace', 'owner', 'Medical director', true),
  ('cli_northside', 'per_tom', 'member', 'Billing', true),
  ('cli_northside', 'per_siobhan', 'member', 'Nurse', true),
  ('cli_northside', 'per_priya', 'member', 'Cardiologist', true),
  ('cli_northside', 'per_walter', 'member', 'Reception', true),
  ('cli_lumbre', 'per_pilar', 'owner', 'Medical director', true),
  ('cli_lumbre', 'per_jorge', 'member', 'Nurse', true),
  ('cli_lumbre', 'per_angeles', 'member', 'Reception', true),
  ('cli_nandu', 'per_ximena', 'owner', 'Dermatologist', true),
  ('cli_nandu', 'per_mateo', 'member', 'Nurse', true),
  ('cli_nandu', 'per_rocio', 'member', 'Reception', true),
  ('cli_nandu', 'per_pilar', 'member', 'Visiting physician', true),
  ('cli_wisniewski', 'per_lukasz', 'owner', 'Dentist', true),
  ('cli_wisniewski', 'per_zofia', 'member', 'Dental nurse', true),
  ('cli_wisniewski', 'per_sorin', 'member', 'Reception', true),
  ('cli_athina', 'per_eleni', 'owner', 'General practitioner', true),
  ('cli_athina', 'per_nikos', 'member', 'Nurse', true),
  ('cli_athina', 'per_despina', 'member', 'Reception', true),
  ('cli_svitanok', 'per_oksana', 'owner', 'Ophthalmologist', true),
  ('cli_svitanok', 'per_taras', 'member', 'Optometrist', true),
  ('cli_svitanok', 'per_bogdana', 'member', 'Reception', true),
  ('cli_noor', 'per_layla', 'owner', 'Paediatrician', true),
  ('cli_noor', 'per_yusuf', 'member', 'Nurse', true),
  ('cli_noor', 'per_samira', 'member', 'Reception', true),
  ('cli_noor', 'per_priya', 'member', 'Visiting cardiologist', true),
  ('cli_renai', 'per_chen', 'owner', 'General practitioner', true),
  ('cli_renai', 'per_zhou', 'member', 'Nurse', true),
  ('cli_renai', 'per_lin', 'member', 'Reception', true),
  ('cli_renai', 'per_priya', 'member', 'Visiting cardiologist', true),
  ('cli_aoyama', 'per_misaki', 'owner', 'Surgeon', true),
  ('cli_aoyama', 'per_ken', 'member', 'Anaesthetist', true),
  ('cli_aoyama', 'per_yui', 'member', 'Reception', true),
  ('cli_harbour', 'per_arthur', 'owner', 'General practitioner', true),
  ('cli_harbour', 'per_dora', 'member', 'Reception', true),
  ('cli_harbour', 'per_edith', 'member', 'Reception', true),
  ('cli_harbour', 'per_gethin', 'member', 'Nurse', true),
  -- Says "owner" of a clinic that is Arthur's: the owner is clinic.owner_id and nothing else, so she is a member.
  ('cli_harbour', 'per_leila', 'owner', 'Locum physician', true),
  ('cli_lefevre', 'per_benoit', 'member', 'Nurse', true),
  ('cli_lefevre', 'per_anais', 'member', 'Reception', true)
on conflict do nothing;

insert into vendor.invoice (id, clinic_id, number, issued_on, amount_cents, currency, state) values
  ('inv_sol_1', 'cli_sol', 'SOL-2026-001', '2026-05-01', 18900, 'EUR', 'paid'),
  ('inv_sol_2', 'cli_sol', 'SOL-2026-002', '2026-06-01', 18900, 'EUR', 'paid'),
  ('inv_sol_3', 'cli_sol', 'SOL-2026-003', '2026-07-01', 21450, 'EUR', 'paid'),
  ('inv_sol_4', 'cli_sol', 'SOL-2026-004', '2026-08-01', 18900, 'EUR', 'paid'),
  ('inv_sol_5', 'cli_sol', 'SOL-2026-005', '2026-09-01', 18900, 'EUR', 'open'),
  ('inv_northside_1', 'cli_northside', 'NSM-1041', '2026-06-01', 24900, 'USD', 'paid'),
  ('inv_northside_2', 'cli_northside', 'NSM-1042', '2026-07-01', 24900, 'USD', 'paid'),
  ('inv_northside_3', 'cli_northside', 'NSM-1043', '2026-08-01', 24900, 'USD', 'paid'),
  ('inv_northside_4', 'cli_northside', 'NSM-1044', '2026-09-01', 31250, 'USD', 'open'),
  ('inv_lumbre_1', 'cli_lumbre', 'LUM-0071', '2026-03-01', 189900, 'MXN', 'paid'),
  ('inv_lumbre_2', 'cli_lumbre', 'LUM-0072', '2026-04-01', 189900, 'MXN', 'overdue'),
  ('inv_lumbre_3', 'cli_lumbre', 'LUM-0073', '2026-05-01', 189900, 'MXN', 'overdue'),
  ('inv_lumbre_4', 'cli_lumbre', 'LUM-0074', '2026-06-01', 189900, 'MXN', 'overdue'),
  ('inv_nandu_1', 'cli_nandu', 'NAN-0301', '2026-07-01', 149900, 'MXN', 'paid'),
  ('inv_nandu_2', 'cli_nandu', 'NAN-0302', '2026-08-01', 149900, 'MXN', 'overdue'),
  ('inv_nandu_3', 'cli_nandu', 'NAN-0303', '2026-09-01', 149900, 'MXN', 'open'),
  ('inv_wisniewski_1', 'cli_wisniewski', 'GW/2026/07', '2026-07-01', 9900, 'GBP', 'paid'),
  ('inv_wisniewski_2', 'cli_wisniewski', 'GW/2026/08', '2026-08-01', 9900, 'GBP', 'paid'),
  ('inv_wisniewski_3', 'cli_wisniewski', 'GW/2026/09', '2026-09-01', 11400, 'GBP', 'open'),
  ('inv_athina_1', 'cli_athina', 'ATH-11', '2026-07-01', 9900, 'GBP', 'paid'),
  ('inv_athina_2', 'cli_athina', 'ATH-12', '2026-08-01', 9900, 'GBP', 'paid'),
  ('inv_athina_3', 'cli_athina', 'ATH-13', '2026-09-01', 9900, 'GBP', 'paid'),
  ('inv_svitanok_1', 'cli_svitanok', 'SVI-501', '2026-06-01', 16900, 'GBP', 'paid'),
  ('inv_svitanok_2', 'cli_svitanok', 'SVI-502', '2026-07-01', 16900, 'GBP', 'paid'),
  ('inv_svitanok_3', 'cli_svitanok', 'SVI-503', '2026-08-01', 16900, 'GBP', 'paid'),
  ('inv_svitanok_4', 'cli_svitanok', 'SVI-504', '2026-09-01', 16900, 'GBP', 'open'),
  ('inv_noor_1', 'cli_noor', 'NOOR-21', '2026-07-01', 12900, 'USD', 'paid'),
  ('inv_noor_2', 'cli_noor', 'NOOR-22', '2026-08-01', 12900, 'USD', 'paid'),
  ('inv_noor_3', 'cli_noor', 'NOOR-23', '2026-09-01', 12900, 'USD', 'open'),
  ('inv_renai_1', 'cli_renai', 'RA-8801', '2026-07-01', 24900, 'USD', 'open'),
  ('inv_renai_2', 'cli_renai', 'RA-8802', '2026-08-01', 24900, 'USD', 'open'),
  ('inv_renai_3', 'cli_renai', 'RA-8803', '2026-09-01', 24900, 'USD', 'open'),
  ('inv_aoyama_1', 'cli_aoyama', 'AOY-061', '2026-07-01', 12900, 'USD', 'paid'),
  ('inv_aoyama_2', 'cli_aoyama', 'AOY-062', '2026-08-01', 12900, 'USD', 'paid'),
  ('inv_aoyama_3', 'cli_aoyama', 'AOY-063', '2026-09-01', 12900, 'USD', 'paid'),
  ('inv_harbour_1', 'cli_harbour', 'HQS-2211', '2026-07-01', 9900, 'GBP', 'paid'),
  ('inv_harbour_2', 'cli_harbour', 'HQS-2212', '2026-08-01', 9900, 'GBP', 'paid'),
  ('inv_harbour_3', 'cli_harbour', 'HQS-2213', '2026-09-01', 9900, 'GBP', 'open'),
  ('inv_lefevre_1', 'cli_lefevre', 'LEF-01', '2026-07-01', 4900, 'USD', 'paid'),
  ('inv_lefevre_2', 'cli_lefevre', 'LEF-02', '2026-08-01', 4900, 'USD', 'paid'),
  ('inv_lefevre_3', 'cli_lefevre', 'LEF-03', '2026-09-01', 4900, 'USD', 'paid')
on conflict do nothing;

insert into vendor.billing (clinic_id, contact, delivery_note, card_brand, card_last4, card_expires) values
  ('cli_sol', 'Ramón Casas', 'Entregar en recepción, de 9 a 14 h', 'Visa', '4242', '08/28'),
  ('cli_northside', 'Tom Becker', 'Suite 410, ask for the front desk', 'Mastercard', '4444', '11/27'),
  ('cli_lumbre', 'Pilar Vidal', 'Tocar el timbre de la planta baja', 'Visa', '1881', '06/26'),
  ('cli_nandu', 'Ximena Zúñiga', '', 'Mastercard', '5100', '02/28'),
  ('cli_wisniewski', 'Łukasz Wiśniewski', '', 'Visa', '0077', '03/29'),
  ('cli_athina', 'Ελένη Παπαδοπούλου', '', 'Visa', '3110', '09/27'),
  ('cli_svitanok', 'Оксана Мельник', '', null, null, null),
  ('cli_noor', 'ليلى حداد', '', 'Visa', '6060', '01/28'),
  ('cli_renai', '陈雨桐', '', null, null, null),
  ('cli_aoyama', '高橋実咲', '', 'Mastercard', '7007', '05/27'),
  ('cli_harbour', 'Arthur Pym', '', 'Visa', '2929', '12/26'),
  ('cli_lefevre', 'Hélène Lefèvre', '', null, null, null)
on conflict do nothing;

insert into vendor.purchase (number, clinic_id, ordered_at, currency, state) values
  ('A-10418', 'cli_sol', '2026-09-24 09:10:00+00', 'EUR', 'on_its_way'),
  ('A-10377', 'cli_sol', '2026-08-30 11:42:00+00', 'EUR', 'delivered'),
  ('A-10102', 'cli_sol', '2026-05-12 08:05:00+00', 'EUR', 'delivered'),
  ('A-10409', 'cli_northside', '2026-09-21 15:20:00+00', 'USD', 'preparing'),
  ('A-10333', 'cli_northside', '2026-08-02 13:00:00+00', 'USD', 'delivered'),
  ('A-10201', 'cli_lumbre', '2026-06-18 17:30:00+00', 'MXN', 'cancelled'),
  ('A-10088', 'cli_lumbre', '2026-04-22 16:10:00+00', 'MXN', 'delivered'),
  ('A-10391', 'cli_nandu', '2026-09-08 18:45:00+00', 'MXN', 'delivered'),
  ('A-10402', 'cli_wisniewski', '2026-09-15 10:00:00+00', 'GBP', 'delivered')
on conflict do nothing;

insert into vendor.purchase_line (purchase_number, item, quantity, unit_cents) values
  ('A-10418', 'card_reader', 2, 5900),
  ('A-10418', 'paper_rolls', 1, 1850),
  ('A-10377', 'sms_500', 3, 2900),
  ('A-10102', 'label_printer', 1, 18900),
  ('A-10102', 'labels', 4, 1240),
  ('A-10409', 'camera_kit', 3, 14900),
  ('A-10333', 'training', 1, 24000),
  ('A-10201', 'label_printer', 1, 389900),
  ('A-10088', 'sms_500', 2, 58900),
  ('A-10391', 'paper_rolls', 2, 34900),
  ('A-10402', 'card_reader', 1, 4900)
on conflict do nothing;

-- The views of the contract. Amparo reads these and nothing else.
create schema if not exists amparo_core;

create or replace view amparo_core.users as
select person.id as user_id,
       person.email,
       person.phone,
       person.name as display_name,
       person.locale,
       case when person.deactivated_at is null then 'active' else 'inactive' end as status,
       person.works_at_acme as is_staff,
       person.email_changed_at,
       person.phone_changed_at,
       person.second_factor as mfa_enabled,
       greatest(
         person.last_sign_in_at,
         (select max(activity.at) from vendor.activity where activity.person_id = person.id and activity.acted_by is null)
       ) as last_activity_at
  from vendor.person;

create or replace view amparo_core.ecosystems as
select clinic.id as ecosystem_id,
       clinic.name,
       clinic.owner_id as owner_user_id,
       case when clinic.suspended_at is null then 'active' else 'suspended' end as status,
       plan.key as plan,
       plan.features,
       case
         when clinic.billed_by_partner then 'unknown'
         when exists (select from vendor.invoice where invoice.clinic_id = clinic.id and invoice.state = 'overdue') then 'overdue'
         else 'current'
       end as payment_state,
       clinic.support_access
  from vendor.clinic
  join vendor.plan on plan.key = clinic.plan_key;

create or replace view amparo_core.memberships as
select seat.clinic_id as ecosystem_id,
       seat.person_id as user_id,
       seat.role,
       seat.active
  from vendor.seat;

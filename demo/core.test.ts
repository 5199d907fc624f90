import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../server/src/database/database.ts'
import { type FreshDatabase, freshDatabase } from '../server/src/database/testing.ts'
import { agents } from './people.ts'

let db: Database
let close: FreshDatabase['close'] = async () => {}
beforeAll(async () => {
  ;({ db, close } = await freshDatabase())
})
afterAll(() => close())

const coreSql = readFileSync(new URL('./core.sql', import.meta.url), 'utf8')

/** The first column of every row, as text. */
async function column(sql: string): Promise<(string | null)[]> {
  const rows = await db.query<{ found: string | null }>(`select found::text from (${sql}) as asked (found)`)
  return rows.map(({ found }) => found)
}

const contract = {
  users: {
    user_id: 'text',
    email: 'text',
    phone: 'text',
    display_name: 'text',
    locale: 'text',
    status: 'text',
    is_staff: 'boolean',
    email_changed_at: 'timestamp with time zone',
    phone_changed_at: 'timestamp with time zone',
    mfa_enabled: 'boolean',
    last_activity_at: 'timestamp with time zone',
  },
  ecosystems: {
    ecosystem_id: 'text',
    name: 'text',
    owner_user_id: 'text',
    status: 'text',
    plan: 'text',
    features: 'ARRAY',
    payment_state: 'text',
    support_access: 'text',
  },
  memberships: { ecosystem_id: 'text', user_id: 'text', role: 'text', active: 'boolean' },
}

test.each(Object.entries(contract))(
  'the view amparo_core.%s has the columns and types of the contract',
  async (view, columns) => {
    const rows = await db.query<{ column_name: string; data_type: string }>(
      `select column_name, data_type from information_schema.columns
      where table_schema = 'amparo_core' and table_name = $1 order by ordinal_position`,
      [view],
    )
    expect(rows.map((row) => [row.column_name, row.data_type])).toEqual(Object.entries(columns))
  },
)

test('features are a list of texts', async () => {
  expect(await column(`select distinct pg_typeof(features) from amparo_core.ecosystems`)).toEqual(['text[]'])
})

test('the views hold only the values of the contract', async () => {
  expect(await column(`select distinct status from amparo_core.users order by 1`)).toEqual(['active', 'inactive'])
  expect(await column(`select distinct status from amparo_core.ecosystems order by 1`)).toEqual(['active', 'suspended'])
  expect(await column(`select distinct payment_state from amparo_core.ecosystems order by 1`)).toEqual([
    'current',
    'overdue',
    'unknown',
  ])
  expect(await column(`select distinct role from amparo_core.memberships order by 1`)).toEqual(['member', 'owner'])
})

test('the sample Core has at least 44 customers in 12 ecosystems', async () => {
  const [customers] = await column(`select count(*) from amparo_core.users where not is_staff`)
  expect(Number(customers)).toBeGreaterThanOrEqual(44)
  const ordinary = `ecosystem_id not in (select ecosystem_id from amparo_core.successions)`
  expect(await column(`select count(*) from amparo_core.ecosystems where ${ordinary}`)).toEqual(['12'])
  expect(await column(`select count(*) from amparo_core.ecosystems where not ${ordinary}`)).toEqual(['15'])
})

const customer = `select email from amparo_core.users where not is_staff`
const owned = `select owner_user_id from amparo_core.ecosystems`
const joined = `select user_id from amparo_core.memberships where active`

/** Who an agent can meet, how to find them, and one who must be among them. */
const kinds: readonly (readonly [kind: string, query: string, example: string])[] = [
  ['an owner', `${customer} and user_id in (${owned})`, 'marta@clinica-sol.test'],
  ['a member', `${customer} and user_id in (${joined}) and user_id not in (${owned})`, 'leo@clinica-sol.test'],
  [
    'an owner of one ecosystem who is a member of another',
    `select u.email from amparo_core.users u join amparo_core.ecosystems mine on mine.owner_user_id = u.user_id
       join amparo_core.memberships m on m.user_id = u.user_id and m.active and m.ecosystem_id <> mine.ecosystem_id`,
    'grace@northside.test',
  ],
  [
    'a member of several ecosystems',
    `select u.email from amparo_core.users u join amparo_core.memberships m using (user_id) group by u.user_id, u.email having count(*) > 2`,
    'priya@northside.test',
  ],
  ['an inactive owner', `${customer} and status = 'inactive' and user_id in (${owned})`, 'arthur@harbour-quay.test'],
  [
    'an inactive member',
    `${customer} and status = 'inactive' and user_id in (${joined}) and user_id not in (${owned})`,
    'walter@northside.test',
  ],
  [
    'an owner of a suspended ecosystem',
    `${customer} and user_id in (${owned} where status = 'suspended')`,
    'pilar@lumbre.test',
  ],
  [
    'a member of nothing but a suspended ecosystem',
    `select u.email from amparo_core.users u join amparo_core.memberships m using (user_id) join amparo_core.ecosystems e using (ecosystem_id)
      where e.owner_user_id <> u.user_id group by u.user_id, u.email having bool_and(e.status = 'suspended')`,
    'jorge@lumbre.test',
  ],
  [
    'an owner whose payment is overdue',
    `${customer} and user_id in (${owned} where status = 'active' and payment_state = 'overdue')`,
    'ximena@nandu.test',
  ],
  [
    'an owner without a membership row',
    `${customer} and user_id in (${owned}) and user_id not in (${joined})`,
    'helene@lefevre.test',
  ],
  [
    'a member whose row says owner of what is another’s',
    `select u.email from amparo_core.users u join amparo_core.memberships m using (user_id) join amparo_core.ecosystems e using (ecosystem_id)
      where m.role = 'owner' and e.owner_user_id <> u.user_id`,
    'leila@harbour-quay.test',
  ],
  [
    'somebody whose only membership is over',
    `${customer} and user_id in (select user_id from amparo_core.memberships where not active)`,
    'olga@clinica-sol.test',
  ],
  [
    'somebody in no ecosystem',
    `${customer} and user_id not in (select user_id from amparo_core.memberships) and user_id not in (${owned})`,
    'sam@nowhere.test',
  ],
  ['somebody without a phone', `${customer} and phone is null and user_id in (${joined})`, 'nuria@clinica-sol.test'],
  ['somebody with a Spanish landline', `${customer} and phone ~ '^\\+349[1-8]\\d{7}$'`, 'ramon@clinica-sol.test'],
  [
    'two people on one e-mail',
    `select lower(email) from amparo_core.users group by 1 having count(*) = 2`,
    'frontdesk@harbour-quay.test',
  ],
  [
    'somebody of the vendor’s staff who is in an ecosystem',
    `select email from amparo_core.users where is_staff and user_id in (${joined})`,
    'pia@acme.test',
  ],
  ['an e-mail with a plus sign', `${customer} and email like '%+%@%'`, 'tom+billing@northside.test'],
  ['an e-mail with a non-ASCII local part', `${customer} and email ~ '^.*[^\\x01-\\x7f].*@'`, 'josé@clinica-sol.test'],
  ['an e-mail with capitals', `${customer} and email <> lower(email)`, 'Oksana.Melnyk@Svitanok.test'],
  ['somebody whose language is Spanish', `${customer} and locale = 'es'`, 'marta@clinica-sol.test'],
  ['somebody whose language is English', `${customer} and locale = 'en'`, 'grace@northside.test'],
  ['somebody whose language we do not speak', `${customer} and locale = 'fr'`, 'benoit@lefevre.test'],
  ['somebody whose language is unknown', `${customer} and locale is null`, 'mateo@nandu.test'],
  ['somebody with a new phone', `${customer} and phone_changed_at is not null`, 'taras@svitanok.test'],
  ['somebody with a new e-mail', `${customer} and email_changed_at is not null`, 'rocio@nandu.test'],
  ['a name beyond Latin-1', `${customer} and display_name like 'Łukasz %'`, 'lukasz@wisniewski.test'],
  ['a Latin name with a tilde', `${customer} and display_name like 'Iñaki %'`, 'inaki@clinica-sol.test'],
  ['a name with an apostrophe', `${customer} and display_name like '%''%'`, 'siobhan@northside.test'],
  ['a very long name', `${customer} and length(display_name) > 50`, 'angeles@lumbre.test'],
  ['a Greek name', `${customer} and display_name ~ '[Α-ω]'`, 'eleni@athina.test'],
  ['a Cyrillic name', `${customer} and display_name ~ '[А-я]'`, 'taras@svitanok.test'],
  ['an Arabic name', `${customer} and display_name ~ '[ا-ي]'`, 'layla@noor.test'],
  ['a Chinese name', `${customer} and display_name ~ '^[一-龥]+$'`, 'chen@renai.test'],
  ['a Japanese name', `${customer} and display_name ~ '[ぁ-ん]'`, 'yui@aoyama.test'],
]

test.each(kinds)(
  'the sample Core has every kind of person that an agent can meet: %s',
  async (_kind, query, example) => {
    expect(await column(query)).toContain(example)
  },
)

test('nobody in the sample Core can be reached: every e-mail is under .test, every phone is international and of one person', async () => {
  expect(await column(`select email from amparo_core.users where email !~ '@[A-Za-z-]+\\.test$'`)).toEqual([])
  expect(await column(`select phone from amparo_core.users where phone !~ '^\\+(34|1|52|44)\\d{9,10}$'`)).toEqual([])
  expect(
    await column(`select phone from amparo_core.users where phone is not null group by 1 having count(*) > 1`),
  ).toEqual([])
})

test('every ecosystem has three to six invoices', async () => {
  expect(
    await column(
      `select id from vendor.clinic where (select count(*) from vendor.invoice where clinic_id = clinic.id) not between 3 and 6`,
    ),
  ).toEqual([])
})

test('every sample agent is in the Core as staff, with the same name and phone', async () => {
  const rows = await db.query<{ email: string; name: string; phone: string }>(
    `select email, display_name as name, phone from amparo_core.users where is_staff`,
  )
  expect(rows).toEqual(expect.arrayContaining(agents.map(({ email, name, phone }) => ({ email, name, phone }))))
})

test('two at a time can be asked and a third can review: three sample supervisors, two of whom show themselves by an app alone', () => {
  const supervisors = agents.filter(({ roles }) => roles.includes('supervisor'))
  expect(supervisors.length).toBeGreaterThanOrEqual(3)
  expect(supervisors.filter(({ totpSecret }) => /^[A-Z2-7]{32}$/.test(totpSecret ?? '')).length).toBeGreaterThanOrEqual(
    2,
  )
  const secrets = agents.flatMap(({ totpSecret }) => totpSecret ?? [])
  expect(new Set(secrets).size).toBe(secrets.length)
})

test('no two sample agents share an e-mail, a phone or a password, and every password is long', () => {
  for (const fact of ['email', 'phone', 'password'] as const) {
    expect(new Set(agents.map((agent) => agent[fact])).size).toBe(agents.length)
  }
  expect(agents.filter(({ password }) => password.length < 12)).toEqual([])
})

test('starting again keeps what was edited and adds nothing twice', async () => {
  await db.query(`update vendor.person set name = 'Edited' where id = 'per_sam'`)
  await db.query(`update vendor.seat set active = false where clinic_id = 'cli_aoyama' and person_id = 'per_ken'`)
  const counts = `select count(*) from vendor.person union all select count(*) from vendor.seat union all select count(*) from vendor.invoice`
  const before = await column(counts)
  await db.query(coreSql)
  expect(await column(counts)).toEqual(before)
  expect(await column(`select display_name from amparo_core.users where user_id = 'per_sam'`)).toEqual(['Edited'])
  expect(await column(`select active from amparo_core.memberships where user_id = 'per_ken'`)).toEqual(['false'])
})

test('what an agent does as the user is not the user’s own activity', async () => {
  const seen = `select last_activity_at from amparo_core.users where user_id = 'per_yui'`
  const before = await column(seen)
  await db.query(
    `insert into vendor.activity (clinic_id, person_id, acted_by, what) values ('cli_aoyama', 'per_yui', 'ag_1', 'Renamed the clinic')`,
  )
  expect(await column(seen)).toEqual(before)
  await db.query(
    `insert into vendor.activity (clinic_id, person_id, what) values ('cli_aoyama', 'per_yui', 'Renamed the clinic')`,
  )
  expect(await column(seen)).not.toEqual(before)
})

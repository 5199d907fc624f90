/** What the Store alone reads and writes of the vendor's tables. */
import { type Clinic, type Doer, doing, type Records } from '../vendor/records.ts'

export interface Billing {
  readonly contact: string
  readonly deliveryNote: string
  readonly card: { readonly brand: string; readonly last4: string; readonly expires: string } | null
}
export interface Purchase {
  readonly number: string
  readonly orderedAt: Date
  readonly currency: string
  readonly state: 'preparing' | 'on_its_way' | 'delivered' | 'cancelled'
  readonly amount: number
  readonly lines: readonly PurchaseLine[]
}
export interface PurchaseLine {
  readonly item: string
  readonly quantity: number
  readonly unit: number
}

const billingOf = `
  select contact, delivery_note as "deliveryNote",
         case when card_last4 is not null
              then json_build_object('brand', card_brand, 'last4', card_last4, 'expires', card_expires) end as card
    from vendor.billing where clinic_id = $1`

const purchasesOf = `
  select purchase.number, purchase.ordered_at as "orderedAt", purchase.currency, purchase.state,
         sum(line.quantity * line.unit_cents) / 100.0::float8 as amount,
         json_agg(json_build_object('item', line.item, 'quantity', line.quantity, 'unit', line.unit_cents / 100.0)
                  order by line.item) as lines
    from vendor.purchase join vendor.purchase_line line on line.purchase_number = purchase.number
   where purchase.clinic_id = $1
   group by purchase.number order by purchase.ordered_at desc`

/** Every change is the owner's, of a clinic in order, and is written down with who did it. */
const changing = (table: string, what: string) => `
  with ours as (select id from vendor.clinic where id = $1 and owner_id = $2),
       changed as (${table})
  insert into vendor.activity (clinic_id, person_id, acted_by, acted_by_name, what)
  select $1, $2, $3, $4, '${what}' from changed`

const setContact = changing(
  `update vendor.billing set contact = $5 from ours where clinic_id = ours.id returning clinic_id`,
  'billing.contact',
)
const setNote = changing(
  `update vendor.billing set delivery_note = $5 from ours where clinic_id = ours.id returning clinic_id`,
  'billing.note',
)

/** No card is typed into a demo: it is one of these. */
export const sampleCards = [
  { brand: 'Visa', last4: '4242', expires: '08/28' },
  { brand: 'Mastercard', last4: '4444', expires: '11/27' },
  { brand: 'Visa', last4: '1881', expires: '06/29' },
] as const
const setCard = changing(
  `update vendor.billing set card_brand = $5::json ->> 'brand', card_last4 = $5::json ->> 'last4', card_expires = $5::json ->> 'expires'
     from ours where clinic_id = ours.id returning clinic_id`,
  'billing.card',
)

const setSupport = changing(
  `update vendor.clinic c set support_access = nullif($5, 'allowed') from ours where c.id = ours.id returning c.id`,
  'support.access',
)

const orderAgain = `
  with ours as (
    select purchase.* from vendor.purchase join vendor.clinic on clinic.id = purchase.clinic_id
     where clinic.id = $1 and clinic.owner_id = $2 and clinic.suspended_at is null and purchase.number = $5
  ),
  ordered as (
    insert into vendor.purchase (number, clinic_id, currency, state)
    select 'A-' || (select 10000 + count(*) + 500 from vendor.purchase), clinic_id, currency, 'preparing' from ours
    returning number
  ),
  copied as (
    insert into vendor.purchase_line (purchase_number, item, quantity, unit_cents)
    select ordered.number, line.item, line.quantity, line.unit_cents
      from ordered, vendor.purchase_line line where line.purchase_number = $5
  )
  insert into vendor.activity (clinic_id, person_id, acted_by, acted_by_name, what)
  select $1, $2, $3, $4, 'order.again' from ordered`

export function storeRecords(records: Records) {
  const change = (text: string) => (clinic: Clinic, doer: Doer, value: string) =>
    records.happened(text, ...doing(clinic.id, doer), value)
  return {
    /** What the owner says of Acme's support in their clinic. */
    supportOf: async ({ id }: Clinic): Promise<string> =>
      (
        await records.all<{ support: string | null }>(
          'select support_access as support from vendor.clinic where id = $1',
          id,
        )
      )[0]?.support ?? 'allowed',
    setSupport: change(setSupport),
    billingOf: async ({ id }: Clinic): Promise<Billing> =>
      (await records.all<Billing>(billingOf, id)).at(0) ?? { contact: '', deliveryNote: '', card: null },
    purchasesOf: ({ id }: Clinic) => records.all<Purchase>(purchasesOf, id),
    setContact: change(setContact),
    setNote: change(setNote),
    setCard: change(setCard),
    /** False: no such order of theirs, or nothing may be ordered at the moment. */
    orderAgain: change(orderAgain),
  }
}

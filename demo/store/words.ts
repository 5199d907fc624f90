/** What the Store alone says, in both languages. To its people: *usted*. */
import { type Both, wordsOf } from '../vendor/words.ts'

const texts = {
  product: { en: 'Acme Store', es: 'Tienda Acme' },
  panel: { en: 'Owner’s panel', es: 'Panel del titular' },
  panelShort: { en: 'Panel', es: 'Panel' },
  plan: { en: 'Plan', es: 'Plan' },
  orders: { en: 'Orders', es: 'Pedidos' },
  order: { en: 'Order', es: 'Pedido' },
  billingShort: { en: 'Billing', es: 'Facturas' },
  billing: { en: 'Billing', es: 'Facturación' },
  seats: { en: 'Seats', es: 'Puestos' },
  seatsUsed: { en: '{used} of {all} seats used', es: '{used} de {all} puestos ocupados' },
  seatsFree: { en: '{free} free', es: '{free} libres' },
  included: { en: 'Included in your plan', es: 'Incluido en su plan' },
  notIncluded: { en: 'Not in your plan', es: 'No incluido en su plan' },
  seePlan: { en: 'See the plan', es: 'Ver el plan' },
  seeOrders: { en: 'See orders', es: 'Ver pedidos' },
  seeBilling: { en: 'See billing', es: 'Ver facturación' },
  seeSeats: { en: 'See seats', es: 'Ver puestos' },
  toPay: { en: 'To pay', es: 'Por pagar' },
  nothingToPay: { en: 'Nothing to pay', es: 'Nada por pagar' },
  lastOrder: { en: 'Last order', es: 'Último pedido' },
  noOrders: { en: 'No orders yet', es: 'Todavía no hay pedidos' },
  noOrdersLead: {
    en: 'What you order for your practice will stand here.',
    es: 'Aquí verá lo que pida para su consulta.',
  },
  overdueTitle: { en: '{amount} overdue', es: '{amount} vencidos' },
  overdueText: {
    en: 'Pay it to keep the account in order.',
    es: 'Páguelo para mantener la cuenta en orden.',
  },
  suspendedText: {
    en: 'The ecosystem is suspended. Once this is paid, your team can work again the same day.',
    es: 'El ecosistema está suspendido. Cuando se pague, su equipo podrá trabajar ese mismo día.',
  },
  activity: { en: 'Recent activity', es: 'Actividad reciente' },
  invoices: { en: 'Invoices', es: 'Facturas' },
  number: { en: 'Number', es: 'Número' },
  date: { en: 'Date', es: 'Fecha' },
  amount: { en: 'Amount', es: 'Importe' },
  state: { en: 'State', es: 'Estado' },
  total: { en: 'Total', es: 'Total' },
  item: { en: 'Item', es: 'Artículo' },
  quantity: { en: 'Quantity', es: 'Cantidad' },
  download: { en: 'Download', es: 'Descargar' },
  exportAll: { en: 'Export all as a table', es: 'Exportar todo como tabla' },
  payment: { en: 'Payment method', es: 'Forma de pago' },
  card: {
    en: '{brand} ending in {last4}, valid until {until}',
    es: '{brand} terminada en {last4}, válida hasta {until}',
  },
  noCard: { en: 'By bank transfer, on invoice.', es: 'Por transferencia, con factura.' },
  otherCard: { en: 'Pay with', es: 'Pagar con' },
  changeCard: { en: 'Change card', es: 'Cambiar tarjeta' },
  contact: { en: 'Who gets the bills', es: 'Quién recibe las facturas' },
  contactHint: { en: 'Their name stands on each invoice.', es: 'Su nombre figura en cada factura.' },
  note: { en: 'Delivery note', es: 'Nota de entrega' },
  noteHint: { en: 'What whoever brings a parcel should know.', es: 'Lo que debe saber quien lleve un paquete.' },
  again: { en: 'Order again', es: 'Repetir pedido' },
  backToOrders: { en: 'All orders', es: 'Todos los pedidos' },
  cancelPlan: { en: 'Cancel the plan', es: 'Dar de baja el plan' },
  cancelLead: {
    en: 'Your team loses access at the end of the month, and the data is deleted 30 days later.',
    es: 'Su equipo pierde el acceso a fin de mes y los datos se borran 30 días después.',
  },
  cancelButton: { en: 'Cancel the plan', es: 'Dar de baja' },
  notOwner: { en: 'The Store is for owners', es: 'La Tienda es para titulares' },
  notOwnerLead: {
    en: 'Plan, orders and bills of {clinic} are looked after by {owner}.',
    es: '{owner} se ocupa del plan, los pedidos y las facturas de {clinic}.',
  },
  preparing: { en: 'Being prepared', es: 'En preparación' },
  on_its_way: { en: 'On its way', es: 'En camino' },
  delivered: { en: 'Delivered', es: 'Entregado' },
  cancelled: { en: 'Cancelled', es: 'Anulado' },
  item_card_reader: { en: 'Card reader', es: 'Lector de tarjetas' },
  item_paper_rolls: { en: 'Paper rolls, box of 20', es: 'Rollos de papel, caja de 20' },
  item_sms_500: { en: 'Reminders by SMS, 500', es: 'Recordatorios por SMS, 500' },
  item_label_printer: { en: 'Label printer', es: 'Impresora de etiquetas' },
  item_labels: { en: 'Labels, roll of 250', es: 'Etiquetas, rollo de 250' },
  item_camera_kit: { en: 'Camera kit for video visits', es: 'Cámara para consultas por vídeo' },
  item_training: { en: 'Training for the team, half a day', es: 'Formación del equipo, media jornada' },
} as const satisfies Record<string, Both>

export type StoreText = keyof typeof texts
export const words = wordsOf(texts)

/** A sentence with its places filled in. */
export const filled = (sentence: string, places: Readonly<Record<string, string>>): string =>
  sentence.replace(/\{(\w+)\}/g, (place, name: string) => places[name] ?? place)

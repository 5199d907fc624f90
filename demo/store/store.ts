/** The vendor's shop and owner's panel: plan, orders, bills, seats. Under assistance it lands on the owner's panel. */
import { readFileSync } from 'node:fs'
import type { NeverAct } from '@amparo/relying-party/guards'
import type { Product } from '../vendor/outside.ts'
import { type ProductConfig, type RunningProduct, startProduct } from '../vendor/product.ts'
import { ownSessionActs } from '../vendor/sign-in.ts'
import { page } from './pages.ts'
import { storeRoutes } from './routes.ts'

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')
const opened = (en: string, es: string) => ({ needs: 'look', what: { en: `opened ${en}`, es: `abrió ${es}` } }) as const
const did = (en: string, es: string) => ({ needs: 'act', what: { en, es } }) as const
/** Refused, unless the user allowed this very thing in the middle of the help. */
const allowed = <Act extends NeverAct>(needs: Act, en: string, es: string) => ({ needs, what: { en, es } }) as const

export const store: Product = {
  id: 'store',
  home: '/',
  assistedIn: 'browser',
  lead: {
    en: 'Plan, orders and bills of your practice.',
    es: 'El plan, los pedidos y las facturas de su consulta.',
  },
  style: read('../vendor/base.css') + read('store.css'),
  mark: read('mark.svg'),
  acts: {
    ...ownSessionActs,
    'GET /': opened('the owner’s panel', 'el panel del titular'),
    'GET /plan': opened('the plan', 'el plan'),
    'GET /orders': opened('the orders', 'los pedidos'),
    'GET /orders/:number': opened('an order', 'un pedido'),
    'GET /billing': opened('the bills', 'la facturación'),
    'GET /members': opened('the list of seats', 'la lista de puestos'),
    'POST /billing/contact': did('changed who gets the bills', 'cambió quién recibe las facturas'),
    'POST /billing/note': did('changed the delivery note', 'cambió la nota de entrega'),
    'POST /orders/:number/again': did('ordered again what was ordered before', 'repitió un pedido anterior'),
    'POST /billing/card': allowed('payment_method', 'changed how is paid', 'cambió la forma de pago'),
    'POST /plan/cancellation': 'deletion',
    // Who may help in an account is never decided by whoever is helping in it.
    'POST /members/support': 'sharing',
    'GET /billing/export.csv': allowed('export', 'downloaded all bills', 'descargó todas las facturas'),
    'GET /billing/:number/document': allowed('document', 'downloaded a bill', 'descargó una factura'),
  },
  page,
  routes: storeRoutes,
}

export const startStore = (config: ProductConfig): Promise<RunningProduct> => startProduct(store, config)

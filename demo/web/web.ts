/** "My Ecosystem": the vendor's product for a clinic's people. Under assistance it lands on the user's home. */
import { readFileSync } from 'node:fs'
import type { Product } from '../vendor/outside.ts'
import { type ProductConfig, type RunningProduct, startProduct } from '../vendor/product.ts'
import { ownSessionActs } from '../vendor/sign-in.ts'
import { changingRoutes } from './changing.ts'
import { page } from './pages.ts'
import { readingRoutes } from './reading.ts'

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')
const opened = (en: string, es: string) => ({ needs: 'look', what: { en: `opened ${en}`, es: `abrió ${es}` } }) as const

export const web: Product = {
  id: 'web',
  home: '/',
  assistedIn: 'browser',
  lead: {
    en: 'Your clinic, your team and your invoices in one place.',
    es: 'Su clínica, su equipo y sus facturas en un solo lugar.',
  },
  style: read('../vendor/base.css') + read('web.css'),
  mark: read('mark.svg'),
  acts: {
    ...ownSessionActs,
    'GET /': opened('the home page', 'la página de inicio'),
    'GET /plan': opened('the plan', 'el plan'),
    'GET /members': opened('the list of members', 'la lista de miembros'),
    'GET /invoices': opened('the invoices', 'las facturas'),
    'GET /profile': opened('the profile', 'el perfil'),
    'GET /ecosystem/edit': opened('the form to edit the ecosystem', 'el formulario para editar el ecosistema'),
    'POST /ecosystem': {
      needs: 'act',
      what: { en: 'edited the ecosystem’s name and city', es: 'editó el nombre y la ciudad del ecosistema' },
    },
    'POST /profile/email': 'email',
    'POST /profile/password': 'password',
  },
  page,
  routes(app, outside) {
    readingRoutes(app, outside)
    changingRoutes(app, outside)
  },
}

export const startWeb = (config: ProductConfig): Promise<RunningProduct> => startProduct(web, config)

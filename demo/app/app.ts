/**
 * "Acme", the vendor's App for a phone: an installable page with its own sign-in, and a page of help that scans the QR
 * code of the support screen. Under assistance the phone holds a token bound to its own key, and each request shows it.
 */
import { readFileSync } from 'node:fs'
import { getCookie } from 'hono/cookie'
import { show } from '../vendor/answers.ts'
import { ordinaryCookie } from '../vendor/ordinary.ts'
import type { Product } from '../vendor/outside.ts'
import { type ProductConfig, type RunningProduct, startProduct } from '../vendor/product.ts'
import { ownSessionActs } from '../vendor/sign-in.ts'
import { type Files, fileRoutes, filesOfApp } from './files.ts'
import { helpPage, offlinePage, page, startPage } from './pages.ts'
import { helpPolicy, ownPolicy } from './policy.ts'
import { myRoutes } from './routes.ts'
import { words } from './words.ts'

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')
const opened = (en: string, es: string) => ({ needs: 'look', what: { en: `opened ${en}`, es: `abrió ${es}` } }) as const

/** Where the issuer sends the phone back to. */
export const callbackPath = '/assisted/callback'

function appWith(files: Files, { issuer, clientId }: ProductConfig): Product {
  return {
    id: 'app',
    home: '/my/',
    assistedIn: 'phone',
    lead: { en: 'Your clinic, on your phone.', es: 'Su clínica, en su teléfono.' },
    style: read('../vendor/base.css') + read('app.css'),
    mark: read('mark.svg'),
    acts: {
      ...ownSessionActs,
      'GET /my/': opened('the App’s first page', 'la primera página de la App'),
      'GET /my/team': opened('the team', 'el equipo'),
      'GET /my/invoices': opened('the invoices', 'las facturas'),
      'GET /my/me': opened('the profile', 'el perfil'),
      'POST /my/title': {
        needs: 'act',
        what: { en: 'changed the title that the team sees', es: 'cambió el cargo que ve el equipo' },
      },
      'POST /my/phone': 'phone',
    },
    page,
    open(app, outside) {
      fileRoutes(app, files)
      app.get('/', (c) => {
        if (outside.ordinary.find(getCookie(c, ordinaryCookie(outside.product)))) return c.redirect('/my/', 303)
        const language = c.get('language')
        c.header('Content-Security-Policy', ownPolicy)
        return show(c, outside, { title: words(language)('start') }, startPage(language))
      })
      app.get('/my/offline', (c) => {
        const language = c.get('language')
        c.header('Content-Security-Policy', ownPolicy)
        return show(c, outside, { title: words(language)('offline') }, offlinePage(language))
      })
      // A scanned or followed link, the typed code, and the way back from the issuer are all the one page of help.
      for (const path of ['/help', '/q', '/q/:link', callbackPath])
        app.get(path, (c) => {
          c.header('Content-Security-Policy', helpPolicy(issuer))
          return c.html(helpPage({ issuer, clientId, language: c.get('language') }))
        })
    },
    routes: myRoutes,
  }
}

export async function startApp(config: ProductConfig): Promise<RunningProduct> {
  return startProduct(appWith(await filesOfApp(), config), config)
}

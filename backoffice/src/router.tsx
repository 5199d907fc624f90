/**
 * The addresses of the console. What the agent looks at is in the address, so that a reload shows the same. One
 * assistance is there from the first load; whatever else one may go to comes when one points at it.
 */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate } from '@tanstack/react-router'
import { AssistancePage } from './assistance/AssistancePage.tsx'
import { CallerPage } from './assistance/CallerPage.tsx'
import { Broken } from './frame/Broken.tsx'
import { NotFound } from './frame/NotFound.tsx'
import { homeOf } from './frame/places.ts'
import { Shell, Waiting } from './frame/Shell.tsx'
import { part } from './parts/missing.ts'
import { useMe } from './session/session.ts'

/** Where one's work is: an auditor who helps nobody begins at the record. */
function Home() {
  return <Navigate to={homeOf(useMe().roles)} replace hash />
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: Home,
})
const assist = createRoute({ getParentRoute: () => root, path: '/assist', component: CallerPage })
const one = createRoute({ getParentRoute: () => root, path: '/assist/$id', component: AssistancePage })
/** A page of its own beside the help: `launch` is the code that it shows. */
const phone = createRoute({
  getParentRoute: () => root,
  path: '/assist/$id/phone/$surface',
  component: lazyRouteComponent(
    part(() => import('./phone/PhonePage.tsx')),
    'PhonePage',
  ),
  staticData: { bare: true },
  validateSearch: (search: Record<string, unknown>): { readonly launch?: string } =>
    typeof search.launch === 'string' ? { launch: search.launch } : {},
})
const mine = createRoute({
  getParentRoute: () => root,
  path: '/mine',
  component: lazyRouteComponent(
    part(() => import('./lists/MinePage.tsx')),
    'MinePage',
  ),
  validateSearch: (search: Record<string, unknown>): { readonly when?: 'all' } =>
    search.when === 'all' ? { when: 'all' } : {},
})

const succession = createRoute({
  getParentRoute: () => root,
  path: '/ecosystem',
  component: lazyRouteComponent(
    part(() => import('./succession/SuccessionPage.tsx')),
    'SuccessionPage',
  ),
})
const oneSuccession = createRoute({ getParentRoute: () => root, path: '/ecosystem/$id', component: AssistancePage })
const live = createRoute({
  getParentRoute: () => root,
  path: '/live',
  component: lazyRouteComponent(
    part(() => import('./lists/LivePage.tsx')),
    'LivePage',
  ),
})
const oversight = createRoute({
  getParentRoute: () => root,
  path: '/oversight',
  component: lazyRouteComponent(
    part(() => import('./oversight/OversightPage.tsx')),
    'OversightPage',
  ),
})
const surfaces = createRoute({
  getParentRoute: () => root,
  path: '/surfaces',
  component: lazyRouteComponent(
    part(() => import('./lists/SurfacesPage.tsx')),
    'SurfacesPage',
  ),
})
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(
    part(() => import('./settings/SettingsPage.tsx')),
    'SettingsPage',
  ),
})

/** What is looked for in the record, as it was typed. */
export interface AuditSearch {
  readonly q?: string
}
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(
    part(() => import('./lists/AuditPage.tsx')),
    'AuditPage',
  ),
  validateSearch: (search: Record<string, unknown>): AuditSearch => {
    const q = typeof search.q === 'string' || typeof search.q === 'number' ? String(search.q).trim() : ''
    return q === '' ? {} : { q }
  },
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    assist,
    one,
    phone,
    mine,
    succession,
    oneSuccession,
    live,
    oversight,
    audit,
    surfaces,
    settings,
  ]),
  defaultErrorComponent: Broken,
  defaultPendingComponent: Waiting,
  defaultPreload: 'intent',
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface StaticDataRouteOption {
    /** Shown without the frame around it. */
    readonly bare?: true
  }
}

/**
 * Every key of the console, in one table: the listener, the palette and the `?` sheet are made of it. A screen says with
 * `useKey` what a key does while that screen is there; a key that nobody has taken does nothing.
 *
 * Plain keys do nothing inside fields, can be switched off, and like the chords rest while a modal dialog is open. Only
 * *End now* always works.
 */
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { tinykeys } from 'tinykeys'

interface Shortcut {
  /** As tinykeys reads them: more than one where keyboards differ. */
  readonly bindings: readonly string[]
  /** As people read them. */
  readonly shown: readonly string[]
  readonly group: 'anywhere' | 'go' | 'assistance'
  /** True where every key is plain, so that typing in a field must not meet it. */
  readonly plain: boolean
  readonly evenInModals?: true
}

const plain = (group: Shortcut['group'], ...shown: readonly string[]): Shortcut => ({
  bindings: [shown.join(' ').toLowerCase()],
  shown,
  group,
  plain: true,
})
/** A character that some keyboards have behind Shift. */
const sign = (character: string, group: Shortcut['group']): Shortcut => ({
  bindings: [character, `Shift+${character}`],
  shown: [character],
  group,
  plain: true,
})

const onMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

export const shortcuts = {
  email: sign('/', 'anywhere'),
  palette: { bindings: ['$mod+KeyK'], shown: [onMac ? '⌘' : 'Ctrl', 'K'], group: 'anywhere', plain: false },
  sheet: sign('?', 'anywhere'),
  next: plain('anywhere', 'j'),
  previous: plain('anywhere', 'k'),
  assist: plain('go', 'g', 't'),
  succession: plain('go', 'g', 'e'),
  mine: plain('go', 'g', 'm'),
  live: plain('go', 'g', 'l'),
  oversight: plain('go', 'g', 'o'),
  audit: plain('go', 'g', 'a'),
  surfaces: plain('go', 'g', 'p'),
  settings: plain('go', 'g', 's'),
  inbox: plain('go', 'g', 'i'),
  running: plain('go', 'g', 'r'),
  open1: plain('assistance', '1'),
  open2: plain('assistance', '2'),
  open3: plain('assistance', '3'),
  resend: plain('assistance', 'r'),
  details: plain('assistance', 'd'),
  copySummary: plain('assistance', 'c'),
  endNow: {
    bindings: ['Alt+Shift+KeyE'],
    shown: ['Alt', 'Shift', 'E'],
    group: 'assistance',
    plain: false,
    evenInModals: true,
  },
} as const satisfies Record<string, Shortcut>

export type KeyId = keyof typeof shortcuts
export const keyIds = Object.keys(shortcuts) as readonly KeyId[]
const shortcutOf = (id: KeyId): Shortcut => shortcuts[id]

/** For `aria-keyshortcuts`. */
export const ariaKeys = (id: KeyId): string => shortcutOf(id).shown.join(shortcutOf(id).plain ? ' ' : '+')

// ── Who has taken which key ─────────────────────────────────────────────────────────────────────────────────────────

type Action = () => unknown
const taken = new Map<KeyId, readonly Action[]>()
const listeners = new Set<() => void>()
let available: readonly KeyId[] = []

function changed(id: KeyId, actions: readonly Action[]): void {
  if (actions.length === 0) taken.delete(id)
  else taken.set(id, actions)
  available = keyIds.filter((one) => taken.has(one))
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What this key does while this component is there. Nothing, where no action is given: then it is not offered either. */
export function useKey(id: KeyId, act: Action | undefined): void {
  const latest = useRef(act)
  latest.current = act
  const offered = act !== undefined
  useEffect(() => {
    if (!offered) return
    const mine: Action = () => latest.current?.()
    changed(id, [...(taken.get(id) ?? []), mine])
    return () =>
      changed(
        id,
        (taken.get(id) ?? []).filter((one) => one !== mine),
      )
  }, [id, offered])
}

/** Those that do something now. */
export const useAvailableKeys = (): readonly KeyId[] => useSyncExternalStore(subscribe, () => available)

/** Whoever came last has the key. */
export const press = (id: KeyId): unknown => taken.get(id)?.at(-1)?.()

// ── When a key may act ──────────────────────────────────────────────────────────────────────────────────────────────

const kept = 'amparo.keys'
export const plainKeysOn = (): boolean => localStorage.getItem(kept) !== 'off'
export function setPlainKeys(on: boolean): void {
  if (on) localStorage.removeItem(kept)
  else localStorage.setItem(kept, 'off')
  for (const listener of listeners) listener()
}
export const usePlainKeysOn = (): boolean => useSyncExternalStore(subscribe, plainKeysOn)

const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input:not([type=radio], [type=checkbox]), textarea, select') !== null)

const modalIsOpen = (): boolean => document.querySelector('dialog:modal') !== null

function mayAct(id: KeyId, event: KeyboardEvent): boolean {
  const shortcut = shortcutOf(id)
  if (event.defaultPrevented || event.isComposing) return false
  if (modalIsOpen() && shortcut.evenInModals !== true) return false
  return !shortcut.plain || (plainKeysOn() && !inField(event.target))
}

/** Listens to all of them, from the start to the end of the page. */
export function listenToKeys(): () => void {
  const bindings = keyIds.flatMap((id) =>
    shortcutOf(id).bindings.map((binding) => [
      binding,
      (event: KeyboardEvent) => {
        if (!taken.has(id) || !mayAct(id, event)) return
        event.preventDefault()
        press(id)
      },
    ]),
  )
  return tinykeys(window, Object.fromEntries(bindings))
}

/** What the frame's own keys do. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { type KeyId, listenToKeys, useKey } from '../parts/keys.ts'
import { has, useMe } from '../session/session.ts'
import { useAbout } from './about.ts'
import { beside, openTo, support } from './places.ts'
import { useRunning } from './running.ts'

export function useFrameKeys(openPalette: () => void, openSheet: () => void): void {
  useEffect(listenToKeys, [])
  useKey('palette', openPalette)
  useKey('sheet', openSheet)
  useKey('email', useToEmail())
  usePlaceKeys()
  const navigate = useNavigate()
  const running = useRunning()
  useKey('running', running && (() => navigate({ to: '/assist/$id', params: { id: running.id } })))
  const inbox = useAbout()?.inbox === true
  useKey('inbox', inbox ? () => window.open('/inbox', '_blank', 'noreferrer') : undefined)
}

/** Goes to the first stage and into its first field. */
export function useToEmail(): (() => void) | undefined {
  const me = useMe()
  const navigate = useNavigate()
  if (!has(me, 'agent:technical')) return undefined
  const focus = () => document.querySelector<HTMLInputElement>('main input[name="email"]')?.focus()
  return () => void navigate({ to: '/assist' }).then(focus)
}

/** Starts with this e-mail filled in; nothing more. */
export function useHelpEmail(): ((email: string) => void) | undefined {
  const me = useMe()
  const navigate = useNavigate()
  if (!has(me, 'agent:technical')) return undefined
  return (email) => {
    const hash = `email=${encodeURIComponent(email)}`
    if (location.pathname === '/assist') location.hash = hash
    else void navigate({ to: '/assist', hash })
  }
}

function usePlaceKeys(): void {
  const me = useMe()
  const navigate = useNavigate()
  const places = [...support, ...beside].filter(openTo(me.roles))
  const goTo = (key: KeyId) => {
    const place = places.find((one) => one.key === key)
    return place && (() => navigate({ to: place.to }))
  }
  useKey('assist', goTo('assist'))
  useKey('succession', goTo('succession'))
  useKey('mine', goTo('mine'))
  useKey('live', goTo('live'))
  useKey('audit', goTo('audit'))
  useKey('surfaces', goTo('surfaces'))
  useKey('settings', goTo('settings'))
}

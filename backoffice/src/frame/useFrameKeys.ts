/** What the frame's own keys do. Those of the places belong to their links. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { listenToKeys, useKey } from '../parts/keys.ts'
import { has, useMe } from '../session/session.ts'
import { useAbout } from './about.ts'
import { useRunning } from './running.ts'

export function useFrameKeys(openPalette: () => void, openSheet: () => void): void {
  useEffect(listenToKeys, [])
  useKey('palette', openPalette)
  useKey('sheet', openSheet)
  useKey('email', useToEmail())
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

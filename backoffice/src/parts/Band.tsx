/** A block in the colour of its person: blue is the agent's own, orange is the user's. Always with its word. */
import { Headset, User } from 'lucide-react'
import { type ReactNode, useId } from 'react'

interface Props {
  readonly whose: 'agent' | 'user'
  readonly title: string
  /** Nothing has to be done in it now: its colour is at its edge only. */
  readonly calm?: boolean
  readonly children: ReactNode
}

export function Band({ whose, title, calm = false, children }: Props) {
  const id = useId()
  const Icon = whose === 'agent' ? Headset : User
  return (
    <section className={calm ? `band ${whose} calm` : `band ${whose}`} aria-labelledby={id}>
      <h2 id={id}>
        <Icon size={20} aria-hidden /> {title}
      </h2>
      {children}
    </section>
  )
}

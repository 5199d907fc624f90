/** Notes of the agent and their supervisors, for each other. What is being typed survives a reload. */
import { type Assistance, noteInput } from '@amparo/contract/assistance'
import { Textarea } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { useErrorInTitle } from '../frame/title.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'
import { useKept } from './kept.ts'
import { useStep } from './useAssistance.ts'

export function Notes({ it }: { readonly it: Assistance }) {
  const { t, hour } = useWords()
  if (it.notes.length === 0 && !it.next.includes('notes')) return null
  return (
    <section className="block" aria-labelledby="notes">
      <h2 id="notes">{t('notes.title')}</h2>
      {it.notes.length > 0 && (
        <ul className="notes">
          {it.notes.map((note) => (
            <li key={note.id}>
              <p className="soft">
                <time dateTime={note.at}>{hour(note.at)}</time> · {note.by.name}
              </p>
              <p className="text">{note.text}</p>
            </li>
          ))}
        </ul>
      )}
      {it.next.includes('notes') && <AddNote it={it} />}
    </section>
  )
}

function AddNote({ it }: { readonly it: Assistance }) {
  const { t } = useWords()
  const step = useStep(it.id)
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, write] = useKept(`note.${it.id}`, '')
  const [wrong, setWrong] = useState(false)
  useErrorInTitle(wrong)
  const add = async (event: FormEvent) => {
    event.preventDefault()
    const note = noteInput.safeParse({ text })
    setWrong(!note.success)
    if (!note.success) return field.current?.focus()
    await step.run(async () => {
      const added = await wire.call('addNote', { params: { id: it.id }, body: note.data })
      // What was typed while it was on its way is the next one.
      const now = field.current?.value ?? ''
      if (added.ok && now.startsWith(text)) write(now.slice(text.length).trimStart())
      return added
    })
  }
  return (
    <form className="inline-form" onSubmit={add} noValidate>
      <Textarea
        ref={field}
        label={t('notes.label')}
        description={t('notes.hint')}
        error={wrong && t('notes.wrong')}
        value={text}
        rows={2}
        onChange={(event) => {
          write(event.currentTarget.value)
          setWrong(false)
        }}
      />
      <Press type="submit" variant="default" busy={step.busy}>
        {t('notes.add')}
      </Press>
      <Refused failure={step.failure} />
    </form>
  )
}

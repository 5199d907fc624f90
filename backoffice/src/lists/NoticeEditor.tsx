/** The supervisor's notice: one sentence that every agent reads before they start. */
import { Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Megaphone } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useKept } from '../assistance/kept.ts'
import { useErrorInTitle } from '../frame/title.tsx'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Press } from '../parts/Press.tsx'
import { Refused } from '../parts/Refused.tsx'
import { queries, useAct, wire } from '../wire.ts'
import type { SentenceId } from '../words/tables.ts'
import { useWords } from '../words/words.tsx'
import { pageOf } from './Pages.tsx'
import '../look/notice.css'

const longest = 200

export function NoticeEditor() {
  const { t, date } = useWords()
  const query = useQuery({ queryKey: ['notice'], queryFn: () => pageOf(() => wire.call('notice')) })
  const notice = query.data?.notice
  return (
    <section className="block notice-editor">
      <h2>
        <Megaphone size={20} aria-hidden /> {t('notice.title')}
      </h2>
      {notice ? (
        <figure>
          <blockquote>{notice.text}</blockquote>
          <figcaption className="soft">{t('notice.shown', { date: date(notice.at), name: notice.by.name })}</figcaption>
        </figure>
      ) : (
        query.data && <p>{t('notice.none')}</p>
      )}
      <Editor key={notice?.at ?? ''} shown={notice?.text} />
    </section>
  )
}

function Editor({ shown }: { readonly shown: string | undefined }) {
  const { t } = useWords()
  const [text, setText] = useKept('notice', shown ?? '')
  const [wrong, setWrong] = useState<SentenceId>()
  useErrorInTitle(wrong !== undefined)
  const act = useAct()
  const announce = useAnnounce()
  const publish = async (next: string | undefined) => {
    const done = await act.run(() => wire.call('setNotice', { body: next === undefined ? {} : { text: next } }))
    if (!done) return
    setText('')
    announce(t(next === undefined ? 'notice.cleared' : 'notice.saved'))
    await queries.invalidateQueries({ queryKey: ['notice'] })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const line = text.replace(/\s+/g, ' ').trim()
    const found = line === '' ? 'notice.empty' : line.length > longest ? 'notice.long' : undefined
    setWrong(found)
    if (!found) void publish(line)
  }
  return (
    <form className="inline-form" onSubmit={submit} noValidate>
      <Textarea
        rows={2}
        label={t('notice.field')}
        description={t('notice.hint')}
        error={wrong && t(wrong)}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Refused failure={act.failure} />
      <div className="acts">
        <Press type="submit" busy={act.busy}>
          {t('notice.save')}
        </Press>
        {shown !== undefined && (
          <Press variant="default" onPress={() => publish(undefined)}>
            {t('notice.clear')}
          </Press>
        )}
      </div>
    </form>
  )
}

/** One field for all qualifiers, with suggestions from the record. What cannot be read is said beside it, and nothing is searched for. */
import { type Suggested, type Suggestion, suggested } from '@amparo/contract/audit'
import { parseSearch, qualifierMeans, qualifiers, searchFaultSentence, searchText } from '@amparo/contract/search'
import { Combobox, TextInput, useCombobox } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { type FormEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useAnnounce } from '../parts/Announcer.tsx'
import { Press } from '../parts/Press.tsx'
import { wire } from '../wire.ts'
import { useWords, type Words } from '../words/words.tsx'
import { daysFor, type Place, placeIn, put, qualifiersFor } from './suggest.ts'

export function Finder({ q }: { readonly q: string }) {
  const words = useWords()
  const { t, name } = words
  const navigate = useNavigate({ from: '/audit' })
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(q)
  const [cursor, setCursor] = useState(q.length)
  /** Where the cursor is to stand once the field holds what was taken. */
  const [next, setNext] = useState<number>()
  const [open, setOpen] = useState(false)
  // Another search, from a chip or the browser's way back: the field says it, and keeps the focus where it has it.
  const [of, setOf] = useState(q)
  if (of !== q) {
    setOf(q)
    setText(q)
    setCursor(q.length)
    setNext(undefined)
  }
  const parsed = parseSearch(q)
  const wrong = parsed.ok ? undefined : parsed.faults.map((fault) => name(searchFaultSentence(fault))).join(' ')
  const place = placeIn(text, cursor)
  const options = useSuggestions(text, place, open)
  const shown = open && options.length > 0
  const box = useCombobox({ opened: shown, onOpenedChange: setOpen })
  useAnnounced(shown ? options.length : 0)
  const key = options.map(({ piece }) => piece).join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: other suggestions are others to choose from.
  useEffect(() => box.resetSelectedOption(), [key])
  useLayoutEffect(() => {
    if (next !== undefined) field.current?.setSelectionRange(next, next)
  }, [next])
  const take = (piece: string) => {
    const taken = put(text, place, piece)
    setText(taken.line)
    setCursor(taken.cursor)
    setNext(taken.cursor)
    setOpen(piece.endsWith(':'))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setOpen(false)
    const wanted = text.trim()
    void navigate({ search: wanted === '' ? {} : { q: wanted } })
  }
  return (
    <search>
      <form className="finder-form" onSubmit={submit} noValidate>
        <div className="finder-field">
          <Combobox store={box} onOptionSubmit={take} withinPortal={false}>
            <Combobox.EventsTarget withExpandedAttribute>
              <TextInput
                ref={field}
                label={t('audit.search')}
                description={t('audit.searchHint')}
                error={wrong}
                leftSection={<Search size={18} aria-hidden />}
                aria-autocomplete="list"
                autoComplete="off"
                spellCheck={false}
                value={text}
                onChange={(event) => {
                  setText(event.currentTarget.value)
                  setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length)
                  setNext(undefined)
                  setOpen(true)
                }}
                onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
                onClick={() => setOpen(true)}
                onBlur={() => setOpen(false)}
              />
            </Combobox.EventsTarget>
            {shown && (
              <Combobox.Options className="suggestions" aria-label={t('suggest.list')}>
                {options.map(({ piece, says }) => (
                  <Combobox.Option key={piece} value={piece}>
                    <span>{piece}</span> {says !== undefined && <span className="soft">{says}</span>}
                  </Combobox.Option>
                ))}
              </Combobox.Options>
            )}
          </Combobox>
        </div>
        <Press type="submit">{t('audit.go')}</Press>
      </form>
    </search>
  )
}

/** How many there are is said, since nobody hears a list open. */
function useAnnounced(count: number): void {
  const { t } = useWords()
  const announce = useAnnounce()
  useEffect(() => {
    if (count > 0) announce(t('suggest.found', { count }))
  }, [count, announce, t])
}

interface Option {
  /** As it is put into the search. */
  readonly piece: string
  readonly says: string | undefined
}

const isSuggested = (qualifier: string | undefined): qualifier is Suggested =>
  suggested.some((one) => one === qualifier)

/** So long nobody types before the record is asked. */
const restMs = 200

function useSuggestions(line: string, place: Place, open: boolean): readonly Option[] {
  const words = useWords()
  const { qualifier, text } = place
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), restMs)
    return () => clearTimeout(timer)
  }, [text])
  const of = isSuggested(qualifier) ? qualifier : undefined
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['suggestions', of, rested],
    enabled: open && of !== undefined && rested === text,
    queryFn: () => wire.call('auditSuggestions', { query: { of: of ?? 'type', text: rested } }),
    placeholderData: (before, query) => (query?.queryKey[1] === of ? keepPreviousData(before) : undefined),
    staleTime: 60_000,
  })
  if (qualifier === undefined) return ofQualifiers(line, place, words)
  const answered = data?.ok ? data.value.items : []
  const isCurrent = rested === text && !isPlaceholderData
  const ofRecord = isCurrent ? answered : answered.filter((one) => holds(one, text))
  const values = of === undefined ? daysFor(text, new Date()).map((value) => ({ value })) : ofRecord
  return values.map((one) => ({
    piece: searchText([{ qualifier, value: one.value }]),
    says: saidOf(qualifier, one, words),
  }))
}

/** Until the record has answered, what it said before serves as far as it fits what is typed by now. */
const holds = ({ value, name = '' }: Suggestion, text: string): boolean =>
  `${value}\n${name}`.toLowerCase().includes(text.toLowerCase())

function ofQualifiers(line: string, place: Place, words: Words): readonly Option[] {
  const others = line.slice(0, place.from) + line.slice(place.to)
  const taken = parseSearch(others).terms.map((term) => term.qualifier)
  return qualifiersFor(place, taken).map((piece) => {
    const qualifier = qualifiers.find((one) => piece.startsWith(`${one}:`))
    return { piece, says: qualifier && words.name(qualifierMeans[qualifier]) }
  })
}

/** What a person calls it, unless it is written there already. */
function saidOf(qualifier: string, { value, name }: { value: string; name?: string | undefined }, { t, has }: Words) {
  const ended = `ended.${value}`
  if (qualifier === 'because') return has(ended) ? t(ended) : undefined
  return name === value ? undefined : name
}

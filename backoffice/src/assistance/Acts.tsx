/** What is done as the user, newest first, as the products report it. The user reads the same list on their page. */
import type { Assistance } from '@amparo/contract/assistance'
import { useWords } from '../words/words.tsx'

export function Acts({ it }: { readonly it: Assistance }) {
  const { t, name, timeToTheSecond } = useWords()
  const nameOf = (id: string) => {
    const surface = it.surfaces.find((one) => one.surface === id)
    return surface ? name(surface.name) : id
  }
  return (
    <section className="block" aria-labelledby="acts">
      <h2 id="acts">{t('acts.title')}</h2>
      {it.acts.length === 0 ? (
        <p className="soft">{t(it.state === 'closed' ? 'acts.none' : 'acts.noneYet')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls has to be reachable by keyboard.
        <ol className="acts-list" tabIndex={0} aria-labelledby="acts">
          {it.acts.map((act) => (
            <li key={`${act.surface} ${act.count} ${act.at}`}>
              <time dateTime={act.at}>{timeToTheSecond(act.at)}</time>
              <span>
                {name(act.what)} <span className="soft">{nameOf(act.surface)}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

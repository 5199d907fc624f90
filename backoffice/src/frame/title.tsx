/** The document's title, which says where we are, and that something is wrong when it is. */
import { useEffect } from 'react'

let here = ''
/** How much on this screen is wrong: the title says so until the last of it is gone. */
let wrongs = 0

const write = (): void => {
  document.title = `${wrongs > 0 ? 'Error: ' : ''}${here} · Amparo`
}

export function useTitle(title: string, wrong = false): void {
  useEffect(() => {
    here = title
    write()
  }, [title])
  useErrorInTitle(wrong)
}

/** For what is wrong in one part of a screen: the title of the whole says so while it lasts. */
export function useErrorInTitle(wrong: boolean): void {
  useEffect(() => {
    if (!wrong) return
    wrongs += 1
    write()
    return () => {
      wrongs -= 1
      write()
    }
  }, [wrong])
}

/** The document's title, which says where we are, and that something is wrong when it is. */
import { useEffect } from 'react'

export function useTitle(title: string, wrong = false): void {
  useEffect(() => {
    document.title = `${wrong ? 'Error: ' : ''}${title} · Amparo`
  }, [title, wrong])
}

/** For what is wrong in one part of a screen: the title of the whole says so while it lasts. */
export function useErrorInTitle(wrong: boolean): void {
  useEffect(() => {
    if (!wrong || document.title.startsWith('Error: ')) return
    document.title = `Error: ${document.title}`
    return () => {
      document.title = document.title.replace(/^Error: /, '')
    }
  }, [wrong])
}

/** The document's title, which says where we are, and that something is wrong when it is. */
import { useEffect } from 'react'

export function useTitle(title: string, wrong = false): void {
  useEffect(() => {
    document.title = `${wrong ? 'Error: ' : ''}${title} · Amparo`
  }, [title, wrong])
}

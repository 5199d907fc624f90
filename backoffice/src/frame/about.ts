/** What runs on the server: asked once. */
import { useQuery } from '@tanstack/react-query'
import { wire } from '../wire.ts'

export function useAbout(): { readonly version: string; readonly inbox: boolean } | undefined {
  const query = useQuery({ queryKey: ['about'], queryFn: () => wire.call('about'), staleTime: 3_600_000 })
  return query.data?.ok ? query.data.value : undefined
}

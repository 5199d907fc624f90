/** The products by their names. */
import { useQuery } from '@tanstack/react-query'
import { wire } from '../wire.ts'
import { useWords } from '../words/words.tsx'

export function useSurfaceNames(): (id: string) => string {
  const { name } = useWords()
  const query = useQuery({ queryKey: ['surfaceNames'], queryFn: () => wire.call('surfaces'), staleTime: 600_000 })
  const surfaces = query.data?.ok ? query.data.value.surfaces : []
  return (id) => {
    const known = surfaces.find((one) => one.surface === id)
    return known ? name(known.name) : id
  }
}

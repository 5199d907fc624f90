import type { Camera } from './camera.ts'
import type { Cast } from './cast.ts'

/** A part of the product, gone through as people do, that takes each screen on its way. It begins with nobody's assistance open. */
export interface Story {
  readonly name: string
  tell(cast: Cast, camera: Camera): Promise<void>
}

/**
 * Every screen, reached as people reach it. A story goes through a part of the product and takes each screen on its way;
 * to add one, take it where it appears. Each story begins with nobody's assistance open.
 */
import type { Camera } from './camera.ts'
import type { Cast } from './cast.ts'
import { app } from './stories/app.ts'
import { desk } from './stories/desk.ts'
import { endings } from './stories/endings.ts'
import { inbox } from './stories/inbox.ts'
import { mainJob } from './stories/main-job.ts'
import { oversight } from './stories/oversight.ts'
import { powers } from './stories/powers.ts'
import { proofs } from './stories/proofs.ts'
import { store } from './stories/store.ts'
import { succession } from './stories/succession.ts'

export interface Story {
  readonly name: string
  tell(cast: Cast, camera: Camera): Promise<void>
}

export const stories: readonly Story[] = [
  mainJob,
  store,
  endings,
  proofs,
  inbox,
  desk,
  oversight,
  powers,
  succession,
  app,
]

/**
 * Every screen, reached as people reach it; to add one, take it where it appears in its story.
 */
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
import type { Story } from './story.ts'

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

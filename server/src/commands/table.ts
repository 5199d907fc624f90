/** Every command of `amparo`: one file each. A new one is written beside these and takes its place in this list. */
import { agentsCommand } from './agents.ts'
import { assistancesCommand } from './assistances.ts'
import { auditCommand } from './audit.ts'
import { backupCommand, restoreCommand } from './backup.ts'
import { configCommand } from './config.ts'
import { doctorCommand } from './doctor.ts'
import { helpCommand } from './help.ts'
import { keysCommand } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { serveCommand } from './serve.ts'
import { liftCommand, stopCommand } from './stop.ts'
import { surfacesCommand } from './surfaces.ts'
import type { Register } from './terminal.ts'

export const commands: readonly Register[] = [
  serveCommand,
  migrateCommand,
  doctorCommand,
  configCommand,
  agentsCommand,
  surfacesCommand,
  assistancesCommand,
  stopCommand,
  liftCommand,
  auditCommand,
  keysCommand,
  backupCommand,
  restoreCommand,
  // The last: it helps with the others.
  helpCommand,
]

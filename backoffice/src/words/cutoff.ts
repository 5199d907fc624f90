/** What the console says of switching assisted access off and on, both languages side by side. */
import type { Bilingual } from '@amparo/contract/words'

export const cutoffWords = {
  'cut.everything': { en: 'Assisted access is switched off.', es: 'El acceso asistido está cortado.' },
  'cut.surface': { en: '{target} is switched off.', es: 'Está cortado: {target}.' },
  'cut.ecosystem': { en: 'The ecosystem {target} is switched off.', es: 'Está cortado el ecosistema {target}.' },
  'cut.by': { en: '{name} did it ({time}): “{why}”.', es: 'Lo hizo {name} ({time}): «{why}».' },
  'cut.operator': { en: 'The operator', es: 'Operaciones' },
  'cut.wait': {
    en: 'Nothing of it can be opened or asked for until a supervisor switches it on again.',
    es: 'No se puede abrir ni pedir nada de eso hasta que un supervisor lo restablezca.',
  },
  'cut.lift': { en: 'Switch on again', es: 'Restablecer' },
  'cut.title': { en: 'Switch assisted access off', es: 'Cortar el acceso asistido' },
  'cut.lead': {
    en: 'For when something is wrong. What is open there ends at once, everywhere, and nothing new begins until it is switched on again.',
    es: 'Para cuando algo va mal. Lo que esté abierto termina al momento, en todas partes, y no empieza nada nuevo hasta restablecerlo.',
  },
  'cut.what': { en: 'What to switch off', es: 'Qué cortar' },
  'cut.all': { en: 'Everything', es: 'Todo' },
  'cut.oneSurface': { en: 'One product', es: 'Un producto' },
  'cut.oneEcosystem': { en: 'One ecosystem', es: 'Un ecosistema' },
  'cut.product': { en: 'Product', es: 'Producto' },
  'cut.id': { en: 'Id of the ecosystem', es: 'Identificador del ecosistema' },
  'cut.why': { en: 'Why, in one line', es: 'Por qué, en una línea' },
  'cut.whyHint': {
    en: 'Colleagues read it, and the record keeps it. No patients’ names.',
    es: 'Lo leen tus colegas y queda en el registro. Sin nombres de pacientes.',
  },
  'cut.whyEmpty': { en: 'Say why in a few words.', es: 'Di por qué en pocas palabras.' },
  'cut.idEmpty': { en: 'Write the id of the ecosystem.', es: 'Escribe el identificador del ecosistema.' },
  'cut.go': { en: 'Switch off now', es: 'Cortar ahora' },
  'cut.proof': {
    en: 'What you do here is done for everybody, in your name.',
    es: 'Lo que hagas aquí vale para todos, y en tu nombre.',
  },
  'cut.ask': { en: 'Switch it on again?', es: '¿Restablecerlo?' },
  'cut.askText': {
    en: 'What had ended stays ended. New help can begin.',
    es: 'Lo que terminó sigue terminado. Se podrá empezar otra ayuda.',
  },
  'cut.keepOff': { en: 'Leave it off', es: 'Dejarlo cortado' },
  'cut.done': { en: 'Switched off.', es: 'Cortado.' },
  'cut.lifted': { en: 'Switched on again.', es: 'Restablecido.' },
} as const satisfies Record<string, Bilingual>

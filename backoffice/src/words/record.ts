/** What the page of the record says beside the events: its figures, what can be searched for, and how it is taken away. Both languages side by side. */
import type { Bilingual } from '@amparo/contract/words'
import { addWords } from './late.ts'

export const recordWords = {
  'verify.signed': {
    en: 'The newest checkpoint is of {at} and signs {records, number}.',
    es: 'El último punto de control es de {at} y firma {records, number}.',
  },
  'audit.ecosystem': { en: 'Ecosystem', es: 'Ecosistema' },
  'audit.request': { en: 'Request', es: 'Petición' },
  'result.done': { en: 'Done', es: 'Hecho' },
  'result.asked': { en: 'Asked', es: 'Pedido' },
  'result.refused': { en: 'Refused', es: 'Rechazado' },
  'result.failed': { en: 'Failed', es: 'Falló' },
  'result.ended': { en: 'Ended: {because}', es: 'Final: {because}' },
  'result.alert': { en: 'To look at', es: 'Por revisar' },
  'panel.hash': { en: 'Hash in the log', es: 'Hash en el registro' },
  'take.go': { en: 'Take away', es: 'Llevar' },
  'take.title': { en: 'Take the record away', es: 'Llevar el registro' },
  'take.what': { en: 'What', es: 'Qué' },
  'take.everything': { en: 'Everything', es: 'Todo' },
  'take.many': { en: 'How much', es: 'Cuánto' },
  'take.count': {
    en: '{count, plural, one {# event} other {# events}}',
    es: '{count, plural, one {# suceso} other {# sucesos}}',
  },
  'take.more': { en: 'More than {count, number} events', es: 'Más de {count, number} sucesos' },
  'take.counting': { en: 'Counting …', es: 'Contando …' },
  'take.as': { en: 'As', es: 'Como' },
  'take.csv': { en: 'Table for a spreadsheet (CSV)', es: 'Tabla para una hoja de cálculo (CSV)' },
  'take.csvHas': {
    en: 'Each event: place, time, type, who, about whom, assistance, what it says.',
    es: 'De cada suceso: lugar, hora, tipo, quién, sobre quién, asistencia, lo que dice.',
  },
  'take.jsonl': { en: 'Exact, to be verified (JSON Lines)', es: 'Exacto, para verificar (JSON Lines)' },
  'take.jsonlHas': {
    en: 'Each event: place, id, hash, and its text byte for byte. Everything has its checkpoints too.',
    es: 'De cada suceso: lugar, id, hash y su texto byte por byte. Todo entero lleva también sus puntos de control.',
  },
  'take.pdf': { en: 'For reading (PDF)', es: 'Para leer (PDF)' },
  'take.pdfHas': {
    en: 'Each event: time, type, who, about whom, what it says, and its hash. {most, number} events at the most.',
    es: 'De cada suceso: hora, tipo, quién, sobre quién, lo que dice y su hash. {most, number} sucesos como máximo.',
  },
  'take.pdfTooMany': {
    en: 'This is more than one PDF holds. Go back and narrow the search, for example by days, or take another form.',
    es: 'Es más de lo que cabe en un PDF. Vuelve y acota la búsqueda, por ejemplo por días, o elige otra forma.',
  },
  'take.users': {
    en: 'Users are named by their id alone. That you take it is recorded.',
    es: 'Los usuarios figuran solo por su identificador. Que te lo llevas queda registrado.',
  },
  'take.broken': {
    en: 'The record does not verify: what you take away may be false. Tell whoever is responsible for security first.',
    es: 'El registro no se verifica: lo que te lleves puede ser falso. Avisa antes a quien responda de la seguridad.',
  },
  'take.brokenAnyway': { en: 'Take it all the same, as evidence', es: 'Llevarlo de todos modos, como prueba' },
  'take.back': { en: 'Go back', es: 'Volver' },
  'suggest.list': { en: 'Suggestions', es: 'Sugerencias' },
  'suggest.found': {
    en: '{count, plural, one {# suggestion} other {# suggestions}}, arrow keys to choose',
    es: '{count, plural, one {# sugerencia} other {# sugerencias}}, flechas para elegir',
  },
  'figures.title': { en: 'In figures', es: 'En cifras' },
  'figures.span': { en: '{from} to {to}, days of {zone}.', es: 'Del {from} al {to}, días de {zone}.' },
  'figures.follows': {
    en: 'They follow the days of the search (after, before) and count everybody.',
    es: 'Siguen los días de la búsqueda (after, before) y cuentan a todos.',
  },
  'figures.cut': {
    en: 'The search reaches further back: these are its last {days} days. Add before: to see earlier ones.',
    es: 'La búsqueda llega más atrás: son sus últimos {days} días. Añade before: para ver los anteriores.',
  },
  'figures.none': { en: 'There are no days to count in this search.', es: 'En esta búsqueda no hay días que contar.' },
  'figures.noneEnded': { en: 'No assistance ended in these days.', es: 'En estos días no terminó ninguna asistencia.' },
  'figures.noneAsked': { en: 'Nobody gave consent in these days.', es: 'En estos días nadie dio su permiso.' },
  'figures.noneRefused': { en: 'Nothing was refused in these days.', es: 'En estos días no se rechazó nada.' },
  'figures.asTable': { en: 'Show as table', es: 'Ver como tabla' },
  'figures.ended': { en: 'Assistances per day, by ending', es: 'Asistencias por día, según su final' },
  'figures.endedAll': {
    en: '{count, plural, one {# assistance} other {# assistances}} ended. The most in one day: {most, number}, on {day}.',
    es: '{count, plural, one {Terminó # asistencia} other {Terminaron # asistencias}}. El día con más: {day}, con {most, number}.',
  },
  'figures.columns': {
    en: 'A column for each day. {summary} The table below says each number.',
    es: 'Una columna por día. {summary} La tabla de abajo da cada número.',
  },
  'figures.kind.finished': { en: 'Finished', es: 'Terminadas' },
  'figures.kind.user': { en: 'The user refused or stopped it', es: 'El usuario la rechazó o la detuvo' },
  'figures.kind.time': { en: 'Time ran out', es: 'Se acabó el tiempo' },
  'figures.kind.agent': { en: 'Ended on the agent’s side', es: 'Por parte del agente' },
  'figures.kind.other': { en: 'Ended by others or by a fault', es: 'Por otros o por un fallo' },
  'figures.consents': { en: 'From request to consent', es: 'De la solicitud al permiso' },
  'figures.consentsAll': {
    en: '{count, plural, one {# consent} other {# consents}}. Half within {half}, nine of ten within {nine}.',
    es: '{count, plural, one {# permiso} other {# permisos}}. La mitad en {half} o menos, nueve de cada diez en {nine} o menos.',
  },
  'figures.seconds': { en: '{s, number} s', es: '{s, number} s' },
  'figures.minutes': { en: '{m, number} min', es: '{m, number} min' },
  'figures.minutesSeconds': { en: '{m, number} min {s, number} s', es: '{m, number} min {s, number} s' },
  'figures.upTo': { en: 'Under {to}', es: 'Menos de {to}' },
  'figures.fromTo': { en: '{from} to {to}', es: 'De {from} a {to}' },
  'figures.longer': { en: '{from} or more', es: '{from} o más' },
  'figures.refusals': { en: 'Refusals by cause', es: 'Rechazos según su causa' },
  'figures.refusalsAll': {
    en: '{count, plural, one {# refusal} other {# refusals}}, for {causes, plural, one {# cause} other {# causes}}.',
    es: '{count, plural, one {# rechazo} other {# rechazos}}, por {causes, plural, one {# causa} other {# causas}}.',
  },
  'figures.others': {
    en: '{causes, plural, one {# other cause} other {# other causes}}',
    es: '{causes, plural, one {# causa más} other {# causas más}}',
  },
  'figures.day': { en: 'Day', es: 'Día' },
  'figures.all': { en: 'All', es: 'Total' },
  'figures.took': { en: 'Time', es: 'Tiempo' },
  'figures.count': { en: 'Number', es: 'Número' },
  'figures.share': { en: 'Share', es: 'Parte' },
  'figures.cause': { en: 'Cause', es: 'Causa' },
  'figures.word': { en: 'In the record', es: 'En el registro' },
  'figures.look': { en: 'The record of {day}', es: 'El registro del {day}' },
} as const satisfies Record<string, Bilingual>

addWords(recordWords)

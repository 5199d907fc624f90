// Looks at a receipt in this browser: nothing of it is sent anywhere. The keys come from the page's own origin.
const form = document.querySelector('#receipt')
const field = document.querySelector('#text')
const file = document.querySelector('#file')
const answer = document.querySelector('#answer')
const words = form?.dataset ?? {}

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
const jsonOf = (text) => JSON.parse(new TextDecoder().decode(bytesOf(text)))
const sha256 = async (...parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all))
}
const same = (one, two) => one.length === two.length && one.every((byte, at) => byte === two[at])

// RFC 9162 2.1.3.2: whether the path leads from the leaf to the root.
const isIn = async ({ seq, leaf, path }, size, root) => {
  let [at, last, seen] = [seq, size - 1, bytesOf(leaf)]
  for (const hash of path.map(bytesOf)) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      seen = await sha256(Uint8Array.of(1), hash, seen)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else seen = await sha256(Uint8Array.of(1), seen, hash)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && same(seen, root)
}

const keyOf = (jwk) =>
  crypto.subtle.importKey('jwk', { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, 'Ed25519', false, ['verify'])
const isSigned = async (jwk, signature, text) => crypto.subtle.verify('Ed25519', await keyOf(jwk), signature, text)

const isCheckpointed = async (record, keys) => {
  const [text, signatures] = record.checkpoint.split('\n\n')
  const [, size, root] = text.split('\n')
  const signature = bytesOf(signatures.trim().split(' ').at(-1))
  const kid = [...signature.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const jwk = keys.find((one) => one.kid === kid)
  const signed = jwk && (await isSigned(jwk, signature.slice(4), new TextEncoder().encode(`${text}\n`)))
  return signed && record.seq < Number(size) && isIn(record, Number(size), bytesOf(root))
}

const look = async (receipt) => {
  const [head, body, signature, ...more] = receipt.split('.')
  const { alg, typ, kid } = jsonOf(head)
  if (alg !== 'EdDSA' || typ !== 'consent-receipt+jwt' || more.length > 0) return { verdict: 'bad' }
  const { keys } = await (await fetch('/receipt-keys.json')).json()
  const jwk = keys.find((one) => one.kid === kid)
  const signed = jwk && (await isSigned(jwk, bytesOf(signature), new TextEncoder().encode(`${head}.${body}`)))
  if (!signed) return { verdict: 'bad' }
  const said = jsonOf(body)
  return { verdict: !said.record || (await isCheckpointed(said.record, keys)) ? 'good' : 'bad', said }
}

const line = (name, text) => {
  const row = document.createElement('div')
  const [term, detail] = [document.createElement('dt'), document.createElement('dd')]
  ;[term.textContent, detail.textContent] = [name, text]
  row.append(term, detail)
  return row
}
/** In the reader's own hours, which are named: the page that gave the receipt has the vendor's. */
const when = (at) =>
  new Intl.DateTimeFormat(document.documentElement.lang, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(at))

const tell = ({ verdict, said }) => {
  answer.replaceChildren(
    Object.assign(document.createElement('p'), {
      className: verdict === 'good' ? 'truth done' : 'truth failed',
      textContent: words[verdict],
    }),
  )
  if (verdict !== 'good') return
  const language = document.documentElement.lang
  const list = document.createElement('dl')
  list.append(
    line(words.who, `${said.agent.name} (${said.company.name})`),
    line(words.whom, [said.user.name, said.ecosystem].filter(Boolean).join(', ')),
    line(words.why, [said.reason[language], said.reason.line].filter(Boolean).join(': ')),
    line(words.what, said.kind === 'succession' ? words.steps : said.surfaces.map((one) => one[language]).join(', ')),
    line(words.may, said.powers === 'act' ? words.act : words.see),
    line(words.from, when(said.consent.at)),
    line(words.how, words[said.consent.provedBy === 'page' ? 'page' : 'aloud']),
    ...(said.ended ? [line(words.until, when(said.ended.at))] : []),
    ...(said.record ? [line(words.place, String(said.record.seq))] : []),
  )
  answer.append(list)
}

file?.addEventListener('change', async () => {
  field.value = (await file.files[0]?.text()) ?? ''
})
let asked = 0
form?.addEventListener('submit', async (event) => {
  event.preventDefault()
  answer.replaceChildren()
  asked += 1
  const mine = asked
  const verdict = await look(field.value.trim()).catch((error) => ({
    verdict: error?.name === 'NotSupportedError' ? 'old' : 'bad',
  }))
  // A slow answer about the one before says nothing about this one.
  if (mine === asked) tell(verdict)
})

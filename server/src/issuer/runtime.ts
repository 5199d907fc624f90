/**
 * The issuer's library says at its import that Node 20 is unsupported. We run it on 20 with the whole suite and say which
 * Node we recommend where people read it; a line in the middle of a start helps nobody. Only that sentence is dropped.
 */
const [major = 0] = process.versions.node.split('.').map(Number)
const say = console.warn

if (major < 22) {
  console.warn = (...words: unknown[]) => {
    if (String(words[0]).includes('Unsupported runtime.')) console.warn = say
    else say(...words)
  }
}

// Keeps the inbox up to date and adds its keys: j and k walk through the list, c copies the code. The page works without.
const everyMs = 1000
let newest

const ready = () => {
  for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false
}

const copy = async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy)
  button.textContent = button.dataset.copied ?? '✓'
}

const swap = (fresh, id) => {
  const [here, there] = [document.getElementById(id), fresh.getElementById(id)]
  if (here && there) here.replaceChildren(...there.childNodes)
}

const renew = async () => {
  const answer = await fetch(location.href)
  if (!answer.ok) return
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const focused = document.activeElement?.getAttribute('href')
  swap(fresh, 'list')
  if (!new URLSearchParams(location.search).has('id')) {
    swap(fresh, 'shown')
    document.title = fresh.title
  }
  if (focused) document.querySelector(`#list a[href="${CSS.escape(focused)}"]`)?.focus()
  ready()
}

const look = async () => {
  if (document.hidden) return
  const answer = await fetch('/inbox/newest')
  if (!answer.ok) return
  const now = await answer.text()
  const isNews = newest !== undefined && now !== newest
  newest = now
  if (isNews) await renew()
}

const walk = (step) => {
  const links = [...document.querySelectorAll('#list li a')]
  const at = links.findIndex((link) => link.hasAttribute('aria-current'))
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.click()
}

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null
  if (button) void copy(button)
})
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return
  if (event.key === 'j') walk(1)
  if (event.key === 'k') walk(-1)
  if (event.key === 'c') document.querySelector('[data-copy]')?.click()
})
ready()
const tick = () => {
  look()
    .catch(() => {})
    .finally(() => setTimeout(tick, everyMs))
}
tick()

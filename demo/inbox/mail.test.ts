/** Mails as we write them, read by a program that is not ours. */
import { qrPng } from '@amparo/server/codes/qr'
import { addressed, bytesOf, type Mail, mailOf } from '@amparo/server/messages/mime'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'

const cover = { from: 'Clínica «Sol» <help@sol.test>', to: 'josé@correo.test', messageId: '<ob_1@sol.test>' }
const asSent = (mail: Mail) => bytesOf(addressed(cover.from, cover.to, mail, cover.messageId))
const long = 'a line that is longer than any line of a mail may be, with ñandú and 漢字 in it, '.repeat(30)

test('what a mail says is read as it was written, whatever its letters and however long its lines', async () => {
  const mail = { subject: `¿Está ahí? ${long}`.trim(), text: `.\n. one\n${long}\n=3D \n`, html: `<p>${long}</p>\n.\n` }
  const bytes = await asSent(mailOf({ ...mail, qr: 'https://sol.test/c/BCDFGHJKMNPQR', sms: '' }))
  for (const line of bytes.toString('latin1').split('\r\n')) {
    expect(line).not.toMatch(/[\r\n]/)
    expect(line.length).toBeLessThanOrEqual(78)
  }
  const read = await PostalMime.parse(bytes)
  expect(read).toMatchObject({ subject: mail.subject, from: { name: 'Clínica «Sol»', address: 'help@sol.test' } })
  expect(read.messageId).toBe(cover.messageId)
  expect([read.text, read.html].map((text) => text?.replace(/\r\n/g, '\n').trim())).toEqual([
    mail.text.trim(),
    mail.html.trim(),
  ])
  expect(read.attachments).toMatchObject([{ mimeType: 'image/png', contentId: '<qr@amparo>', disposition: 'inline' }])
  const picture = read.attachments[0]?.content
  expect(picture instanceof ArrayBuffer && Buffer.from(picture)).toEqual(qrPng('https://sol.test/c/BCDFGHJKMNPQR'))
})

test('no word of a mail becomes a header of it, and no address a second one', async () => {
  const mail = {
    subject: 'one\r\nBcc: a@b.test',
    text: 'words',
    headers: { 'X-Amparo-Channel': 'sms\r\nCc: a@b.test' },
  }
  const read = await PostalMime.parse(await asSent(mail))
  const names = read.headers.map(({ key }) => key)
  expect(names).not.toContain('bcc')
  expect(names).not.toContain('cc')
  expect(names.filter((name) => name === 'to')).toHaveLength(1)
  expect(read.to).toMatchObject([{ address: cover.to }])
})

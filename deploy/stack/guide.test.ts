/** The guide's way from an empty account to the first assistance names what the stack, the settings and the programs know. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { amparo } from '../../server/src/commands/testing.ts'
import { meanings } from '../../server/src/config.ts'
import { bridgeSettings } from '../contract/bridged.ts'
import { groups } from './stack.ts'
import { limits } from './wall.ts'

const project = join(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(project, path), 'utf8')
const guide = text('docs/guide/aws.md')
/** What would be deployed, with a bridge; stack.test.ts holds it to be that. */
const template: {
  readonly Outputs: Readonly<Record<string, object>>
  readonly Resources: Readonly<Record<string, object>>
} = JSON.parse(text('deploy/stack/__snapshots__/template.json'))
const context: Readonly<Record<string, string>> = JSON.parse(text('deploy/stack/cdk.json')).context

const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'))].map(([, block = '']) => block)
const shell = blocks('sh').flatMap((block) =>
  block
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean),
)
/** Commands stand in blocks and in the text. */
const commands = [
  ...shell,
  ...[...guide.replace(/```.*?```/gs, '').matchAll(/`((?:npm|npx|aws|cd) [^`]+)`/g)].map(([, one = '']) => one),
]
const constantCase = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()

test('every output that the guide names is one of the stack, and so is every place in its commands that waits for one', () => {
  const outputs = Object.keys(template.Outputs)
  const named = [...guide.matchAll(/\*([A-Z][a-z]+[A-Z][A-Za-z0-9]*|Dkim\d)\*/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(10)
  const logGroups = Object.keys(template.Resources).map((id) => id.replace(/[0-9A-F]{8}$/, ''))
  expect(named.filter((name) => !outputs.includes(name) && !logGroups.includes(name))).toEqual([])
  const waiting = shell.flatMap((line) => line.match(/(?<=-id )[A-Z_]+\b/g) ?? [])
  expect(waiting.length).toBeGreaterThan(5)
  expect(waiting.filter((place) => !outputs.map(constantCase).includes(place))).toEqual([])
})

test('every output of the stack stands in the guide: what nobody is told to use is not told', () => {
  expect(Object.keys(template.Outputs).filter((name) => !guide.includes(`*${name}*`) && !/^Dkim2$/.test(name))).toEqual(
    [],
  )
})

test('every setting that the guide names is known to the server, to the functions or to the suites', () => {
  const named = [...guide.replace(/```ts.*?```/gs, '').matchAll(/\bA(?:MPARO|WS)_[A-Z_]+[A-Z]\b/g)].map(
    ([name]) => name,
  )
  const source = [
    'functions/amparo.ts',
    'functions/deliver.ts',
    'contract/place.ts',
    'contract/ways.ts',
    'stack/stack.ts',
  ]
    .map((path) => text(join('deploy', path)))
    .join('\n')
  const ofAws = ['AWS_REGION', 'AWS_ACCESS_KEY_ID']
  const known = (name: string) =>
    name in meanings ||
    ofAws.includes(name) ||
    bridgeSettings.some((one) => one === name) ||
    source.includes(`'${name}'`) ||
    source.includes(`.${name}`) ||
    source.includes(`${name}:`)
  expect(new Set(named).size).toBeGreaterThan(15)
  expect([...new Set(named)].filter((name) => !known(name))).toEqual([])
})

test('every name of deploy/stack/cdk.json that the guide sets is there, nothing runs before its secrets are filled, and no bridge is asked for', () => {
  const named = [...guide.matchAll(/`"?([a-z]+[A-Z][A-Za-z]+|servers)(?:": "[^"]*")?`/g)].map(([, name = '']) => name)
  const ofTheStack = named.filter((name) => name in context)
  expect(new Set(ofTheStack)).toEqual(
    new Set([
      'servers',
      'usersPool',
      'bridgeProducts',
      'bridgeSubject',
      'operatorMail',
      'deliverReserved',
      'issuerHost',
    ]),
  )
  expect(context).toMatchObject({ servers: '0', usersPool: '', bridgeProducts: '', deliverReserved: '0' })
})

test('every command of the guide is one that its program knows, and every folder of it is there', async () => {
  const { scripts } = JSON.parse(text('package.json'))
  const known: readonly (readonly [RegExp, (match: RegExpExecArray) => boolean])[] = [
    [/^npm start( -- --aws)?$/, () => 'start' in scripts],
    [/^(?:[A-Z_]+=\S+ )*npm run (\S+)$/, ([, name = '']) => name in scripts],
    [/^npm test$/, () => 'test' in scripts],
    [/^npm ci(?: --prefix (\S+))?$/, ([, folder = '.']) => existsSync(join(project, folder, 'package-lock.json'))],
    [/^cd (\S+)$/, ([, folder = '']) => existsSync(join(project, folder))],
    [/^npx aws-cdk@2\.1148\.1 (?:deploy|bootstrap aws:\/\/ACCOUNT\/eu-west-1)$/, () => true],
    [/^npx amparo keys new \S+$/, () => true],
    [
      /^aws (\S+ \S+)((?: --[a-z-]+(?: (?:'[^']*'|(?!--)\S+))+)*)$/,
      ([, operation = '', options = '']) =>
        [...options.matchAll(/ --([a-z-]+)/g)].every(([, option = '']) => ofAws[operation]?.includes(option) === true),
    ],
  ]
  const unknown = commands
    .flatMap((line) => line.split(' && '))
    .filter(
      (line) =>
        !known.some(([form, holds]) => {
          const match = form.exec(line)
          return match !== null && holds(match)
        }),
    )
  expect(commands.length).toBeGreaterThan(12)
  expect(unknown).toEqual([])
  const help = await amparo(['keys', '--help'])
  expect([help.code, help.said]).toEqual([0, expect.stringContaining('new')])
}, 60_000)

/** What the guide asks of the `aws` command, each tried with the real one, which looks at names and shapes before it calls. */
const ofAws: Readonly<Record<string, readonly string[]>> = {
  'secretsmanager put-secret-value': ['secret-id', 'secret-string'],
  'cognito-idp describe-user-pool-client': ['user-pool-id', 'client-id', 'query', 'output'],
  'cognito-idp admin-create-user': ['user-pool-id', 'username', 'user-attributes'],
  'cognito-idp admin-add-user-to-group': ['user-pool-id', 'username', 'group-name'],
  'cognito-idp update-user-pool': [],
}

test('the groups, the limits of the wall and the files that the guide names are those that there are', () => {
  const [sentence = ''] = /The groups are [^.]*\./.exec(guide) ?? []
  expect([...sentence.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(Object.keys(groups))
  const rows = [...guide.matchAll(/^\| (products|page|sign-in|everything)[^|]*\| ([\d,]+) \|/gm)]
  expect(Object.fromEntries(rows.map(([, name = '', limit = '']) => [name, Number(limit.replace(',', ''))]))).toEqual(
    limits,
  )
  const files = [...guide.matchAll(/`((?:deploy|server|demo)\/[^`\s]+)`/g)].map(([, path = '']) => path)
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((path) => !existsSync(join(project, path)))).toEqual([])
})

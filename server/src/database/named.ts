/**
 * A statement under its name, as a connection is asked it. What its rows look like is told once a connection: a prepared statement is
 * refused by PostgreSQL before it is answered in another shape. The driver's own question asks for that each time, and makes
 * the readers of its columns anew, which costs more than reading a row.
 */
import type { Connection, CustomTypesConfig, FieldDef, PoolClient, Submittable } from 'pg'
import driver from 'pg/lib/utils.js'

/** How the rows of one statement are read. */
interface Shape {
  readonly columns: readonly { readonly name: string; read(text: string): unknown }[]
  /** A row with nothing in it yet: all rows are made of one. */
  readonly empty: object
}

/** The shapes that each connection was told, by the statement's name. */
const told = new WeakMap<Connection, Map<string, Shape>>()

function toldTo(connection: Connection): Map<string, Shape> {
  const shapes = told.get(connection) ?? new Map<string, Shape>()
  told.set(connection, shapes)
  return shapes
}

const shapeOf = (fields: readonly FieldDef[], types: CustomTypesConfig): Shape => ({
  columns: fields.map(({ name, dataTypeID }) => ({ name, read: types.getTypeParser(dataTypeID, 'text') })),
  empty: Object.fromEntries(fields.map(({ name }) => [name, null])),
})

function rowOf({ columns, empty }: Shape, texts: readonly (string | null)[]): object {
  const row: Record<string, unknown> = { ...empty }
  columns.forEach(({ name, read }, at) => {
    const text = texts[at]
    if (typeof text === 'string') row[name] = read(text)
  })
  return row
}

/** What the driver calls while an answer comes in, of a question that is not its own (as its cursors are not). */
interface Question extends Submittable {
  readonly name: string
  readonly text: string
  readonly query_timeout: number
  callback: (error: Error | null) => void
  handleRowDescription(said: { readonly fields: readonly FieldDef[] }): void
  handleDataRow(said: { readonly fields: readonly (string | null)[] }): void
  handleCommandComplete(): void
  handleEmptyQuery(): void
  handleError(error: Error): void
  handleReadyForQuery(): void
}

export interface Named {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
  readonly types: CustomTypesConfig
  readonly limitMs: number
}

/** Asks, and reads the rows; rejects with what the database or the driver says. */
export function askNamed(client: PoolClient, { name, text, values, types, limitMs }: Named): Promise<object[]> {
  const asked = new Promise<object[]>((resolve, reject) => {
    const bound = values.map(driver.prepareValue)
    const rows: object[] = []
    let shapes = new Map<string, Shape>()
    let shape: Shape | undefined
    let unreadable: Error | undefined
    const question: Question = {
      name,
      text,
      query_timeout: limitMs,
      callback: (error) => (error ? reject(error) : resolve(rows)),
      submit(connection) {
        const prepared = preparedAs(connection, name)
        if (prepared !== undefined && prepared !== text) return new Error(`two statements are named ${name}`)
        shapes = toldTo(connection)
        shape = shapes.get(name)
        connection.stream.cork()
        if (prepared === undefined) connection.parse({ name, text, types: [] }, true)
        connection.bind({ statement: name, values: bound }, true)
        if (!shape) connection.describe({ type: 'P' }, true)
        connection.execute({}, true)
        connection.sync()
        connection.stream.uncork()
        return undefined
      },
      handleRowDescription({ fields }) {
        shape = shapeOf(fields, types)
        shapes.set(name, shape)
      },
      handleDataRow({ fields }) {
        try {
          if (shape && !unreadable) rows.push(rowOf(shape, fields))
        } catch (error) {
          unreadable = error instanceof Error ? error : new Error(String(error))
        }
      },
      handleCommandComplete: () => undefined,
      handleEmptyQuery: () => undefined,
      handleError: (error) => question.callback(error),
      handleReadyForQuery: () => question.callback(unreadable ?? null),
    }
    client.query(question)
  })
  return asked.catch((error) => {
    // Where it was asked says more than the socket on which it was answered.
    Error.captureStackTrace(error)
    throw error
  })
}

/** The text that the driver knows to be prepared under this name: it notes each answer to `parse`. */
const preparedAs = (connection: Connection, name: string): unknown =>
  Reflect.get(Reflect.get(connection, 'parsedStatements'), name)

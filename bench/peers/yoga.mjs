// graphql-yoga with dataloader over the same rows and row-level security: a transaction with the settings a batch.
import { createServer } from 'node:http'
import DataLoader from 'dataloader'
import { createSchema, createYoga } from 'graphql-yoga'
import pg from 'pg'

const [port, url, settings] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 8, options: '-c search_path=voxpark' })
const scope = Object.entries(JSON.parse(settings)).map(([name, value]) => `SET LOCAL ${name} = '${value}'`).join('; ')

// Statements are prepared once a connection, as the other two do.
const named = new Map()

async function rows(text, values) {
  const client = await pool.connect()
  try {
    await client.query(`BEGIN READ ONLY; ${scope}`)
    const found = await client.query({ name: String(named.get(text) ?? named.set(text, named.size).get(text)), text, values })
    await client.query('COMMIT')
    return found.rows
  } finally {
    client.release()
  }
}

const by = (list, ids, key) => {
  const groups = new Map(ids.map((id) => [id, []]))
  for (const row of list) groups.get(row[key]).push(row)
  return ids.map((id) => groups.get(id))
}
const SEAT = 'seat_id AS id, zone_id, code, product, x_mm AS "xMm", y_mm AS "yMm"'
const loaders = () => ({
  seat: new DataLoader(async (ids) => {
    const found = new Map((await rows(`SELECT ${SEAT} FROM seat WHERE seat_id = ANY ($1)`, [ids])).map((r) => [r.id, r]))
    return ids.map((id) => found.get(id) ?? null)
  }),
  zones: new DataLoader(async (ids) =>
    by(await rows('SELECT zone_id AS id, floor_id, code FROM zone WHERE floor_id = ANY ($1) ORDER BY code', [ids]), ids, 'floor_id')),
  seats: new DataLoader(async (ids) =>
    by(await rows(
      `SELECT * FROM (SELECT ${SEAT}, row_number() OVER (PARTITION BY zone_id ORDER BY code) AS n FROM seat WHERE zone_id = ANY ($1)) s WHERE n <= 5`,
      [ids]), ids, 'zone_id')),
})

const schema = createSchema({
  typeDefs: `
    type Seat { id: ID!, code: String!, product: String!, xMm: Int!, yMm: Int! }
    type Zone { id: ID!, code: String!, seats: [Seat!]! }
    type Floor { id: ID!, zones: [Zone!]! }
    type Query { seat(id: ID!): Seat, seats(first: Int!): [Seat!]!, floor(id: ID!): Floor }`,
  resolvers: {
    Query: {
      seat: (_, { id }, { load }) => load.seat.load(id),
      seats: (_, { first }) => rows(`SELECT ${SEAT} FROM seat ORDER BY code LIMIT $1`, [first]),
      floor: (_, { id }) => ({ id }),
    },
    Floor: { zones: ({ id }, _, { load }) => load.zones.load(id) },
    Zone: { seats: ({ id }, _, { load }) => load.seats.load(id) },
  },
})
const yoga = createYoga({ schema, logging: 'error', graphiql: false, context: () => ({ load: loaders() }) })
createServer(yoga).listen(Number(port), '127.0.0.1')

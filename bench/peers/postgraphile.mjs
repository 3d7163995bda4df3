// PostGraphile over the same rows and row-level security.
import { createServer } from 'node:http'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { makePgService } from 'postgraphile/adaptors/pg'
import { postgraphile } from 'postgraphile'

const [port, url, settings] = process.argv.slice(2)
const pgSettings = JSON.parse(settings)
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: url, schemas: ['voxpark'], poolConfig: { max: 8 } })],
  grafast: { context: () => ({ pgSettings }) },
  grafserv: { graphiql: false, watch: false },
}
const server = createServer()
await postgraphile(preset).createServ(grafserv).addTo(server)
server.listen(Number(port), '127.0.0.1')

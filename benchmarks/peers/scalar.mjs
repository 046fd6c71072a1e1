// Scalar's mock server as its documentation starts it. Arguments: the OpenAPI document, the port.
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { createMockServer } from '@scalar/mock-server'

const [, , path, port] = process.argv
const app = await createMockServer({ document: JSON.parse(readFileSync(path, 'utf8')), logger: false })
serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })

// openapi-backend over node:http: it routes, authenticates and validates; handlers keep documents in a Map.
// Arguments: the OpenAPI document, the port.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { OpenAPIBackend } from 'openapi-backend'

const [, , path, port] = process.argv
const INCIDENT = '01GBA8J19SMXQWPJMX3P2ESCVG'
const documents = new Map()
const order = []

const answer = (response, status, value, headers = {}) => {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers })
  response.end(body)
}
const refuse = (response, status, type, message) =>
  answer(response, status, { type, status, request_id: randomUUID(), errors: [{ code: type, message }] })

const api = new OpenAPIBackend({ definition: JSON.parse(readFileSync(path, 'utf8')), quick: true })
api.register({
  import_postmortem_document: (context, request, response) => {
    const incident = context.request.params.id
    if (incident !== INCIDENT) return refuse(response, 404, 'not_found', 'no such incident')
    const id = `01${randomUUID().replaceAll('-', '').slice(0, 24).toUpperCase()}`
    const now = new Date().toISOString()
    const document = {
      created_at: now,
      document_url: `https://app.incident.io/my-org/incidents/123/post-mortems/${id}`,
      editors: [],
      exported_urls: [],
      id,
      incident_id: incident,
      status: 'in_progress',
      title: context.request.requestBody.title,
      type: 'in_app',
      updated_at: now,
    }
    documents.set(id, document)
    order.push(document)
    answer(response, 201, { postmortem_document: document }, { location: `/v1/postmortem_documents/${id}` })
  },
  show_postmortem_document: (context, request, response) => {
    const document = documents.get(context.request.params.id)
    if (!document) return refuse(response, 404, 'not_found', 'no such document')
    answer(response, 200, { postmortem_document: document })
  },
  list_postmortem_documents: (context, request, response) => {
    const size = Number(context.request.query.page_size ?? 25)
    const page = order.slice(-size).reverse()
    answer(response, 200, {
      postmortem_documents: page,
      pagination_meta: { page_size: size, after: page.at(-1)?.id },
    })
  },
  validationFail: (context, request, response) =>
    refuse(response, 422, 'validation_error', JSON.stringify(context.validation.errors)),
  unauthorizedHandler: (context, request, response) =>
    refuse(response, 401, 'authentication_error', 'no such key'),
  notFound: (context, request, response) => refuse(response, 404, 'not_found', 'no such path'),
})
api.registerSecurityHandler('BearerAuth', (context) =>
  context.request.headers.authorization === 'Bearer inc-test-key')
await api.init()

createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const [path, query] = request.url.split('?')
    api.handleRequest(
      { method: request.method, path, query, headers: request.headers, body: Buffer.concat(chunks).toString() },
      request, response,
    ).catch((error) => refuse(response, 500, 'api_error', String(error)))
  })
}).listen(Number(port), '127.0.0.1')

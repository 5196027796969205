/** The OpenAPI document at `/docs`, from the schemas of the routes. */
import { canonicalJson, isRecord } from '@ablate/contracts';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';

const Operation = z.looseObject({
  operationId: z.string(),
  responses: z.record(z.string(), z.looseObject({ links: z.record(z.string(), z.unknown()).optional() })),
});
const Document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), Operation)) });

/** Whose response holds an id, where, and below which path operations take it. */
const IDS = [
  { path: '/api/v1/sweeps', method: 'post', status: '202', at: '/id', below: '/api/v1/sweeps/{id}' },
  { path: '/api/v1/sweeps', method: 'get', status: '200', at: '/items/0/id', below: '/api/v1/sweeps/{id}' },
  { path: '/api/v1/sweeps/{id}/runs', method: 'get', status: '200', at: '/items/0/id', below: '/api/v1/runs/{id}' },
  {
    path: '/api/v1/runs/{id}/checkpoints',
    method: 'get',
    status: '200',
    at: '/items/0/id',
    below: '/api/v1/checkpoints/{id}',
  },
  { path: '/api/v1/runs/{id}/inspect', method: 'post', status: '202', at: '/id', below: '/api/v1/inspections/{id}' },
];

/** `GET /api/v1/sweeps/{id}/runs` is `getSweepsIdRuns`. */
const operationId = (method: string, path: string): string =>
  method +
  path
    .replace('/api/v1', '')
    .split(/[^a-zA-Z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const UNBOUNDED = new Set([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

/** A tuple of equal items as an array of that item, which every tool reads; its length has bounds of its own. */
function withoutUniformTuple(schema: Record<string, unknown>): Record<string, unknown> {
  const { prefixItems, ...rest } = schema;
  if (!Array.isArray(prefixItems)) return schema;
  const [first, ...others] = prefixItems;
  return others.every((other) => canonicalJson(other) === canonicalJson(first)) ? { ...rest, items: first } : schema;
}

/** Without the bounds of every integer in JavaScript, which are no bounds of ours, and without uniform tuples. */
function simplified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplified);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(withoutUniformTuple(value))
      .filter(([key, inner]) => !((key === 'minimum' || key === 'maximum') && UNBOUNDED.has(Number(inner))))
      .map(([key, inner]) => [key, simplified(inner)]),
  );
}

/** Links from each response with an id to the operations that take it. */
function addLinks({ paths }: z.infer<typeof Document>): void {
  for (const { path, method, status, at, below } of IDS) {
    const response = paths[path]?.[method]?.responses[status];
    if (response === undefined) throw new Error(`${method} ${path} has no response ${status}`);
    const targets = Object.entries(paths).filter(([target]) => target === below || target.startsWith(`${below}/`));
    response.links = Object.fromEntries(
      targets
        .flatMap(([, operations]) => Object.values(operations))
        .map(({ operationId: id }) => [id, { operationId: id, parameters: { id: `$response.body#${at}` } }]),
    );
  }
}

export const openApiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Ablate',
      version: '1',
      description: 'Submit a sweep of vision models, which workers train. Read the results here or in SQL.',
    },
  },
  transform: jsonSchemaTransform,
  transformObject: (document) => {
    if (!('openapiObject' in document)) throw new Error('the document is OpenAPI 3');
    const described = simplified(document.openapiObject);
    if (isRecord(described) && isRecord(described.paths))
      for (const [path, operations] of Object.entries(described.paths))
        for (const [method, operation] of Object.entries(Object(operations)))
          Object.assign(Object(operation), { operationId: operationId(method, path) });
    const parsed = Document.parse(described);
    addLinks(parsed);
    return parsed;
  },
  hideUntagged: true,
};

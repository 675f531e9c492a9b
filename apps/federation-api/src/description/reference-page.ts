import type { OpenApiDocument } from './open-api.js';
import type { JsonSchema } from './schema-book.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}
interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}
interface Readable {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** The description of the API for people: one page without scripts, from the very document that programs read. */
export function referencePage(document: OpenApiDocument): string {
  const { info, paths, components } = document as unknown as Readable;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(info.title)}</title><style>${STYLE}</style></head><body>
<header><h1>${escaped(info.title)}</h1><p>Version ${escaped(info.version)}. For programs: <a href="/openapi.json">openapi.json</a>,
<a href="/asyncapi.json">asyncapi.json</a>. What a refusal means: <a href="/errors">every code</a>.</p>${paragraphs(info.description)}</header>
<nav aria-label="Routes"><ul>${operations.map(listed).join('')}</ul></nav>
<main>${operations.map(section).join('')}
<h2>Documents and bodies</h2>${Object.entries(components.schemas).map(schemaSection).join('')}</main></body></html>`;
}

interface Routed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

const listed = ({ path, method, operation }: Routed): string =>
  `<li><a href="#${operation.operationId}"><code>${method} ${escaped(path)}</code></a></li>`;

function section({ path, method, operation }: Routed): string {
  const { summary, description, operationId, parameters = [], requestBody, responses } = operation;
  const rows = parameters.map(
    (one) =>
      `<tr><td><code>${escaped(one.name)}</code></td><td>${one.in}${one.required ? ', needed' : ''}</td><td>${short(one.schema)}</td></tr>`,
  );
  const inputs =
    rows.length > 0 ? `<table><tr><th>parameter</th><th>where</th><th>form</th></tr>${rows.join('')}</table>` : '';
  const answers = Object.entries(responses).filter(([status]) => status !== 'default');
  return `<section id="${operationId}"><h2><code>${method} ${escaped(path)}</code></h2><p>${escaped(summary)}</p><p>${escaped(description)}</p>
${inputs}${requestBody ? `<h3>Body</h3>${contentOf(requestBody)}` : ''}
${answers.map(([status, answer]) => `<h3>Answer ${status}</h3>${contentOf(answer)}`).join('')}</section>`;
}

const contentOf = ({ content = {} }: Content): string =>
  Object.entries(content)
    .map(([type, { schema }]) => `<p><code>${escaped(type)}</code>: ${short(schema)}</p>`)
    .join('') || '<p>Without a body.</p>';

const schemaSection = ([name, schema]: readonly [string, JsonSchema]): string =>
  `<section id="schema-${escaped(name)}"><h3>${escaped(name)}</h3><pre tabindex="0">${linked(JSON.stringify(schema, null, 1))}</pre></section>`;

/** What fits one line, with links to what has a name; the whole where it is small. */
function short(schema: JsonSchema): string {
  const text = JSON.stringify(schema);
  return text.length < 400
    ? `<code>${linked(text)}</code>`
    : `<pre tabindex="0">${linked(JSON.stringify(schema, null, 1))}</pre>`;
}

const linked = (json: string): string =>
  escaped(json).replaceAll(
    /\{\s*&quot;\$ref&quot;:\s*&quot;#\/components\/schemas\/(\w+)&quot;\s*\}/g,
    (_, name: string) => `<a href="#schema-${name}">${name}</a>`,
  );

const paragraphs = (text: string): string =>
  text
    .split('\n\n')
    .map((one) => `<p>${escaped(one)}</p>`)
    .join('');

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' }[sign]};`);

export const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem}
code,pre{font:14px/1.45 ui-monospace,monospace}
pre{overflow:auto;max-height:24rem;border:1px solid;border-radius:4px;padding:.6rem}
table{border-collapse:collapse;width:100%;display:block;overflow:auto}td,th{border-bottom:1px solid;padding:.3rem .6rem;text-align:left;vertical-align:top}
nav ul{columns:20rem;list-style:none;padding:0}section{margin:2.5rem 0}h2{overflow-wrap:anywhere}td{overflow-wrap:anywhere}
`;
